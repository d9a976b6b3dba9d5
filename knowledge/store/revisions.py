"""Queries about the states that a document's title and text had.

Who reads the document now reads them, and nobody else; of those of before, only what they could
read when it was the document's text: a document that is opened does not tell what it said while it
was closed. Of what was stored before that was kept, only who ``keeps`` the document reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from knowledge.errors import NotFound
from knowledge.store.access import readable_by, within
from knowledge.store.tables import documents, revisions
from knowledge.types import Principal


@dataclass(frozen=True, slots=True)
class Revision:
    """One state, without its text."""

    number: int
    title: str
    stored_at: datetime


def of(
    connection: Connection, document_id: int, principal: Principal, *, keeps: bool
) -> list[Revision]:
    """All that the principal may read, the newest first; none if not the document itself."""
    query = (
        select(revisions.c.number, revisions.c.title, revisions.c.stored_at)
        .join(documents, documents.c.id == revisions.c.document_id)
        .where(revisions.c.document_id == document_id, _readable(principal, keeps))
        .order_by(revisions.c.number.desc())
    )
    return [Revision(*row) for row in connection.execute(query)]


def get(
    connection: Connection, document_id: int, number: int, principal: Principal, *, keeps: bool
) -> tuple[Revision, str]:
    """One of them with its text. Raises NotFound, the same for unknown and forbidden."""
    query = (
        select(revisions.c.number, revisions.c.title, revisions.c.stored_at, revisions.c.body)
        .join(documents, documents.c.id == revisions.c.document_id)
        .where(
            revisions.c.document_id == document_id,
            revisions.c.number == number,
            _readable(principal, keeps),
        )
    )
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such revision")
    return Revision(row.number, row.title, row.stored_at), str(row.body)


def _readable(principal: Principal, keeps: bool) -> ColumnElement[bool]:
    theirs = (revisions.c.number == documents.c.revision) | within(
        revisions.c.audience_id, principal
    )
    if keeps:
        theirs |= revisions.c.audience_id.is_(None)
    return readable_by(principal) & theirs
