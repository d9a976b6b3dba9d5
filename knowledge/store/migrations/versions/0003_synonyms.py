"""Synonyms that administrators add."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "synonyms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("term", sa.String(length=100), nullable=False),
        sa.Column("meaning", sa.String(length=100), nullable=False),
        sa.Column("both", sa.Boolean(), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonyms")),
        sqlite_autoincrement=True,
    )
