"""What comes with whole wikis: links, attachments, rights, an archive, and longer reports."""

import sqlalchemy as sa
from alembic import op

from knowledge.store import tables as t
from knowledge.words import url_key

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_blobs")),
    )
    op.create_table(
        "attachments",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name=op.f("fk_attachments_digest")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_attachments_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "position", name=op.f("pk_attachments")),
    )
    op.create_index(op.f("ix_attachments_digest"), "attachments", ["digest"])
    op.create_table(
        "aliases",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("alias", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_aliases_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "alias", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_alias"), "aliases", ["alias"])
    op.create_table(
        "links",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("target", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_links_document_id")
        ),
        sa.PrimaryKeyConstraint("document_id", "position", name=op.f("pk_links")),
    )
    op.add_column("sources", sa.Column("url_template", sa.Text(), nullable=True))
    op.add_column("import_items", sa.Column("losses", sa.JSON(), nullable=True))
    op.add_column("imports", sa.Column("options", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("imports", sa.Column("wish", sa.String(length=20), nullable=True))
    op.add_column("imports", sa.Column("question", sa.JSON(), nullable=True))
    op.add_column("imports", sa.Column("summary", sa.JSON(), nullable=True))
    op.add_column("documents", sa.Column("archived_at", t.UtcDateTime(), nullable=True))
    op.add_column(
        "documents", sa.Column("part", sa.String(length=200), nullable=False, server_default="")
    )
    op.add_column("documents", sa.Column("rights_id", sa.BigInteger(), nullable=True))
    for table in ("person_emails", "person_handles"):
        op.add_column(
            table, sa.Column("vouched", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    # Of the addresses of somebody who is listed, that one is known to be the directory's.
    op.execute(
        sa.text(
            "UPDATE person_emails SET vouched = :yes WHERE EXISTS (SELECT 1 FROM people"
            " WHERE people.id = person_emails.person_id AND people.listed = :yes"
            " AND people.address = person_emails.email)"
        ).bindparams(yes=True)
    )
    op.add_column("documents", sa.Column("url_key", sa.String(length=64), nullable=True))
    op.create_index("ix_documents_url_key", "documents", ["url_key"])
    documents = sa.table("documents", sa.column("id"), sa.column("url"), sa.column("url_key"))
    connection = op.get_bind()
    held = sa.select(documents.c.id, documents.c.url).where(documents.c.url.is_not(None))
    for key, url in connection.execute(held).all():
        connection.execute(
            documents.update().where(documents.c.id == key).values(url_key=url_key(url))
        )
    op.drop_index("ix_documents_suggested_by", "documents")
    op.create_index(
        "ix_documents_suggested_by", "documents", ["audience_id", "archived_at", "suggested_by"]
    )
