"""Queries about what was searched for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from knowledge.store.tables import queries
from knowledge.types import AskedQuery


def add(connection: Connection, asked: Iterable[AskedQuery]) -> None:
    """Keep what was searched for."""
    rows = [asdict(one) for one in asked]
    if rows:
        connection.execute(insert(queries), rows)


def exists(connection: Connection, query_id: str) -> bool:
    """Whether a search of this id is kept."""
    found = connection.execute(select(queries.c.id).where(queries.c.id == query_id)).first()
    return found is not None


def forget_before(connection: Connection, at: datetime) -> None:
    """Delete what was searched for before a time."""
    connection.execute(delete(queries).where(queries.c.at < at))
