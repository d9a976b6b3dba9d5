"""Queries about drafts. Every one says whose: nobody else's is there, for whoever asks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from knowledge.errors import NotFound
from knowledge.redaction import Called
from knowledge.store import attachments, draft_reviews
from knowledge.store.draft_tables import draft_files, drafts
from knowledge.store.tables import blobs, documents
from knowledge.types import Attachment, KeptFile

_LISTED = tuple(column for column in drafts.c if column.name != "body")


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Keep a new draft."""
    key = connection.execute(insert(drafts).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def get(connection: Connection, draft_id: int, theirs: Collection[int]) -> Any:
    """A draft of one of these records. Raises NotFound, also for somebody else's."""
    query = select(drafts).where(drafts.c.id == draft_id, drafts.c.person_id.in_(theirs))
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such draft")
    return row


def put(connection: Connection, draft_id: int, values: dict[str, Any]) -> None:
    """Change a draft."""
    connection.execute(update(drafts).where(drafts.c.id == draft_id).values(**values))


def listed(connection: Connection, theirs: Collection[int], limit: int) -> list[Any]:
    """The drafts of these records without their texts, the last changed first."""
    query = (
        select(*_LISTED)
        .where(drafts.c.person_id.in_(theirs))
        .order_by(drafts.c.changed_at.desc(), drafts.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(query))


def of_document(connection: Connection, document_id: int, theirs: Collection[int]) -> int | None:
    """The last changed of their drafts that changes a document."""
    query = (
        select(drafts.c.id)
        .where(drafts.c.document_id == document_id, drafts.c.person_id.in_(theirs))
        .order_by(drafts.c.changed_at.desc(), drafts.c.id.desc())
    )
    return connection.execute(query.limit(1)).scalar()


def remove(connection: Connection, draft_ids: Collection[int]) -> None:
    """Delete drafts and what only they have attached; of reviews of them no text is left."""
    draft_reviews.let_go(connection, draft_ids)
    held = draft_files.c.draft_id.in_(draft_ids)
    digests = set(connection.execute(select(draft_files.c.digest).where(held)).scalars())
    connection.execute(delete(draft_files).where(held))
    connection.execute(delete(drafts).where(drafts.c.id.in_(draft_ids)))
    attachments.forget(connection, digests)


def of_people(connection: Connection, ids: Collection[int]) -> list[int]:
    """Every draft of these records."""
    query = select(drafts.c.id).where(drafts.c.person_id.in_(ids))
    return list(connection.execute(query).scalars())


def changing(connection: Connection, document_id: int) -> list[int]:
    """Everybody's drafts that change a document."""
    query = select(drafts.c.id).where(drafts.c.document_id == document_id)
    return list(connection.execute(query).scalars())


def clean(connection: Connection, called: Called, document_id: int | None = None) -> None:
    """Take a person out of what others have begun to change of a document; without one, of what
    is gone. An editor that is open cannot bring them back: its save finds another version."""
    some: ColumnElement[bool] = drafts.c.document_id == document_id
    if document_id is None:
        there = select(documents.c.id).where(documents.c.id == drafts.c.document_id)
        some = drafts.c.document_id.is_not(None) & ~there.exists()
    for row in connection.execute(select(drafts).where(some)).all():
        told = {"title": row.title, "body": row.body, "tags": row.tags, "url": row.url}
        left = {
            "title": called.gone_from(row.title),
            "body": called.gone_from(row.body),
            "tags": [tag for tag in row.tags if not called.named_in(tag)],
            "url": None if row.url and called.named_in(row.url) else row.url,
        }
        if left != told:
            put(connection, row.id, left | {"version": row.version + 1})


def files(connection: Connection, draft_id: int) -> list[KeptFile]:
    """The pictures of a draft, in the order in which they came."""
    query = (
        select(draft_files.c.position, draft_files.c.href, draft_files.c.name, draft_files.c.size)
        .where(draft_files.c.draft_id == draft_id)
        .order_by(draft_files.c.position)
    )
    return [KeptFile(*row) for row in connection.execute(query)]


def attached(connection: Connection, draft_id: int) -> list[Attachment]:
    """The same as what a document is given; the bytes are kept already."""
    query = (
        select(draft_files.c.href, draft_files.c.name, draft_files.c.digest, draft_files.c.size)
        .where(draft_files.c.draft_id == draft_id)
        .order_by(draft_files.c.position)
    )
    return [Attachment(*row) for row in connection.execute(query)]


def attach(connection: Connection, draft_id: int, number: int, file: Attachment) -> None:
    """Give a draft one more picture."""
    if not attachments.kept(connection, [file.digest]):
        connection.execute(insert(blobs).values(digest=file.digest, data=file.data))
    connection.execute(
        insert(draft_files).values(
            draft_id=draft_id,
            position=number,
            href=file.href,
            name=file.name,
            size=file.size,
            digest=file.digest,
        )
    )


def content(connection: Connection, draft_id: int, number: int) -> tuple[KeptFile, bytes]:
    """One picture of a draft. Raises NotFound."""
    query = (
        select(
            draft_files.c.position,
            draft_files.c.href,
            draft_files.c.name,
            draft_files.c.size,
            blobs.c.data,
        )
        .join(blobs, blobs.c.digest == draft_files.c.digest)
        .where(draft_files.c.draft_id == draft_id, draft_files.c.position == number)
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such file")
    return KeptFile(*row[:4]), bytes(row.data)
