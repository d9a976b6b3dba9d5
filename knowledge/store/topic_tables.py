"""The tables of the topics that are found in what is stored."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
)

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# What is about the same. Ids last from run to run; one that no run finds any more is retired.
topics = Table(
    "topics",
    metadata,
    Column("id", Id, primary_key=True),
    # What somebody called it; where nobody did, each reader gets the words of what they may read.
    Column("name", String(100)),
    Column("by", String(100)),
    Column("steward_id", ForeignKey("people.id"), index=True),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),
    # The middle of the documents that formed it: float32, of length 1.
    Column("centre", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Of which topic a document is. ``formed``: it took part in finding the topic, not only joined it.
topic_documents = Table(
    "topic_documents",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("topic_id", ForeignKey("topics.id"), nullable=False, index=True),
    Column("weight", Float, nullable=False),
    Column("formed", Boolean, nullable=False),
    # The words are of this text, and say nothing of another.
    Column("revision", Integer, nullable=False),
    Column("words", JSON, nullable=False),
)

# When topics were found, in one row.
topic_runs = Table(
    "topic_runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("model", String(300), nullable=False),
)
