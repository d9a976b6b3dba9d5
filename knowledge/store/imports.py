"""Queries about imports and what became of each of their inputs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from knowledge.jobs import Action, Gone, Import, ImportItem, ImportState, Options, Question
from knowledge.store.tables import import_items, imports
from knowledge.types import Audience, Loss, LossKind

_UNFINISHED = (ImportState.QUEUED.value, ImportState.RUNNING.value)
_ENDED = tuple(state.value for state in ImportState if state.ended)


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
            options=asdict(made.options),
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


def unfinished(connection: Connection) -> list[Import]:
    """Those that are queued or running, the oldest first."""
    query = select(imports).where(imports.c.state.in_(_UNFINISHED))
    return [_import(row) for row in connection.execute(query.order_by(imports.c.created_at))]


def waiting(connection: Connection, owner: str) -> int:
    """How many of an owner's have not ended."""
    theirs = (imports.c.owner == owner) & imports.c.state.not_in(_ENDED)
    return int(connection.execute(select(func.count()).where(theirs)).scalar_one())


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
            "losses": [[one.kind.value, one.what, one.count] for one in item.losses] or None,
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
    return [_item(row) for row in connection.execute(query)]


def items_page(
    connection: Connection, import_id: str, after: int, limit: int, status: str | None
) -> list[ImportItem]:
    """A page of what was reported, of one status if it is told."""
    query = select(import_items).where(
        import_items.c.import_id == import_id, import_items.c.number > after
    )
    if status is not None:
        query = query.where(import_items.c.status == status)
    rows = connection.execute(query.order_by(import_items.c.number).limit(limit))
    return [_item(row) for row in rows]


def reasons(connection: Connection, import_id: str, limit: int) -> list[tuple[str, int]]:
    """Why inputs were refused, and how many for that; the most frequent first."""
    number = func.count()
    query = select(import_items.c.reason, number).where(
        import_items.c.import_id == import_id, import_items.c.status == "refused"
    )
    query = query.group_by(import_items.c.reason).order_by(number.desc(), import_items.c.reason)
    return [(row[0], row[1]) for row in connection.execute(query.limit(limit))]


def newest_of_sources(connection: Connection, owner: str) -> dict[str, Import]:
    """An owner's last import into each source that was one in earnest and is done."""
    mine = (imports.c.owner == owner) & imports.c.dry_run.is_(False)
    mine &= imports.c.state == ImportState.DONE.value
    newest = select(func.max(imports.c.created_at)).where(mine).group_by(imports.c.source)
    rows = connection.execute(select(imports).where(mine, imports.c.created_at.in_(newest)))
    return {row.source: _import(row) for row in rows}


def give_back(connection: Connection, owner: str | None = None, but: str = "") -> list[str]:
    """Let dry runs that are done, of an owner or of everybody, need their files no more; the
    files."""
    kept = imports.c.dry_run.is_(True) & (imports.c.id != but)
    kept &= (imports.c.state == ImportState.DONE.value) & imports.c.stored_as.is_not(None)
    if owner is not None:
        kept &= imports.c.owner == owner
    files = list(connection.execute(select(imports.c.stored_as).where(kept)).scalars())
    if files:
        connection.execute(update(imports).where(kept).values(stored_as=None))
    return files


def spooled(connection: Connection, since: datetime) -> tuple[set[str], set[str]]:
    """Files that an import still needs, also those of dry runs that ended ``since`` then; and the
    ids of all imports."""
    rows = connection.execute(
        select(imports.c.id, imports.c.stored_as, imports.c.state, imports.c.finished_at)
    ).all()
    needed = {
        row.stored_as
        for row in rows
        if row.stored_as
        and (row.state not in _ENDED or (row.finished_at and row.finished_at > since))
    }
    return needed, {row.id for row in rows}


def _item(row: Row[Any]) -> ImportItem:
    losses = tuple(Loss(LossKind(kind), what, count) for kind, what, count in row.losses or ())
    return ImportItem(row.number, row.name, row.status, row.reason, row.document_id, losses)


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
        options=Options(**row.options | {"gone": Gone(row.options.get("gone", Gone.ASK))}),
        wish=None if row.wish is None else Action(row.wish),
        question=None if row.question is None else _question(row.question),
        summary=row.summary,
    )


def _question(told: dict[str, Any]) -> Question:
    return Question(told["gone"], told["held"], tuple(told["names"]))
