"""Topics that are found in what is stored, and which documents are of them."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0013"
down_revision = "0012"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "topics",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("by", sa.String(length=100), nullable=True),
        sa.Column("steward_id", _ID, nullable=True),
        sa.Column("first_seen_at", t.UtcDateTime(), nullable=False),
        sa.Column("retired_at", t.UtcDateTime(), nullable=True),
        sa.Column("centre", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["steward_id"], ["people.id"], name=op.f("fk_topics_steward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_topics_steward_id"), "topics", ["steward_id"])
    op.create_table(
        "topic_documents",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("topic_id", _ID, nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("formed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_topic_documents_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_topic_documents_topic_id")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_topic_documents")),
    )
    op.create_index(op.f("ix_topic_documents_topic_id"), "topic_documents", ["topic_id"])
    op.create_table(
        "topic_runs",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.Column("model", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_runs")),
    )
