"""The tables of what is measured: see ``knowledge.measures``."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKey, Integer, String, Table

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# On which days somebody read something, and what in which month; until the month is published.
reading_days = Table(
    "reading_days",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("day", String(10), primary_key=True, index=True),
)

readings = Table(
    "readings",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("month", String(7), primary_key=True, index=True),
    # No foreign key: that somebody read it stays true when it is gone.
    Column("document_id", BigInteger, primary_key=True, autoincrement=False),
    # Where it stood among the answers of a search from which it was opened, from 1.
    Column("place", Integer),
)

# What came of the searches of a week, or of the part of it that is in one month. The log forgets
# them; here is nobody, only how many different people there were at least.
search_tallies = Table(
    "search_tallies",
    metadata,
    # Its first day.
    Column("day", String(10), primary_key=True),
    Column("searches", Integer, nullable=False),
    Column("found", Integer, nullable=False),
    Column("empty", Integer, nullable=False),
    Column("unsure", Integer, nullable=False),
    # How many different people were among those of each, and among all others.
    Column("found_people", Integer, nullable=False),
    Column("found_others", Integer, nullable=False),
    Column("empty_people", Integer, nullable=False),
    Column("empty_others", Integer, nullable=False),
    Column("unsure_people", Integer, nullable=False),
    Column("unsure_others", Integer, nullable=False),
)

# What the anonymous pulse said, a row for each whole batch: how many gave each score. The key is
# drawn, and there is no time but the month.
comfort_batches = Table(
    "comfort_batches",
    metadata,
    Column("drawn", String(32), primary_key=True),
    Column("month", String(7), nullable=False, index=True),
    Column("question", Integer, nullable=False),
    Column("ones", Integer, nullable=False),
    Column("twos", Integer, nullable=False),
    Column("threes", Integer, nullable=False),
    Column("fours", Integer, nullable=False),
    Column("fives", Integer, nullable=False),
)

# Months that are published. What was published is never computed again.
measure_months = Table(
    "measure_months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

measure_figures = Table(
    "measure_figures",
    metadata,
    Column("month", ForeignKey("measure_months.month"), primary_key=True),
    Column("measure", String(40), primary_key=True),
    # See knowledge.measures.kinds: "company", "team:NAME", "no-team" or "others".
    Column("partition", String(210), primary_key=True),
    # Of the measure's definition.
    Column("version", Integer, nullable=False),
    # What nobody is told, and what is.
    Column("value", Float, nullable=False),
    Column("numerator", Float, nullable=False),
    Column("denominator", Float, nullable=False),
    Column("people", Integer),
    Column("others", Integer),
    Column("told", Float),
)

# What a measure should be by a month.
goals = Table(
    "goals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("measure", String(40), nullable=False),
    Column("partition", String(210), nullable=False),
    Column("target", Float, nullable=False),
    Column("due", String(7), nullable=False),
    # Who set it; nobody, when they were erased since.
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# What was done so that a measure moves, where, and from which month on.
interventions = Table(
    "interventions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("measure", String(40), nullable=False),
    Column("start", String(7), nullable=False),
    # The partitions that it concerns.
    Column("partitions", JSON, nullable=False),
    # Who noted it; nobody, when they were erased since.
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
