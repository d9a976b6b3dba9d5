"""What helps those who teach: texts of the organisation's own, exemplars, milestones, reviews."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0016"
down_revision = "0015"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "own_texts",
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", t.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_own_texts")),
    )
    op.create_table(
        "exemplars",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("declined_by", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_exemplars_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_exemplars")),
    )
    op.create_table(
        "document_steps",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("target_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_document_steps_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["documents.id"], name=op.f("fk_document_steps_target_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "way", "target_id", name=op.f("pk_document_steps")),
    )
    op.create_index(op.f("ix_document_steps_target_id"), "document_steps", ["target_id"])
    _of_people()


def _of_people() -> None:
    op.create_table(
        "milestones",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", t.UtcDateTime(), nullable=False),
        sa.Column("set_at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_milestones_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_milestones_person_id"), "milestones", ["person_id"])
    op.create_table(
        "teaching_minutes",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_teaching_minutes_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "act", name=op.f("pk_teaching_minutes")),
    )
    op.create_table(
        "reader_levels",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_reader_levels_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reader_levels")),
    )
    op.create_table(
        "draft_reviews",
        sa.Column("id", _ID, nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=True),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("reviewer_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=True),
        sa.Column("asked_at", t.UtcDateTime(), nullable=False),
        sa.Column("ended_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_draft_reviews_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["people.id"], name=op.f("fk_draft_reviews_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_reviews")),
        sqlite_autoincrement=True,
    )
    for name in ("draft_id", "author_id", "reviewer_id"):
        op.create_index(op.f(f"ix_draft_reviews_{name}"), "draft_reviews", [name])
