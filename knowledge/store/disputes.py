"""Queries about objections that somebody has to look at, and that somebody did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select
from sqlalchemy.sql.elements import ColumnElement

from knowledge.identity import Objection
from knowledge.store.access import readable_by
from knowledge.store.identity_tables import objections
from knowledge.store.reading_tables import settlements
from knowledge.store.tables import contributions, document_tags, documents, sources
from knowledge.types import Principal

# What somebody merely hides is nobody's to look at.
DISPUTED = (Objection.NOT_ME.value, Objection.OUTDATED.value)


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody says of a document that names them that it is not theirs, or is out of date."""

    person_id: int
    document_id: int
    verdict: Objection
    at: datetime


def standing(
    connection: Connection,
    principal: Principal,
    keeps: tuple[frozenset[str], frozenset[str]] | None,
    offset: int,
    limit: int | None,
) -> list[Row]:
    """What is open of documents that the principal may read, the oldest first. ``keeps``: only of
    these sources and these tags; None: of all."""
    settled = (
        select(settlements.c.at)
        .where(
            settlements.c.person_id == objections.c.person_id,
            settlements.c.document_id == objections.c.document_id,
        )
        .exists()
    )
    named = (
        select(contributions.c.role)
        .where(
            contributions.c.person_id == objections.c.person_id,
            contributions.c.document_id == objections.c.document_id,
        )
        .exists()
    )
    query = (
        select(objections)
        .join(documents, documents.c.id == objections.c.document_id)
        .join(sources, sources.c.id == documents.c.source_id)
        .where(objections.c.verdict.in_(DISPUTED), ~settled, named, readable_by(principal))
        .order_by(objections.c.at, objections.c.document_id, objections.c.person_id)
        .offset(offset)
        .limit(limit)
    )
    if keeps is not None:
        query = query.where(_kept(*keeps))
    return [
        Row(row.person_id, row.document_id, Objection(row.verdict), row.at)
        for row in connection.execute(query)
    ]


def tags(connection: Connection) -> set[str]:
    """The tags of everything that is objected to, as the documents spell them."""
    query = select(document_tags.c.tag).join(
        objections, objections.c.document_id == document_tags.c.document_id
    )
    return set(connection.execute(query.distinct()).scalars())


def _kept(named: frozenset[str], topics: frozenset[str]) -> ColumnElement[bool]:
    tagged = select(document_tags.c.document_id).where(document_tags.c.tag.in_(sorted(topics)))
    return or_(sources.c.name.in_(sorted(named)), documents.c.id.in_(tagged))


def settle(connection: Connection, person_id: int, document_id: int, by: str, at: datetime) -> None:
    """Remember that somebody dealt with it."""
    reopen(connection, person_id, document_id)
    values = {"person_id": person_id, "document_id": document_id, "by": by, "at": at}
    connection.execute(insert(settlements).values(**values))


def reopen(connection: Connection, person_id: int, document_id: int) -> None:
    """Forget that somebody did."""
    same = (settlements.c.person_id == person_id) & (settlements.c.document_id == document_id)
    connection.execute(delete(settlements).where(same))
