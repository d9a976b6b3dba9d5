"""The tables of what readers and people say: whether a document still holds, what of evidence was
settled, and what somebody would teach or learn."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# What somebody who may judge it says of a document. It is said of a text: of another revision, it
# says nothing.
currency = Table(
    "currency",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    # Nobody, when they were erased since.
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("at", UtcDateTime, nullable=False),
)

# Readers who think that a revision is out of date. Who they are is counted and never told.
doubts = Table(
    "doubts",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
    Column("reason", String(500), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Objections that somebody has dealt with; one that is raised again is open again.
settlements = Table(
    "settlements",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("document_id", ForeignKey("documents.id"), primary_key=True, index=True),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What somebody would teach, or wants to learn.
offers = Table(
    "offers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("topic", String(200), nullable=False),
    # Without case and further spaces: nobody offers the same twice.
    Column("topic_key", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("person_id", "kind", "topic_key"),
    sqlite_autoincrement=True,
)
