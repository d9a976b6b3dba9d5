"""The tables. Only ``migrations/`` changes them in a living database; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, naive UTC in the database: the same on every engine."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would silently shift."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times must be aware")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the time its zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


state = Table(
    "state",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("epoch", String(32), nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("speakers_consented", Boolean, nullable=False, default=False),
    sqlite_autoincrement=True,
)

audiences = Table(
    "audiences",
    metadata,
    Column("id", Id, primary_key=True),
    Column("canonical", Text, nullable=False, unique=True),
    Column("clauses", Integer, nullable=False),
    sqlite_autoincrement=True,
)

audience_tokens = Table(
    "audience_tokens",
    metadata,
    Column("audience_id", ForeignKey("audiences.id"), primary_key=True),
    Column("clause", Integer, primary_key=True),
    Column("token", String(200), primary_key=True, index=True),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(300), nullable=False),
    Column("name_key", String(300), nullable=False, index=True),
    Column("team", String(200)),
    Column("title", String(200)),
    # A directory vouches for the name, which is then shown whatever a document calls the person.
    Column("listed", Boolean, nullable=False, default=False),
    # Where the directory says that they are reached. Documents may know further addresses, which
    # their readers alone may see.
    Column("address", String(320)),
    Column("consent_written", Boolean, nullable=False, default=True),
    Column("consent_spoken", Boolean, nullable=False, default=False),
    # See knowledge.words: by the name.
    Column("suggested_by", String(2000), nullable=False, default=""),
    sqlite_autoincrement=True,
)

person_emails = Table(
    "person_emails",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
)

person_handles = Table(
    "person_handles",
    metadata,
    Column("namespace", String(200), primary_key=True),
    Column("handle", String(300), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
)

group_members = Table(
    "group_members",
    metadata,
    Column("slug", String(200), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("external_id", String(1000), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text),
    Column("body", Text, nullable=False),
    Column("level", String(20)),
    Column("audience_id", ForeignKey("audiences.id"), nullable=False, index=True),
    Column("content_hash", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime),
    Column("updated_at", UtcDateTime),
    Column("stored_at", UtcDateTime, nullable=False),
    # See knowledge.words: by title, tags and the names in it.
    Column("suggested_by", String(2000), nullable=False, default=""),
    UniqueConstraint("source_id", "external_id"),
    # Both columns, so that suggestions are found without reading the rows with their bodies.
    Index("ix_documents_suggested_by", "audience_id", "suggested_by"),
    sqlite_autoincrement=True,
)

document_tags = Table(
    "document_tags",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("tag", String(200), primary_key=True),
)

revisions = Table(
    "revisions",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
)

contributions = Table(
    "contributions",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
    Column("role", String(20), primary_key=True),
    # As this document writes it: another document's spelling may be hidden from its reader.
    Column("name", String(300), nullable=False),
    Column("weight", Float, nullable=False),
    # The place among the document's contributors as it was written, from 0.
    Column("position", Integer, nullable=False, default=0),
    Column("at", UtcDateTime),
)

passages = Table(
    "passages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("heading_path", JSON, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_hash", String(64), nullable=False, index=True),
    Column("speakers", JSON, nullable=False),
    Column("start_s", Float),
    Column("end_s", Float),
    Index("ix_passages_document_ordinal", "document_id", "ordinal"),
    # Never reuse an id: it is the id in every index, also in a stale copy of one.
    sqlite_autoincrement=True,
)

vectors = Table(
    "vectors",
    metadata,
    Column("text_hash", String(64), primary_key=True),
    Column("model", String(200), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    # No foreign key: the row outlives the document whose end it records.
    Column("document_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    # SHA-256 in hex: the secret itself is shown once and kept nowhere.
    Column("digest", String(64), nullable=False, unique=True),
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# What a POST with an Idempotency-Key made; written in the transaction that made it.
requests = Table(
    "requests",
    metadata,
    Column("owner", String(100), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("made", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

imports = Table(
    "imports",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(100), nullable=False, index=True),
    Column("file_name", String(300), nullable=False),
    # Relative to DATA/imports; nothing once the file has been given back.
    Column("stored_as", String(100)),
    Column("format", String(40), nullable=False),
    Column("source", String(200), nullable=False),
    Column("audience", Text),
    Column("dry_run", Boolean, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("error", Text),
    Column("counts", JSON, nullable=False),
    Column("runs", Integer, nullable=False, default=0),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
)

import_items = Table(
    "import_items",
    metadata,
    Column("import_id", ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("document_id", BigInteger),
)

# What was searched for, never by whom.
queries = Table(
    "queries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("intent", String(20), nullable=False),
    Column("answers", Integer, nullable=False),
    Column("confident", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("query_id", String(32), nullable=False, index=True),
    Column("passage_id", BigInteger),
    Column("person_id", BigInteger),
    Column("verdict", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

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
