"""Queries about what replaced documents. Which of them somebody may read is settled by the caller:
what replaced a document is told to nobody who may not read it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from knowledge.store import documents as store
from knowledge.store.among import among
from knowledge.store.care_tables import successors
from knowledge.types import Principal


@dataclass(frozen=True, slots=True)
class Successor:
    """What replaced a document. ``merged``: it has the text and the makers of the older one."""

    id: int
    merged: bool
    by: str
    at: datetime


# Made once: every search asks it.
_OF = select(successors).where(among(successors.c.document_id))


def told(connection: Connection, document_ids: Collection[int]) -> dict[int, Successor]:
    """By document: what replaced it at once, whoever may read that."""
    rows = connection.execute(_OF, {"ids": sorted(document_ids)})
    return {
        row.document_id: Successor(row.successor_id, row.merged, row.by, row.at) for row in rows
    }


def readable(
    connection: Connection, document_ids: Collection[int], principal: Principal
) -> dict[int, Successor]:
    """By document that the asker may read: what of it replaced it that they may read, too. What is
    replaced by itself in the end is replaced by nothing."""
    found: dict[int, Successor] = {}
    asked: set[int] = set()
    wanted = set(document_ids)
    while wanted:
        held = told(connection, wanted)
        asked |= wanted
        there = store.visible(connection, {one.id for one in held.values()}, principal)
        found |= {key: one for key, one in held.items() if one.id in there}
        wanted = {one.id for one in found.values()} - asked
    return {key: found[key] for key in document_ids if key in found and not _rounds(found, key)}


def _rounds(found: dict[int, Successor], key: int) -> bool:
    seen = {key}
    while key in found:
        key = found[key].id
        if key in seen:
            return True
        seen.add(key)
    return False


def replaced(connection: Connection, document_id: int) -> dict[int, bool]:
    """What a document replaced, and whether it was merged into it."""
    query = select(successors.c.document_id, successors.c.merged)
    rows = connection.execute(query.where(successors.c.successor_id == document_id))
    return {row.document_id: row.merged for row in rows}


def put(connection: Connection, document_id: int, to: Successor) -> None:
    """Say what replaced a document, instead of what was said before."""
    remove(connection, document_id)
    values = {"successor_id": to.id, "merged": to.merged, "by": to.by, "at": to.at}
    connection.execute(insert(successors).values(document_id=document_id, **values))


def remove(connection: Connection, document_id: int) -> None:
    """Nothing replaced it."""
    connection.execute(delete(successors).where(successors.c.document_id == document_id))
