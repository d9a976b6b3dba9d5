"""The tables of the comfort form and of the monthly review: see ``knowledge.comforting`` and
``knowledge.reviews``."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# What waits until five of a month have answered, of nobody: the key is drawn, and there is no time.
comfort_answers = Table(
    "comfort_answers",
    metadata,
    Column("drawn", String(32), primary_key=True),
    # YYYY-MM, in UTC.
    Column("month", String(7), nullable=False, index=True),
    # 1 to 5 for each question: see knowledge.comforting.KEYS.
    Column("asking", Integer, nullable=False),
    Column("mistakes", Integer, nullable=False),
    Column("sharing", Integer, nullable=False),
    Column("time", Integer, nullable=False),
)

# Who answered this month, or put the form away. What they did in earlier months is not kept.
comfort_marks = Table(
    "comfort_marks",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("month", String(7), nullable=False, index=True),
    Column("answered", Boolean, nullable=False),
)

review_decisions = Table(
    "review_decisions",
    metadata,
    Column("id", Id, primary_key=True),
    # The month that was reviewed, and the one in whose review it is to be looked at again.
    Column("month", String(7), nullable=False, index=True),
    Column("again", String(7), nullable=False, index=True),
    Column("text", Text, nullable=False),
    # Who recorded it; nobody, when they were erased.
    Column("person_id", ForeignKey("people.id"), index=True),
    # What it is to move, and of whom: see knowledge.measures.kinds. Both, or neither.
    Column("measure", String(40)),
    Column("partition", String(210)),
    # What came of it, once it was looked at again.
    Column("outcome", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("looked_at", UtcDateTime),
    sqlite_autoincrement=True,
)
