"""Queries about documents that are archived: gone from their sources, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from knowledge.store import attachments, documents, passages
from knowledge.store import tables as t


@dataclass(frozen=True, slots=True)
class Archive:
    """How many documents of a source are archived, and since when the first and the last are."""

    source: str
    documents: int
    first: datetime
    last: datetime


def by_source(connection: Connection) -> list[Archive]:
    """Every source of which something is archived, by name."""
    at = t.documents.c.archived_at
    query = (
        select(t.sources.c.name, func.count(), func.min(at), func.max(at))
        .join(t.documents, t.documents.c.source_id == t.sources.c.id)
        .where(at.is_not(None))
        .group_by(t.sources.c.name)
        .order_by(t.sources.c.name)
    )
    return [Archive(*row) for row in connection.execute(query)]


def before(connection: Connection, source: str, at: datetime) -> list[int]:
    """The documents of a source that have been archived since before a time, ascending."""
    query = (
        select(t.documents.c.id)
        .join(t.sources, t.sources.c.id == t.documents.c.source_id)
        .where(t.sources.c.name == source, t.documents.c.archived_at < at)
        .order_by(t.documents.c.id)
    )
    return list(connection.execute(query).scalars())


def is_since_before(connection: Connection, document_id: int, at: datetime) -> bool:
    """Whether a document is still there and has been archived since before a time."""
    query = select(t.documents.c.id).where(
        t.documents.c.id == document_id, t.documents.c.archived_at < at
    )
    return connection.execute(query).first() is not None


def remove(connection: Connection, document_id: int) -> None:
    """Delete a document that is archived, with everything that hangs on it."""
    passages.replace(connection, document_id, [])
    attachments.remove(connection, document_id)
    documents.remove(connection, document_id)
