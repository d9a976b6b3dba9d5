"""Queries about the audit: rows are added and read, never changed."""

from __future__ import annotations

from collections.abc import Collection, Generator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from knowledge.store.identity_tables import audit, audit_head

_BATCH = 1000


def head(connection: Connection) -> tuple[int, str]:
    """The sequence and the seal of the last row; 0 and nothing before the first one."""
    row = connection.execute(select(audit_head.c.sequence, audit_head.c.seal)).one()
    return row.sequence, row.seal


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Add a row, which becomes the last one."""
    connection.execute(insert(audit).values(row))
    connection.execute(update(audit_head).values(sequence=row["sequence"], seal=row["seal"]))


def rows(connection: Connection) -> Generator[dict[str, Any]]:
    """All of them, the first first."""
    batched = connection.execution_options(yield_per=_BATCH)
    with batched.execute(select(audit).order_by(audit.c.sequence)) as found:
        for row in found:
            yield dict(row._mapping)


def newest(
    connection: Connection,
    limit: int,
    *,
    before: int | None = None,
    since: datetime | None = None,
    actor: str | None = None,
    action: str | None = None,
    but: Collection[str] = (),
) -> list[dict[str, Any]]:
    """The last rows before a sequence, the newest first; ``but``: no such actions."""
    query = select(audit).order_by(audit.c.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.sequence < before)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    if action is not None:
        query = query.where(audit.c.action == action)
    if but:
        query = query.where(audit.c.action.not_in(but))
    return [dict(row._mapping) for row in connection.execute(query)]
