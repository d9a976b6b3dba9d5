"""Queries about what is searched for and not found."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from knowledge.asked import Gap, GapState
from knowledge.store.asked_tables import gaps


def all_of_them(connection: Connection) -> list[Gap]:
    """Every gap that is kept, the oldest first."""
    return [
        Gap(**(dict(row) | {"state": GapState(row["state"])}))
        for row in connection.execute(select(gaps).order_by(gaps.c.id)).mappings()
    ]


def add(connection: Connection, text: str, state: GapState, by: str, at: datetime) -> int:
    """A new one; its id."""
    values = {"text": text, "first_seen": at, "state": state.value, "by": by}
    values |= {"changed_at": at, "seen_at": at}
    made = connection.execute(insert(gaps).values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def change(connection: Connection, gap_id: int, state: GapState, by: str, at: datetime) -> None:
    """Bring one into another state."""
    same = gaps.c.id == gap_id
    values = {"state": state.value, "by": by, "changed_at": at}
    connection.execute(update(gaps).where(same).values(**values))


def seen(connection: Connection, ids: Collection[int], at: datetime) -> None:
    """Searches showed them again."""
    connection.execute(update(gaps).where(gaps.c.id.in_(sorted(ids))).values(seen_at=at))


def checked(connection: Connection, ids: Collection[int], at: datetime) -> None:
    """It was tried whether they are answered."""
    connection.execute(update(gaps).where(gaps.c.id.in_(sorted(ids))).values(checked_at=at))


def forget(connection: Connection, ids: Collection[int]) -> None:
    """Delete them."""
    connection.execute(delete(gaps).where(gaps.c.id.in_(sorted(ids))))
