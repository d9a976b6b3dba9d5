"""Queries about what people want to be told of when it can be answered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from knowledge.asked import Wish
from knowledge.store.asked_tables import wishes
from knowledge.store.people import records


def of(connection: Connection, person_id: int) -> list[Wish]:
    """A person's, and those of the records that are part of them; the oldest first."""
    query = select(wishes).where(wishes.c.person_id.in_(records(person_id)))
    return [
        Wish(row.id, row.text, row.at, row.told_at)
        for row in connection.execute(query.order_by(wishes.c.id))
    ]


def due(connection: Connection, person_id: int, before: datetime, limit: int) -> list[Wish]:
    """Those of theirs that were not looked at since then, what was looked at longest ago first."""
    stale = or_(wishes.c.checked_at.is_(None), wishes.c.checked_at < before)
    theirs = wishes.c.person_id.in_(records(person_id))
    order = (wishes.c.checked_at.is_not(None), wishes.c.checked_at, wishes.c.id)
    query = select(wishes).where(theirs, stale).order_by(*order).limit(limit)
    return [Wish(row.id, row.text, row.at, row.told_at) for row in connection.execute(query)]


def count(connection: Connection, person_id: int) -> int:
    """How many they have."""
    query = select(func.count()).where(wishes.c.person_id.in_(records(person_id)))
    return int(connection.execute(query).scalar_one())


def find(connection: Connection, person_id: int, text_key: str) -> int | None:
    """The id of the one for a text, if there is one."""
    query = select(wishes.c.id).where(
        wishes.c.person_id.in_(records(person_id)), wishes.c.text_key == text_key
    )
    return connection.execute(query).scalars().first()


def add(connection: Connection, person_id: int, text: str, key: str, at: datetime) -> int:
    """A new one; its id."""
    values = {"person_id": person_id, "text": text, "text_key": key, "at": at}
    made = connection.execute(insert(wishes).values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def looked_at(connection: Connection, wish_id: int, at: datetime, told_at: datetime | None) -> None:
    """It was tried whether it can be answered."""
    same = wishes.c.id == wish_id
    connection.execute(update(wishes).where(same).values(checked_at=at, told_at=told_at))


def remove(connection: Connection, person_id: int, ids: Collection[int]) -> int:
    """Take some of theirs back. Returns how many there were."""
    theirs = wishes.c.id.in_(sorted(ids)) & wishes.c.person_id.in_(records(person_id))
    return connection.execute(delete(wishes).where(theirs)).rowcount
