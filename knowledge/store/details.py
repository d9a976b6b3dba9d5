"""Queries about what a document has several of: its tags, and who made it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update

from knowledge.store import people as everybody
from knowledge.store.tables import contributions, document_tags, documents
from knowledge.types import Contribution, Role
from knowledge.words import suggest_key


def put(
    connection: Connection,
    document_id: int,
    tags: Iterable[str],
    made: Iterable[Contribution],
) -> None:
    """Replace a document's tags and its contributions; those of one person and role are one."""
    connection.execute(delete(document_tags).where(document_tags.c.document_id == document_id))
    tag_rows = [{"document_id": document_id, "tag": tag} for tag in sorted(set(tags))]
    if tag_rows:
        connection.execute(insert(document_tags), tag_rows)
    put_makers(connection, document_id, enumerate(made))


def makers(connection: Connection, document_id: int) -> list[tuple[int, Contribution]]:
    """Who made a document, in their places and as it names them."""
    query = select(contributions).where(contributions.c.document_id == document_id)
    rows = connection.execute(query.order_by(contributions.c.position))
    return [
        (row.position, Contribution(row.person_id, row.name, Role(row.role), row.weight, row.at))
        for row in rows
    ]


def put_makers(
    connection: Connection, document_id: int, made: Iterable[tuple[int, Contribution]]
) -> None:
    """Replace a document's contributions, each in its place; those of one person and role are
    one."""
    connection.execute(delete(contributions).where(contributions.c.document_id == document_id))
    given = list(made)
    # Who made it was read before this transaction, and may have become part of somebody since.
    wholes = everybody.wholes(connection, (one.person_id for _, one in given))
    places: dict[tuple[int, Role], int] = {}
    merged: dict[tuple[int, Role], Contribution] = {}
    for place, told in given:
        one = replace(told, person_id=wholes.get(told.person_id, told.person_id))
        key = (one.person_id, one.role)
        places.setdefault(key, place)
        before = merged.setdefault(key, one)
        if before is not one:
            merged[key] = replace(
                before,
                weight=before.weight + one.weight,
                at=max(filter(None, (before.at, one.at)), default=None),
            )
    rows = [
        {
            "document_id": document_id,
            "person_id": one.person_id,
            "role": one.role.value,
            "name": one.name[:300],
            "weight": one.weight,
            "position": places[key],
            "at": one.at,
        }
        for key, one in merged.items()
    ]
    if rows:
        connection.execute(insert(contributions), rows)
    title = connection.execute(
        select(documents.c.title).where(documents.c.id == document_id)
    ).scalar_one()
    tags = connection.execute(
        select(document_tags.c.tag)
        .where(document_tags.c.document_id == document_id)
        .order_by(document_tags.c.tag)
    ).scalars()
    words = [title, *sorted(tags), *(one.name for one in merged.values())]
    connection.execute(
        update(documents)
        .where(documents.c.id == document_id)
        .values(suggested_by=suggest_key(words))
    )
