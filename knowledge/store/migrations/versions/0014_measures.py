"""Measures: what they are made of, what is published of them, goals and interventions."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0014"
down_revision = "0013"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reading_days",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_reading_days_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_reading_days")),
    )
    op.create_index(op.f("ix_reading_days_day"), "reading_days", ["day"])
    op.create_table(
        "readings",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_readings_person_id")),
        sa.PrimaryKeyConstraint("person_id", "month", "document_id", name=op.f("pk_readings")),
    )
    op.create_index(op.f("ix_readings_month"), "readings", ["month"])
    op.create_table(
        "search_tallies",
        sa.Column("day", sa.String(length=10), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _TALLIED),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_search_tallies")),
    )
    op.create_table(
        "comfort_batches",
        sa.Column("drawn", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SCORES),
        sa.PrimaryKeyConstraint("drawn", name=op.f("pk_comfort_batches")),
    )
    op.create_index(op.f("ix_comfort_batches_month"), "comfort_batches", ["month"])
    _publish()
    _aim()


_TALLIED = (
    *("searches", "found", "empty", "unsure", "found_people", "found_others"),
    *("empty_people", "empty_others", "unsure_people", "unsure_others", "rejected_people"),
)
_SCORES = ("ones", "twos", "threes", "fours", "fives")


def _publish() -> None:
    op.create_table(
        "measure_months",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_measure_months")),
    )
    op.create_table(
        "measure_figures",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("partition", sa.String(length=210), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("numerator", sa.Float(), nullable=False),
        sa.Column("denominator", sa.Float(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("others", sa.Integer(), nullable=True),
        sa.Column("told", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["month"], ["measure_months.month"], name=op.f("fk_measure_figures_month")
        ),
        sa.PrimaryKeyConstraint("month", "measure", "partition", name=op.f("pk_measure_figures")),
    )


def _aim() -> None:
    op.create_table(
        "goals",
        sa.Column("id", _ID, nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("partition", sa.String(length=210), nullable=False),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("due", sa.String(length=7), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_goals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_goals_person_id"), "goals", ["person_id"])
    op.create_table(
        "interventions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("start", sa.String(length=7), nullable=False),
        sa.Column("partitions", sa.JSON(), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_interventions_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interventions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_interventions_person_id"), "interventions", ["person_id"])
