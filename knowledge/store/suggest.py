"""Queries about what a few typed letters may mean. On behalf of an asker, through ``access``.

Each reads one narrow index and ends after a few rows; whether a row really holds the words side by
side in one text is for the caller to see.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Column, ColumnElement, Connection, and_, select

from knowledge.store.access import readable_by
from knowledge.store.tables import documents, people
from knowledge.types import Principal


def document_ids(
    connection: Connection, words: Sequence[str], principal: Principal, limit: int
) -> list[int]:
    """Documents whose title, tags and names hold words that begin so; titles that begin so first,
    then the newest."""
    statement = (
        select(documents.c.id)
        .where(readable_by(principal), _hold(documents.c.suggested_by, words))
        .order_by(_begins(documents.c.suggested_by, words).desc(), documents.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def titled(
    connection: Connection, titles: Collection[str], principal: Principal
) -> list[tuple[int, str]]:
    """Ids and titles of the documents that are called just so."""
    statement = select(documents.c.id, documents.c.title).where(
        readable_by(principal), documents.c.title.in_(sorted(titles))
    )
    return [(row.id, row.title) for row in connection.execute(statement)]


def listed_people(
    connection: Connection, words: Sequence[str], limit: int
) -> list[tuple[int, str]]:
    """Ids and names of people in the directory whose name holds words that begin so."""
    statement = (
        select(people.c.id, people.c.name)
        .where(people.c.listed.is_(True), _hold(people.c.suggested_by, words))
        .order_by(_begins(people.c.suggested_by, words).desc(), people.c.name, people.c.id)
        .limit(limit)
    )
    return [(row.id, row.name) for row in connection.execute(statement)]


def _hold(keys: Column[str], words: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(keys.contains(f" {word}", autoescape=True) for word in words))


def _begins(keys: Column[str], words: Sequence[str]) -> ColumnElement[bool]:
    return keys.startswith(f" {' '.join(words)}", autoescape=True)
