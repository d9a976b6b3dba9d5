"""What people are told by mail, and how soon they want to be."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t

revision = "0018"
down_revision = "0017"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_choices",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("matter", sa.String(length=20), nullable=False),
        sa.Column("pace", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mail_choices_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "matter", name=op.f("pk_mail_choices")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("occasion", sa.String(length=20), nullable=False),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_at", t.UtcDateTime(), nullable=True),
        sa.Column("tried_at", t.UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_outbox_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "person_id", "kind", "item_id", "occasion", name=op.f("uq_outbox_person_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_person_id"), "outbox", ["person_id"])
    op.create_index(op.f("ix_outbox_state"), "outbox", ["state"])
