"""The comfort form, and what is decided in monthly reviews."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0015"
down_revision = "0014"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "comfort_answers",
        sa.Column("drawn", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("asking", sa.Integer(), nullable=False),
        sa.Column("mistakes", sa.Integer(), nullable=False),
        sa.Column("sharing", sa.Integer(), nullable=False),
        sa.Column("time", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("drawn", name=op.f("pk_comfort_answers")),
    )
    op.create_index(op.f("ix_comfort_answers_month"), "comfort_answers", ["month"])
    op.create_table(
        "comfort_marks",
        sa.Column("person_id", _ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_comfort_marks_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_comfort_marks")),
    )
    op.create_index(op.f("ix_comfort_marks_month"), "comfort_marks", ["month"])
    op.create_table(
        "review_decisions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("again", sa.String(length=7), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("measure", sa.String(length=40), nullable=True),
        sa.Column("partition", sa.String(length=210), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.Column("looked_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_review_decisions_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decisions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_review_decisions_person_id"), "review_decisions", ["person_id"])
    op.create_index(op.f("ix_review_decisions_month"), "review_decisions", ["month"])
    op.create_index(op.f("ix_review_decisions_again"), "review_decisions", ["again"])
