"""The tables of who signs in, what they may do, what is said about them, and what was done."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
)

from knowledge.store import schema

metadata, Id, UtcDateTime = schema.metadata, schema.Id, schema.UtcDateTime

# How an identity provider, or whoknows itself (issuer "local"), calls somebody who signs in.
identities = Table(
    "identities",
    metadata,
    Column("issuer", String(300), primary_key=True),
    Column("subject", String(300), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime),
)

passwords = Table(
    "passwords",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    # As argon2 writes it: with its parameters and its salt.
    Column("hash", String(300), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

# Links that let somebody choose a password, once.
invitations = Table(
    "invitations",
    metadata,
    # SHA-256 in hex, as of every secret here.
    Column("digest", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("issuer", String(300), nullable=False),
    # What the browser calls itself, cut short: for its owner to tell sessions apart.
    Column("agent", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    sqlite_autoincrement=True,
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
    # "operator", or the person who made it: what that person may not do, it does not.
    Column("made_by", String(100), nullable=False, default="operator"),
    # The token whose place it takes, which still works for a while.
    Column("replaces", BigInteger),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# Failed sign-ins, by a digest of what was tried: an address, or where from.
failures = Table(
    "failures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# Beyond what everybody may who signs in. A curator is one of a source or of a topic.
roles = Table(
    "roles",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("role", String(20), primary_key=True),
    Column("source", String(200), primary_key=True, default=""),
    Column("topic", String(200), primary_key=True, default=""),
    Column("by", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Groups that an identity provider says, anew at each sign-in; beside those of the directory.
claimed_groups = Table(
    "claimed_groups",
    metadata,
    Column("slug", String(200), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
)

# Other sites that show the search. The key is no secret: it stands in their pages.
sites = Table(
    "sites",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("key", String(64), nullable=False, unique=True),
    Column("origins", JSON, nullable=False),
    # With what the site's backend signs who is asking: algorithm and public key, or nothing.
    Column("algorithm", String(20)),
    Column("public_key", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# Topics (tags) that a person does not want to be found by.
hidden_topics = Table(
    "hidden_topics",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("topic", String(200), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# What a person says of a document as evidence about them; see knowledge.types.Objection.
objections = Table(
    "objections",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("document_id", ForeignKey("documents.id"), primary_key=True, index=True),
    Column("verdict", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# How often somebody was shown as one who knows, by day: for themselves alone.
appearances = Table(
    "appearances",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("shown", Integer, nullable=False),
)

# By which pseudonyms of a period are made; thrown away when it is over.
pseudonym_keys = Table(
    "pseudonym_keys",
    metadata,
    Column("period", String(10), primary_key=True),
    Column("key", String(64), nullable=False),
)

# Which installation this is: ids of people mean nobody in another one. Backups keep it.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("key", String(32), nullable=False),
)

# Who was erased: ids that a restored backup must not bring back.
erasures = Table(
    "erasures",
    metadata,
    # No foreign key: the person may be gone.
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("with_writing", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What was done, each row sealed with the one before: see knowledge.audit. People only as ids.
audit = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", String(100), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("seal", String(64), nullable=False),
)

# The last row of the audit, so that a row missing at the end is noticed.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("seal", String(64), nullable=False),
)
