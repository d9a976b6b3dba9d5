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


def told(
    connection: Connection, document_ids: Collection[int], principal: Principal
) -> dict[int, list[Successor]]:
    """By document: all that the asker may read and that was said to have replaced it."""
    rows = connection.execute(_OF, {"ids": sorted(document_ids)}).all()
    there = store.visible(connection, {row.successor_id for row in rows}, principal)
    found: dict[int, list[Successor]] = {}
    for row in rows:
        if row.successor_id in there:
            one = Successor(row.successor_id, row.merged, row.by, row.at)
            found.setdefault(row.document_id, []).append(one)
    return found


def readable(
    connection: Connection, document_ids: Collection[int], principal: Principal
) -> dict[int, Successor]:
    """By document that the asker may read: what replaced it that they may read, too; of several
    what it was merged into, and else the latest. What is replaced by itself in the end is replaced
    by nothing."""
    found: dict[int, Successor] = {}
    asked: set[int] = set()
    wanted = set(document_ids)
    while wanted:
        held = told(connection, wanted, principal)
        asked |= wanted
        found |= {key: max(several, key=_weight) for key, several in held.items()}
        wanted = {one.id for one in found.values()} - asked
    return {key: found[key] for key in document_ids if key in found and not _rounds(found, key)}


def _weight(one: Successor) -> tuple[bool, datetime, int]:
    return one.merged, one.at, one.id


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
    """Say that one replaced a document, beside what else is said."""
    remove(connection, document_id, [to.id])
    values = {"successor_id": to.id, "merged": to.merged, "by": to.by, "at": to.at}
    connection.execute(insert(successors).values(document_id=document_id, **values))


def remove(connection: Connection, document_id: int, successor_ids: Collection[int]) -> None:
    """None of these replaced it."""
    these = successors.c.successor_id.in_(sorted(successor_ids))
    connection.execute(delete(successors).where(successors.c.document_id == document_id, these))
