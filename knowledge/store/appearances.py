"""Queries about how often people were shown. Each is told of themselves alone."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select, update

from knowledge.store.identity_tables import appearances
from knowledge.store.tables import people


def add(connection: Connection, day: str, shown: Mapping[int, int]) -> None:
    """Count people once more on a day (YYYY-MM-DD); whoever is gone meanwhile is left out."""
    there = connection.execute(
        select(people.c.id).where(people.c.id.in_(sorted(shown)), people.c.merged_into.is_(None))
    ).scalars()
    for person_id in sorted(there):
        same = (appearances.c.person_id == person_id) & (appearances.c.day == day)
        more = update(appearances).where(same)
        done = connection.execute(more.values(shown=appearances.c.shown + shown[person_id]))
        if not done.rowcount:
            row = {"person_id": person_id, "day": day, "shown": shown[person_id]}
            connection.execute(insert(appearances).values(**row))


def of(connection: Connection, person_id: int) -> list[tuple[str, int]]:
    """A person's days, the newest first."""
    query = select(appearances.c.day, appearances.c.shown).where(
        appearances.c.person_id == person_id
    )
    rows = connection.execute(query.order_by(appearances.c.day.desc()))
    return [(row.day, row.shown) for row in rows]


def forget_before(connection: Connection, day: str) -> None:
    """Delete what was counted before a day."""
    connection.execute(delete(appearances).where(appearances.c.day < day))
