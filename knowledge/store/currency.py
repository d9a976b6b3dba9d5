"""Queries about whether documents still hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from knowledge.store.among import among
from knowledge.store.care_tables import care
from knowledge.store.people import records, whole
from knowledge.store.reading_tables import currency, doubts
from knowledge.store.tables import documents, people

# Two records that became one person doubt once.
_WHO = func.coalesce(people.c.merged_into, people.c.id)
# A doubt that a later verdict answered counts no more.
_DOUBTED = (
    select(func.count(_WHO.distinct()))
    .select_from(doubts.join(people, people.c.id == doubts.c.person_id))
    .where(
        doubts.c.document_id == documents.c.id,
        doubts.c.revision == documents.c.revision,
        currency.c.at.is_(None) | (doubts.c.at > currency.c.at),
    )
    .correlate(documents, currency)
    .scalar_subquery()
)
# Made once: every search asks it.
_SAID = (
    select(
        documents.c.id,
        currency.c.state,
        currency.c.person_id,
        currency.c.at,
        _DOUBTED.label("doubts"),
        care.c.review_at,
    )
    .select_from(
        documents.outerjoin(
            currency,
            (currency.c.document_id == documents.c.id)
            & (currency.c.revision == documents.c.revision),
        ).outerjoin(care, care.c.document_id == documents.c.id)
    )
    .where(among(documents.c.id))
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a document's text of now: by those who may judge it, if they did, and by how
    many readers since; and until when it is to be looked at again."""

    state: str | None
    person_id: int | None
    at: datetime | None
    doubts: int
    review_at: datetime | None


def said(connection: Connection, document_ids: Collection[int]) -> dict[int, Said]:
    """By document, in one query. Which of them somebody may read is settled before."""
    rows = connection.execute(_SAID, {"ids": sorted(document_ids)})
    return {
        row.id: Said(row.state, row.person_id, row.at, row.doubts, row.review_at) for row in rows
    }


def put(
    connection: Connection,
    document_id: int,
    revision: int,
    state: str | None,
    person_id: int | None,
    at: datetime,
) -> None:
    """Say it of a revision; None: nothing any more."""
    connection.execute(delete(currency).where(currency.c.document_id == document_id))
    if state is not None:
        values = {"document_id": document_id, "revision": revision, "state": state, "at": at}
        connection.execute(insert(currency).values(**values, person_id=person_id))


def doubt(
    connection: Connection,
    document_id: int,
    revision: int,
    person_id: int,
    reason: str | None,
    at: datetime,
) -> None:
    """Doubt a revision, once, whichever of their records did before; None: no more."""
    same = (
        (doubts.c.document_id == document_id)
        & (doubts.c.revision == revision)
        & doubts.c.person_id.in_(records(person_id))
    )
    connection.execute(delete(doubts).where(same))
    if reason is not None:
        values = {"document_id": document_id, "revision": revision, "person_id": person_id}
        connection.execute(insert(doubts).values(**values, reason=reason, at=at))


def doubted_by(connection: Connection, document_id: int, person_id: int | None) -> bool:
    """Whether somebody doubts the text of now."""
    if person_id is None:
        return False
    query = (
        select(doubts.c.person_id)
        .join(documents, documents.c.id == doubts.c.document_id)
        .where(
            doubts.c.document_id == document_id,
            doubts.c.revision == documents.c.revision,
            doubts.c.person_id.in_(records(person_id)),
        )
    )
    return connection.execute(query).first() is not None


def reasons(connection: Connection, document_id: int, since: datetime | None) -> list[str]:
    """Why readers doubt the text of now, in the order of the words: not of who said it when."""
    query = (
        select(doubts.c.reason)
        .join(documents, documents.c.id == doubts.c.document_id)
        .where(
            doubts.c.document_id == document_id,
            doubts.c.revision == documents.c.revision,
            doubts.c.reason != "",
        )
    )
    if since is not None:
        query = query.where(doubts.c.at > since)
    return sorted(connection.execute(query).scalars())


def judge(connection: Connection, person_id: int | None) -> int | None:
    """Who somebody is by now that judged a document."""
    return None if person_id is None else whole(connection, person_id)
