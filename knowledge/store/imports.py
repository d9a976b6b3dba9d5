"""Queries about imports and what became of each of their inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from knowledge.store.tables import import_items, imports
from knowledge.types import Audience, Import, ImportItem, ImportState

_UNFINISHED = (ImportState.QUEUED.value, ImportState.RUNNING.value)


def add(connection: Connection, made: Import) -> Import:
    """Store a new import, at a time after that of every other: their order is their times'."""
    newest = connection.execute(select(func.max(imports.c.created_at))).scalar()
    created_at = made.created_at
    if newest is not None and newest >= created_at:
        created_at = newest + timedelta(microseconds=1)
    connection.execute(
        insert(imports).values(
            id=made.id,
            owner=made.owner,
            file_name=made.file_name,
            stored_as=made.stored_as,
            format=made.format,
            source=made.source,
            audience=None if made.audience is None else json.dumps(made.audience.clauses),
            dry_run=made.dry_run,
            state=made.state.value,
            counts=made.counts,
            runs=made.runs,
            created_at=created_at,
        )
    )
    found = get(connection, made.id)
    assert found is not None
    return found


def get(connection: Connection, import_id: str) -> Import | None:
    """One import, whoever owns it."""
    row = connection.execute(select(imports).where(imports.c.id == import_id)).first()
    return None if row is None else _import(row)


def of_owner(
    connection: Connection, owner: str, limit: int, before: datetime | None
) -> list[Import]:
    """An owner's imports made before a time, newest first."""
    query = select(imports).where(imports.c.owner == owner)
    if before is not None:
        query = query.where(imports.c.created_at < before)
    query = query.order_by(imports.c.created_at.desc()).limit(limit)
    return [_import(row) for row in connection.execute(query)]


def unfinished(connection: Connection) -> Import | None:
    """The oldest that is queued or running."""
    row = connection.execute(_unfinished()).first()
    return None if row is None else _import(row)


def _unfinished() -> Select[Any]:
    query = select(imports).where(imports.c.state.in_(_UNFINISHED))
    return query.order_by(imports.c.created_at).limit(1)


def put(connection: Connection, import_id: str, **values: Any) -> None:
    """Change columns of an import."""
    connection.execute(update(imports).where(imports.c.id == import_id).values(**values))


def add_items(connection: Connection, import_id: str, items: Iterable[ImportItem]) -> None:
    """Report inputs; their numbers must be new."""
    rows = [
        {
            "import_id": import_id,
            "number": item.number,
            "name": item.name,
            "status": item.status,
            "reason": item.reason,
            "document_id": item.document_id,
        }
        for item in items
    ]
    if rows:
        connection.execute(insert(import_items), rows)


def items_after(
    connection: Connection, import_id: str, number: int, limit: int | None = None
) -> list[ImportItem]:
    """What was reported after ``number``, ascending."""
    query = (
        select(import_items)
        .where(import_items.c.import_id == import_id, import_items.c.number > number)
        .order_by(import_items.c.number)
        .limit(limit)
    )
    return [
        ImportItem(row.number, row.name, row.status, row.reason, row.document_id)
        for row in connection.execute(query)
    ]


def spooled(connection: Connection) -> tuple[set[str], set[str]]:
    """Files that an import still needs, and the ids of all imports."""
    rows = connection.execute(select(imports.c.id, imports.c.stored_as, imports.c.state)).all()
    return (
        {row.stored_as for row in rows if row.stored_as and row.state in _UNFINISHED},
        {row.id for row in rows},
    )


def _import(row: Row[Any]) -> Import:
    return Import(
        id=row.id,
        owner=row.owner,
        file_name=row.file_name,
        stored_as=row.stored_as,
        format=row.format,
        source=row.source,
        audience=None if row.audience is None else Audience.of(*json.loads(row.audience)),
        dry_run=row.dry_run,
        state=ImportState(row.state),
        counts=row.counts,
        runs=row.runs,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=row.error,
    )
