"""The tables of the sessions in which people learn from each other: see ``knowledge.meeting``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, Text

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

meetings = Table(
    "meetings",
    metadata,
    Column("id", Id, primary_key=True),
    # Who wished for it, and who holds it: one of them, or both. Nobody, when they were erased.
    Column("asker_id", ForeignKey("people.id"), index=True),
    Column("host_id", ForeignKey("people.id"), index=True),
    # See knowledge.meeting.Format and State.
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("title", String(300), nullable=False),
    Column("description", Text, nullable=False),
    Column("level", String(20)),
    Column("starts_at", UtcDateTime),
    Column("ends_at", UtcDateTime, index=True),
    Column("minutes", Integer, nullable=False),
    Column("place", Text, nullable=False),
    # How many can take part; nothing: as many as wish.
    Column("seats", Integer),
    Column("audience_id", ForeignKey("audiences.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    # How often it changed, for calendars.
    Column("sequence", Integer, nullable=False),
    # With which its transcript was handed in, and what came of that. No foreign keys: both may go.
    Column("import_id", String(32)),
    Column("document_id", BigInteger),
    sqlite_autoincrement=True,
)

# Who takes part. Who came, as the host says; who answered the poll, and not when, so that no answer
# can be told from its time.
meeting_people = Table(
    "meeting_people",
    metadata,
    Column("meeting_id", ForeignKey("meetings.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("came", Boolean),
    Column("answered", Boolean, nullable=False),
)

# What those who came say of it, of nobody: the key is drawn, and there is no time.
meeting_answers = Table(
    "meeting_answers",
    metadata,
    Column("drawn", String(32), primary_key=True),
    Column("meeting_id", ForeignKey("meetings.id"), nullable=False, index=True),
    # The fives in which they are told.
    Column("batch", Integer, nullable=False),
    Column("useful", String(10), nullable=False),
    Column("relevant", String(10), nullable=False),
    Column("engaging", String(10), nullable=False),
    Column("line", Text, nullable=False),
)
