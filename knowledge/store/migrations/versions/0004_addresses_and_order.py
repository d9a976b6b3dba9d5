"""The directory's addresses, and the order in which documents name their contributors."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("people", sa.Column("address", sa.String(length=320), nullable=True))
    # Who is listed has the directory's address; which of several it is, the next import tells.
    op.execute(
        sa.text(
            "UPDATE people SET address ="
            " (SELECT min(email) FROM person_emails WHERE person_id = people.id)"
            " WHERE listed = :yes"
            " AND (SELECT count(*) FROM person_emails WHERE person_id = people.id) = 1"
        ).bindparams(yes=True)
    )
    op.add_column(
        "contributions",
        sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
    )
