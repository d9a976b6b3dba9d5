"""Which of those who may know a question's answer hold its topic."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column(
        "question_people",
        sa.Column("holder", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
