"""Who read revisions; whether documents still hold, settled objections, offers, and feedback on
whole documents."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0009"
down_revision = "0008"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("revisions", sa.Column("audience_id", sa.BigInteger(), nullable=True))
    op.add_column("feedback", sa.Column("document_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_feedback_document_id"), "feedback", ["document_id"])
    op.create_table(
        "currency",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_currency_document_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_currency_person_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_currency")),
    )
    op.create_index(op.f("ix_currency_person_id"), "currency", ["person_id"])
    op.create_table(
        "doubts",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_doubts_document_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_doubts_person_id")),
        sa.PrimaryKeyConstraint("document_id", "revision", "person_id", name=op.f("pk_doubts")),
    )
    op.create_index(op.f("ix_doubts_person_id"), "doubts", ["person_id"])
    op.create_table(
        "settlements",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_settlements_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_settlements_document_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "document_id", name=op.f("pk_settlements")),
    )
    op.create_index(op.f("ix_settlements_document_id"), "settlements", ["document_id"])
    op.create_table(
        "offers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("topic_key", sa.String(length=200), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_offers_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("person_id", "kind", "topic_key", name=op.f("uq_offers_person_id")),
        sqlite_autoincrement=True,
    )
