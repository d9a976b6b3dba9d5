"""Queries about what is searched for and not found."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from knowledge.asked import Gap, GapState, Week
from knowledge.store.asked_tables import gap_weeks, gaps


def all_of_them(connection: Connection) -> list[Gap]:
    """Every gap that is kept, the oldest first."""
    weeks: dict[int, list[Week]] = {}
    for row in connection.execute(select(gap_weeks).order_by(gap_weeks.c.period)):
        weeks.setdefault(row.gap_id, []).append(Week(row.period, row.askers, row.searches))
    found = []
    for held in connection.execute(select(gaps).order_by(gaps.c.id)).mappings():
        more = {"state": GapState(held["state"]), "weeks": tuple(weeks.get(held["id"], ()))}
        found.append(Gap(**(dict(held) | more)))
    return found


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


def keep(connection: Connection, gap_id: int, rejected: bool, weeks: Collection[Week]) -> None:
    """What is told of one when the log has forgotten its searches; ``weeks``: all of them."""
    connection.execute(update(gaps).where(gaps.c.id == gap_id).values(rejected=rejected))
    connection.execute(delete(gap_weeks).where(gap_weeks.c.gap_id == gap_id))
    rows = [
        {"gap_id": gap_id, "period": one.period, "askers": one.askers, "searches": one.searches}
        for one in weeks
    ]
    if rows:
        connection.execute(insert(gap_weeks), rows)


def forget(connection: Connection, ids: Collection[int]) -> None:
    """Delete them."""
    connection.execute(delete(gap_weeks).where(gap_weeks.c.gap_id.in_(sorted(ids))))
    connection.execute(delete(gaps).where(gaps.c.id.in_(sorted(ids))))
