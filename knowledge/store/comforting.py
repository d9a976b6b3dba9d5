"""Queries about the comfort form: what waits to be told in fives, and who answered this month."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from knowledge.store.pulse_tables import comfort_answers, comfort_marks


def mark(connection: Connection, month: str, theirs: Collection[int]) -> bool | None:
    """Whether somebody, with the records that are part of them, answered in a month; None for who
    neither did nor put the form away."""
    query = select(comfort_marks.c.answered).where(
        comfort_marks.c.person_id.in_(theirs), comfort_marks.c.month == month
    )
    held = list(connection.execute(query).scalars())
    return any(held) if held else None


def set_mark(connection: Connection, month: str, person_id: int, answered: bool) -> None:
    """Note it of a person's own record, in place of what is noted."""
    own = comfort_marks.c.person_id == person_id
    connection.execute(delete(comfort_marks).where(own))
    values = {"person_id": person_id, "month": month, "answered": answered}
    connection.execute(insert(comfort_marks).values(**values))


def forget_marks(connection: Connection, month: str) -> None:
    """Of every month but this one."""
    connection.execute(delete(comfort_marks).where(comfort_marks.c.month != month))


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Keep an answer until it can be told."""
    connection.execute(insert(comfort_answers).values(**values))


def waiting(connection: Connection) -> dict[str, list[dict[str, int]]]:
    """What was answered and not told yet, by month; in the order of drawn keys, which is none."""
    found: dict[str, list[dict[str, int]]] = {}
    query = select(comfort_answers).order_by(comfort_answers.c.month, comfort_answers.c.drawn)
    for row in connection.execute(query).mappings():
        told = {key: value for key, value in row.items() if key not in ("drawn", "month")}
        found.setdefault(row["month"], []).append(told)
    return found


def remove(connection: Connection, month: str) -> None:
    """Forget what waits of a month."""
    connection.execute(delete(comfort_answers).where(comfort_answers.c.month == month))
