"""The tables of what people have begun to write, and only they see."""

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

drafts = Table(
    "drafts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    # See knowledge.drafting.Form.
    Column("form", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("level", String(20)),
    Column("audience", JSON, nullable=False),
    Column("url", Text),
    Column("rough", Boolean, nullable=False),
    # Who knew the answer, if it was not the author. No foreign key: it is a mere wish.
    Column("knower", BigInteger),
    # What it changes, and from which state of it. No foreign key: the document may go meanwhile.
    Column("document_id", BigInteger, index=True),
    Column("base_revision", Integer),
    Column("base_version", String(32)),
    # Counts its saves.
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# Pictures of a draft; the bytes are among those of attachments.
draft_files = Table(
    "draft_files",
    metadata,
    Column("draft_id", ForeignKey("drafts.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("href", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", ForeignKey("blobs.digest"), nullable=False, index=True),
)
