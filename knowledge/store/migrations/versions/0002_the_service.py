"""The service: tokens, imports, requests, queries and feedback; names as documents write them."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t
from knowledge.words import suggest_key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("query_id", sa.String(length=32), nullable=False),
        sa.Column("passage_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_feedback_query_id"), "feedback", ["query_id"])

    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("stored_as", sa.String(length=100), nullable=True),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("started_at", t.UtcDateTime(), nullable=True),
        sa.Column("finished_at", t.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_owner"), "imports", ["owner"])
    op.create_index(op.f("ix_imports_state"), "imports", ["state"])

    op.create_table(
        "queries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(length=20), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("confident", sa.Boolean(), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queries")),
    )
    op.create_index(op.f("ix_queries_at"), "queries", ["at"])

    op.create_table(
        "requests",
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made", sa.String(length=40), nullable=False),
        sa.Column("at", t.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_requests")),
    )
    op.create_index(op.f("ix_requests_at"), "requests", ["at"])

    op.create_table(
        "import_items",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_items_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_items")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", t.UtcDateTime(), nullable=False),
        sa.Column("expires_at", t.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", t.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tokens_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tokens_person_id"), "tokens", ["person_id"])

    # Plain ADD COLUMN: copying a table that others refer to would break on SQLite.
    op.add_column(
        "contributions",
        sa.Column("name", sa.String(length=300), nullable=False, server_default=""),
    )
    op.execute(
        "UPDATE contributions SET name ="
        " (SELECT people.name FROM people WHERE people.id = contributions.person_id)"
    )
    op.add_column(
        "people", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        sa.text(
            "UPDATE people SET listed = :yes WHERE team IS NOT NULL OR title IS NOT NULL"
            " OR id IN (SELECT person_id FROM group_members)"
        ).bindparams(yes=True)
    )

    for table in ("people", "documents"):
        op.add_column(
            table,
            sa.Column("suggested_by", sa.String(length=2000), nullable=False, server_default=""),
        )
    op.create_index("ix_documents_suggested_by", "documents", ["audience_id", "suggested_by"])
    _suggest_what_is_there(op.get_bind())


def _suggest_what_is_there(connection: sa.Connection) -> None:
    people = sa.table("people", sa.column("id"), sa.column("name"), sa.column("suggested_by"))
    documents = sa.table(
        "documents", sa.column("id"), sa.column("title"), sa.column("suggested_by")
    )
    tags = sa.table("document_tags", sa.column("document_id"), sa.column("tag"))
    names = sa.table("contributions", sa.column("document_id"), sa.column("name"))
    for key_, name in connection.execute(sa.select(people.c.id, people.c.name)).all():
        connection.execute(
            people.update().where(people.c.id == key_).values(suggested_by=suggest_key([name]))
        )
    texts = {
        key_: [title]
        for key_, title in connection.execute(sa.select(documents.c.id, documents.c.title)).all()
    }
    for query in (sa.select(tags.c.document_id, tags.c.tag), sa.select(names)):
        for key_, text in connection.execute(query.order_by(*query.selected_columns)).all():
            texts[key_].append(text)
    for key_, held in texts.items():
        connection.execute(
            documents.update().where(documents.c.id == key_).values(suggested_by=suggest_key(held))
        )
