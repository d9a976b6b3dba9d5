"""The tables of who looks after documents, what replaces them, and what was handed over."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# What was decided of a document's care; what has no row is its main author's.
care = Table(
    "care",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    # To whom it was passed on; None: its main author.
    Column("owner_id", ForeignKey("people.id"), index=True),
    # Until when it is to be looked at again, and how many months after that it is again.
    Column("review_at", UtcDateTime, index=True),
    Column("every_months", Integer),
)

# What replaced a document: of several, whoever said the one may not read the other. ``merged``: its
# text and those who made it went into the other one.
successors = Table(
    "successors",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("successor_id", ForeignKey("documents.id"), primary_key=True, index=True),
    Column("merged", Boolean, nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# All that somebody owned, given to others at once.
handovers = Table(
    "handovers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# One thing of it: a document, a topic, an open question or a session, and who got it.
handover_items = Table(
    "handover_items",
    metadata,
    Column("handover_id", ForeignKey("handovers.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    # No foreign key: each kind has a table of its own, and the thing may go.
    Column("item_id", BigInteger, primary_key=True, autoincrement=False),
    Column("to_id", ForeignKey("people.id"), nullable=False, index=True),
    # The owner whom it had by decision before; None: by default.
    Column("before_id", BigInteger),
    Column("seen_at", UtcDateTime),
    Column("declined_at", UtcDateTime),
)
