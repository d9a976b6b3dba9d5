"""The tables of what helps those who teach, and those who learn from them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
)

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# Guides and templates as the organisation has them; what is not here is as it was shipped.
own_texts = Table(
    "own_texts",
    metadata,
    Column("slug", String(60), primary_key=True),
    # See knowledge.guides.TextKind.
    Column("kind", String(20), nullable=False),
    Column("title", String(300), nullable=False),
    Column("body", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

# Documents to learn writing from.
exemplars = Table(
    "exemplars",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("why", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    # One of its authors does not want it there; kept, so that nobody puts it there again.
    Column("declined", Boolean, nullable=False),
    # Who, as an actor: they alone take it back.
    Column("declined_by", String(100)),
)

# What to read before a document, and what to go on with.
document_steps = Table(
    "document_steps",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    # See knowledge.steps.Way.
    Column("way", String(10), primary_key=True),
    Column("target_id", ForeignKey("documents.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

# What somebody means to do, for themselves alone.
milestones = Table(
    "milestones",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    # See knowledge.milestones.Deed.
    Column("deed", String(20), nullable=False),
    Column("number", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    # From when on it is counted.
    Column("set_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# How long somebody says that one act of a kind takes them.
teaching_minutes = Table(
    "teaching_minutes",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    # See knowledge.teaching_time.Act.
    Column("act", String(20), primary_key=True),
    Column("minutes", Integer, nullable=False),
)

# For whom what somebody reads should be written.
reader_levels = Table(
    "reader_levels",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("level", String(20), nullable=False),
)

# A colleague's look at a draft, which its author asked for.
draft_reviews = Table(
    "draft_reviews",
    metadata,
    Column("id", Id, primary_key=True),
    # Nothing, when the draft is gone: then its review tells only when it was given. No foreign key.
    Column("draft_id", BigInteger, index=True),
    Column("author_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("reviewer_id", ForeignKey("people.id"), nullable=False, index=True),
    # See knowledge.reviewing.State.
    Column("state", String(20), nullable=False),
    Column("wish", Text, nullable=False),
    Column("comment", Text, nullable=False),
    # By knowledge.hints.About: whether the reviewer finds it.
    Column("points", JSON, nullable=False),
    # Of which save of the draft the reviewer speaks.
    Column("draft_version", Integer),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    sqlite_autoincrement=True,
)
