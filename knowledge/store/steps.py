"""Queries about what to read before a document, and what to go on with."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from knowledge.store.teaching_tables import document_steps


def of(connection: Connection, document_id: int) -> list[tuple[str, int]]:
    """(way, target) as they were said of a document, in that order; for nobody in particular."""
    query = select(document_steps.c.way, document_steps.c.target_id).where(
        document_steps.c.document_id == document_id
    )
    rows = connection.execute(query.order_by(document_steps.c.way, document_steps.c.position))
    return [(row.way, row.target_id) for row in rows]


def leading_to(connection: Connection, document_id: int) -> list[tuple[str, int]]:
    """(way, document) of those that name a document, by their ids."""
    query = select(document_steps.c.way, document_steps.c.document_id).where(
        document_steps.c.target_id == document_id
    )
    rows = connection.execute(query.order_by(document_steps.c.document_id))
    return [(row.way, row.document_id) for row in rows]


def put(connection: Connection, document_id: int, way: str, targets: Sequence[int]) -> None:
    """Replace what is said of a document in one way."""
    same = (document_steps.c.document_id == document_id) & (document_steps.c.way == way)
    connection.execute(delete(document_steps).where(same))
    rows = [
        {"document_id": document_id, "way": way, "target_id": key, "position": at}
        for at, key in enumerate(dict.fromkeys(targets))
    ]
    if rows:
        connection.execute(insert(document_steps), rows)


def forget(connection: Connection, document_id: int) -> None:
    """Let a document neither lead to others nor be led to."""
    either = (document_steps.c.document_id == document_id) | (
        document_steps.c.target_id == document_id
    )
    connection.execute(delete(document_steps).where(either))


def take_over(connection: Connection, kept: int, gone: int) -> None:
    """Lead to one document in place of another. What was said of either is said of the first, and
    nothing leads to itself, twice to the same, or to one both before and after."""
    for way, target in of(connection, gone):
        same = (document_steps.c.document_id == kept) & (document_steps.c.way == way)
        last = connection.execute(select(func.max(document_steps.c.position)).where(same)).scalar()
        if target != kept and not _leads(connection, kept, target):
            position = 0 if last is None else last + 1
            values = {"document_id": kept, "way": way, "target_id": target, "position": position}
            connection.execute(insert(document_steps).values(**values))
    for way, document in leading_to(connection, gone):
        if document != kept and not _leads(connection, document, kept):
            row = (document_steps.c.document_id == document) & (document_steps.c.way == way)
            there = row & (document_steps.c.target_id == gone)
            connection.execute(update(document_steps).where(there).values(target_id=kept))
    forget(connection, gone)


def _leads(connection: Connection, document_id: int, target: int) -> bool:
    row = document_steps.c.document_id == document_id
    query = select(document_steps.c.way).where(row, document_steps.c.target_id == target)
    return connection.execute(query).first() is not None
