"""Queries about sign-ins that failed, by digests of what was tried. A key that failed 0 times is of
something that was right, and is known since then."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from knowledge.store.identity_tables import failures


def of(connection: Connection, keys: Iterable[str]) -> dict[str, tuple[int, datetime]]:
    """How often and when last; keys that never failed are absent."""
    query = select(failures.c.key, failures.c.count, failures.c.at)
    rows = connection.execute(query.where(failures.c.key.in_(list(keys))))
    return {key: (count, at) for key, count, at in rows}


def put(connection: Connection, key: str, count: int, at: datetime) -> None:
    """Note how often a key has failed by now; 0 forgets it."""
    if count <= 0:
        connection.execute(delete(failures).where(failures.c.key == key))
        return
    _put(connection, key, count, at)


def know(connection: Connection, key: str, at: datetime) -> None:
    """Note that what a key stands for was right."""
    _put(connection, key, 0, at)


def known(connection: Connection, key: str) -> datetime | None:
    """Since when a key is known, if it is."""
    query = select(failures.c.at).where(failures.c.key == key, failures.c.count == 0)
    found: datetime | None = connection.execute(query).scalar_one_or_none()
    return found


def forget(connection: Connection, keys: Collection[str]) -> None:
    """Forget keys."""
    connection.execute(delete(failures).where(failures.c.key.in_(list(keys))))


def forget_before(connection: Connection, failed: datetime, right: datetime) -> None:
    """Forget what did not fail since then, and what was right before."""
    old = and_(failures.c.count > 0, failures.c.at < failed)
    unused = and_(failures.c.count == 0, failures.c.at < right)
    connection.execute(delete(failures).where(or_(old, unused)))


def _put(connection: Connection, key: str, count: int, at: datetime) -> None:
    held = update(failures).where(failures.c.key == key).values(count=count, at=at)
    if not connection.execute(held).rowcount:
        connection.execute(insert(failures).values(key=key, count=count, at=at))
