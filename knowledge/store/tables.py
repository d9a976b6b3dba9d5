"""The tables. Only ``migrations/`` changes them in a living database; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from knowledge.store import draft_tables, identity_tables, reading_tables, schema, topic_tables

Id, UtcDateTime = schema.Id, schema.UtcDateTime
metadata = schema.metadata
"""All of the tables, also those of the files in ``BESIDE``."""
BESIDE = (identity_tables, draft_tables, reading_tables, topic_tables)

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
    # Where its pages stand on the web: https://wiki.example/{id}; see knowledge.addresses.
    Column("url_template", Text),
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
    # Who said so: "self" or "directory". Nobody: then the organisation's settings decide.
    Column("consent_written_by", String(20)),
    Column("consent_spoken_by", String(20)),
    # See knowledge.words: by the name.
    Column("suggested_by", String(2000), nullable=False, default=""),
    # Whom this record is part of, never somebody who is part of another. No foreign key: the rows
    # of a backup come in any order.
    Column("merged_into", BigInteger, index=True),
    # Since when they may not sign in any more.
    Column("disabled_at", UtcDateTime),
    # Until when they do not want to be asked.
    Column("paused_until", UtcDateTime),
    sqlite_autoincrement=True,
)

person_emails = Table(
    "person_emails",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    # By the directory. What documents say of addresses and handles tells whom they mean, and
    # opens nothing: anybody may write any address beside any name.
    Column("vouched", Boolean, nullable=False, default=False),
)

person_handles = Table(
    "person_handles",
    metadata,
    Column("namespace", String(200), primary_key=True),
    Column("handle", String(300), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("vouched", Boolean, nullable=False, default=False),
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
    # By which it is found, see knowledge.words: addresses are too long for an index.
    Column("url_key", String(64), index=True),
    Column("body", Text, nullable=False),
    Column("level", String(20)),
    # Its author says that it is unfinished, and of use all the same.
    Column("rough", Boolean, nullable=False, default=False),
    Column("audience_id", ForeignKey("audiences.id"), nullable=False, index=True),
    # Who may read it in its source, if that says: the audience is never wider.
    # No foreign key, which SQLite cannot add to a table that is referred to.
    Column("rights_id", BigInteger),
    Column("content_hash", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    # Since when its source no longer has it. Nobody reads it; it comes back if it is imported.
    Column("archived_at", UtcDateTime),
    # What of its source it belongs to, where an export holds only one of several such parts.
    Column("part", String(200), nullable=False, default=""),
    Column("created_at", UtcDateTime),
    Column("updated_at", UtcDateTime),
    Column("stored_at", UtcDateTime, nullable=False),
    # See knowledge.words: by title, tags and the names in it.
    Column("suggested_by", String(2000), nullable=False, default=""),
    UniqueConstraint("source_id", "external_id"),
    # All columns, so that suggestions are found without reading the rows with their bodies.
    Index("ix_documents_suggested_by", "audience_id", "archived_at", "suggested_by"),
    sqlite_autoincrement=True,
)

document_tags = Table(
    "document_tags",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("tag", String(200), primary_key=True),
)

# Links to other documents of the same source; resolved when they are shown.
links = Table(
    "links",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("href", Text, nullable=False),
    Column("target", String(1000), nullable=False),
)

# Further names by which links of the same source mean a document.
aliases = Table(
    "aliases",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("alias", String(1000), primary_key=True, index=True),
)

attachments = Table(
    "attachments",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("href", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", ForeignKey("blobs.digest"), nullable=False, index=True),
)

# The bytes of attachments, each once: by their SHA-256 in hex.
blobs = Table(
    "blobs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
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
    # Who read it when it was last the document's text. Unknown of what was stored before this was
    # kept. No foreign key: SQLite adds none to a table.
    Column("audience_id", BigInteger),
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
    # How it is to be done, and what its owner asked of it since: see knowledge.jobs.
    Column("options", JSON, nullable=False, default=dict),
    Column("wish", String(20)),
    Column("question", JSON),
    # What was found in it: see knowledge.survey.
    Column("summary", JSON),
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
    Column("losses", JSON),
)

# What was searched for, by whom only as a pseudonym that changes: see knowledge.queries.
queries = Table(
    "queries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("intent", String(20), nullable=False),
    Column("answers", Integer, nullable=False),
    Column("confident", Boolean, nullable=False),
    Column("asker", String(32), index=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("query_id", String(32), nullable=False, index=True),
    Column("passage_id", BigInteger),
    Column("person_id", BigInteger),
    # Of a whole document; ``query_id`` is empty where nobody came from a search.
    Column("document_id", BigInteger, index=True),
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

# What an administrator joined, with all that was moved, so that it can be undone.
merges = Table(
    "merges",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kept", ForeignKey("people.id"), nullable=False, index=True),
    Column("gone", ForeignKey("people.id"), nullable=False, index=True),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("moved", JSON, nullable=False),
    Column("undone_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# Two people of whom somebody said that they are two; ``one`` has the lower id.
distinctions = Table(
    "distinctions",
    metadata,
    Column("one", ForeignKey("people.id"), primary_key=True),
    Column("other", ForeignKey("people.id"), primary_key=True, index=True),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Who a transcript's label is, against or beside what its source says; nobody without a person.
speaker_assignments = Table(
    "speaker_assignments",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    # Without case, as labels are compared.
    Column("label", String(300), primary_key=True),
    Column("person_id", ForeignKey("people.id"), index=True),
    Column("name", String(300), nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What the source itself says of the speakers, of documents in which some are assigned.
speakers_told = Table(
    "speakers_told",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("told", JSON, nullable=False),
)
