"""People who turn out to be one, people who do not, and who a transcript's labels are."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0006"
down_revision = "0005"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("people", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_people_merged_into"), "people", ["merged_into"])
    op.create_table(
        "merges",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kept", _ID, nullable=False),
        sa.Column("gone", _ID, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["kept"], ["people.id"], name=op.f("fk_merges_kept")),
        sa.ForeignKeyConstraint(["gone"], ["people.id"], name=op.f("fk_merges_gone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_merges_kept"), "merges", ["kept"])
    op.create_index(op.f("ix_merges_gone"), "merges", ["gone"])
    op.create_table(
        "distinctions",
        sa.Column("one", _ID, nullable=False),
        sa.Column("other", _ID, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["one"], ["people.id"], name=op.f("fk_distinctions_one")),
        sa.ForeignKeyConstraint(["other"], ["people.id"], name=op.f("fk_distinctions_other")),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_distinctions")),
    )
    op.create_index(op.f("ix_distinctions_other"), "distinctions", ["other"])
    op.create_table(
        "speaker_assignments",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_speaker_assignments_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_speaker_assignments_person_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "label", name=op.f("pk_speaker_assignments")),
    )
    op.create_index(op.f("ix_speaker_assignments_person_id"), "speaker_assignments", ["person_id"])
    op.create_table(
        "speakers_told",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_speakers_told_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_speakers_told")),
    )
