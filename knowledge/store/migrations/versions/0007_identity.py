"""Who signs in, what they may do, what is said about them, and what was done."""

import uuid

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0007"
down_revision = "0006"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "seal": ""}])
    installation = op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.bulk_insert(installation, [{"id": 1, "key": uuid.uuid4().hex}])
    op.create_table(
        "erasures",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("with_writing", sa.Boolean(), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_failures")),
    )
    op.create_index(op.f("ix_failures_at"), "failures", ["at"])
    op.create_table(
        "pseudonym_keys",
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_pseudonym_keys")),
    )
    op.create_table(
        "sites",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=True),
        sa.Column("public_key", sa.Text(), nullable=True),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("last_used_at", t.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", t.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("key", name=op.f("uq_sites_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "appearances",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_appearances_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_appearances")),
    )
    op.create_table(
        "claimed_groups",
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_claimed_groups_person_id")
        ),
        sa.PrimaryKeyConstraint("slug", "person_id", name=op.f("pk_claimed_groups")),
    )
    op.create_index(op.f("ix_claimed_groups_person_id"), "claimed_groups", ["person_id"])
    op.create_table(
        "hidden_topics",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_hidden_topics_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_hidden_topics")),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("seen_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"])
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("expires_at", t.UtcDateTime(), nullable=False),
        sa.Column("used_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_invitations_person_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_person_id"), "invitations", ["person_id"])
    op.create_table(
        "passwords",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("hash", sa.String(length=300), nullable=False),
        sa.Column("changed_at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_passwords_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_passwords")),
    )
    op.create_table(
        "roles",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_roles_person_id")),
        sa.PrimaryKeyConstraint("person_id", "role", "source", "topic", name=op.f("pk_roles")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("seen_at", t.UtcDateTime(), nullable=False),
        sa.Column("expires_at", t.UtcDateTime(), nullable=False),
        sa.Column("ended_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_sessions_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"])
    op.create_table(
        "objections",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_objections_document_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_objections_person_id")),
        sa.PrimaryKeyConstraint("person_id", "document_id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_document_id"), "objections", ["document_id"])
    for consent, usual in (("consent_written", True), ("consent_spoken", False)):
        op.add_column("people", sa.Column(f"{consent}_by", sa.String(length=20), nullable=True))
        # What differs from what holds of everybody was said by the directory.
        told = sa.table("people", sa.column(consent, sa.Boolean()), sa.column(f"{consent}_by"))
        said = told.update().where(told.c[consent].is_(not usual))
        op.execute(said.values({f"{consent}_by": "directory"}))
    op.add_column("people", sa.Column("disabled_at", t.UtcDateTime(), nullable=True))
    op.add_column("people", sa.Column("paused_until", t.UtcDateTime(), nullable=True))
    op.add_column("queries", sa.Column("asker", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_queries_asker"), "queries", ["asker"])
    op.add_column(
        "tokens",
        sa.Column("made_by", sa.String(length=100), nullable=False, server_default="operator"),
    )
    op.add_column("tokens", sa.Column("replaces", sa.BigInteger(), nullable=True))
    op.add_column("tokens", sa.Column("last_used_at", t.UtcDateTime(), nullable=True))
