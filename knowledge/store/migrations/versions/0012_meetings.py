"""Sessions in which people learn from each other, who takes part, and what they say of it."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0012"
down_revision = "0011"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("asker_id", _ID, nullable=True),
        sa.Column("host_id", _ID, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("starts_at", t.UtcDateTime(), nullable=True),
        sa.Column("ends_at", t.UtcDateTime(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("audience_id", _ID, nullable=False),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("changed_at", t.UtcDateTime(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.String(length=32), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["asker_id"], ["people.id"], name=op.f("fk_meetings_asker_id")),
        sa.ForeignKeyConstraint(["host_id"], ["people.id"], name=op.f("fk_meetings_host_id")),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audiences.id"], name=op.f("fk_meetings_audience_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sqlite_autoincrement=True,
    )
    for name in ("asker_id", "host_id", "state", "ends_at", "audience_id"):
        op.create_index(op.f(f"ix_meetings_{name}"), "meetings", [name])
    op.create_table(
        "meeting_people",
        sa.Column("meeting_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("joined_at", t.UtcDateTime(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_people_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_meeting_people_person_id")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_meeting_people")),
    )
    op.create_index(op.f("ix_meeting_people_person_id"), "meeting_people", ["person_id"])
    op.create_table(
        "meeting_answers",
        sa.Column("drawn", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", _ID, nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("useful", sa.String(length=10), nullable=False),
        sa.Column("relevant", sa.String(length=10), nullable=False),
        sa.Column("engaging", sa.String(length=10), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_meeting_answers_meeting_id")
        ),
        sa.PrimaryKeyConstraint("drawn", name=op.f("pk_meeting_answers")),
    )
    op.create_index(op.f("ix_meeting_answers_meeting_id"), "meeting_answers", ["meeting_id"])
