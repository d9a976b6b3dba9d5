"""Questions, who may know, and what they answered."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0010"
down_revision = "0009"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("title_key", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("due_at", t.UtcDateTime(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_questions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sqlite_autoincrement=True,
    )
    for name in ("person_id", "state", "due_at", "document_id"):
        op.create_index(op.f(f"ix_questions_{name}"), "questions", [name])
    op.create_table(
        "question_people",
        sa.Column("question_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("quality", sa.Float(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("asked_at", t.UtcDateTime(), nullable=True),
        sa.Column("handed_on_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_question_people_question_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_question_people_person_id")
        ),
        sa.PrimaryKeyConstraint("question_id", "person_id", name=op.f("pk_question_people")),
    )
    for name in ("person_id", "asked_at"):
        op.create_index(op.f(f"ix_question_people_{name}"), "question_people", [name])
    op.create_table(
        "question_answers",
        sa.Column("id", _ID, nullable=False),
        sa.Column("question_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_question_answers_question_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_question_answers_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_answers")),
        sqlite_autoincrement=True,
    )
    for name in ("question_id", "person_id"):
        op.create_index(op.f(f"ix_question_answers_{name}"), "question_answers", [name])
