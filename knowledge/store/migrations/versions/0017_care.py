"""Who looks after documents, what replaces them, and what was handed over."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0017"
down_revision = "0016"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "care",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("owner_id", _ID, nullable=True),
        sa.Column("review_at", t.UtcDateTime(), nullable=True),
        sa.Column("every_months", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_care_document_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_care_owner_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_care")),
    )
    op.create_index(op.f("ix_care_owner_id"), "care", ["owner_id"])
    op.create_index(op.f("ix_care_review_at"), "care", ["review_at"])
    op.create_table(
        "successors",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("successor_id", _ID, nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_successors_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["documents.id"], name=op.f("fk_successors_successor_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "successor_id", name=op.f("pk_successors")),
    )
    op.create_index(op.f("ix_successors_successor_id"), "successors", ["successor_id"])
    op.create_table(
        "handovers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.Column("undone_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_handovers_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_handovers_person_id"), "handovers", ["person_id"])
    op.create_table(
        "handover_items",
        sa.Column("handover_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("to_id", _ID, nullable=False),
        sa.Column("before_id", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", t.UtcDateTime(), nullable=True),
        sa.Column("declined_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("fk_handover_items_handover_id")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["people.id"], name=op.f("fk_handover_items_to_id")),
        sa.PrimaryKeyConstraint("handover_id", "kind", "item_id", name=op.f("pk_handover_items")),
    )
    op.create_index(op.f("ix_handover_items_to_id"), "handover_items", ["to_id"])
