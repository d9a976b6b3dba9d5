"""What was asked before, gaps that outlive the log, and searches in three parts."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("questions", sa.Column("asked_before", sa.BigInteger(), nullable=True))
    op.add_column(
        "gaps", sa.Column("rejected", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "gap_weeks",
        sa.Column("gap_id", _ID, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("askers", sa.Integer(), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_weeks_gap_id")),
        sa.PrimaryKeyConstraint("gap_id", "period", name=op.f("pk_gap_weeks")),
    )
    # Who was unsure and who rejected may be the same people: of what was counted before it is known
    # how many there were at least.
    op.execute(
        "UPDATE search_tallies SET unsure = searches - found - empty, "
        "unsure_people = CASE WHEN rejected_people > unsure_people "
        "THEN rejected_people ELSE unsure_people END, "
        "unsure_others = CASE WHEN empty_people > found_people "
        "THEN empty_people ELSE found_people END"
    )
    op.drop_column("search_tallies", "rejected_people")
