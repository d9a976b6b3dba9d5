"""The tables of what words mean, what is searched for in vain, and who waits for an answer."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
)

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# What else a term of the company's jargon is called.
synonyms = Table(
    "synonyms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("term", String(100), nullable=False),
    Column("meaning", String(100), nullable=False),
    Column("both", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# What several people searched for and did not find; see knowledge.gaps. Of the searches themselves
# nothing is here but words that so many used that they are nobody's.
gaps = Table(
    "gaps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("text", String(500), nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("state", String(20), nullable=False),
    # Since when it is in that state.
    Column("changed_at", UtcDateTime, nullable=False),
    # Who brought it there: "searches", "answer", or a person.
    Column("by", String(100), nullable=False),
    # When searches last showed it, and when it was last tried whether it is answered.
    Column("seen_at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime),
    # Whether most who failed had an answer and rejected it: then another search for it tells
    # nothing.
    Column("rejected", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,
)

# The weeks in which so many people failed that it was told, when they are over: the log forgets
# the searches.
gap_weeks = Table(
    "gap_weeks",
    metadata,
    Column("gap_id", ForeignKey("gaps.id"), primary_key=True),
    # Such as 2026-W05.
    Column("period", String(8), primary_key=True),
    Column("askers", Integer, nullable=False),
    Column("searches", Integer, nullable=False),
)

# What somebody wants to be told of when it can be answered. Only they see it.
wishes = Table(
    "wishes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("text", String(500), nullable=False),
    # Without case and further spaces: nobody wishes for the same twice.
    Column("text_key", String(500), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime),
    # Since when they are told that it can be answered.
    Column("told_at", UtcDateTime),
    UniqueConstraint("person_id", "text_key"),
    sqlite_autoincrement=True,
)
