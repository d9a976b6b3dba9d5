"""Queries about what is decided in monthly reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from knowledge.store.pulse_tables import review_decisions


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Keep a decision; its id."""
    made = connection.execute(insert(review_decisions).values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def find(connection: Connection, decision_id: int) -> Row[Any] | None:
    """One of them."""
    return connection.execute(
        select(review_decisions).where(review_decisions.c.id == decision_id)
    ).first()


def put(connection: Connection, decision_id: int, outcome: str, at: datetime) -> None:
    """It was looked at again."""
    same = review_decisions.c.id == decision_id
    connection.execute(update(review_decisions).where(same).values(outcome=outcome, looked_at=at))


def remove(connection: Connection, decision_id: int) -> None:
    """Take it back."""
    connection.execute(delete(review_decisions).where(review_decisions.c.id == decision_id))


def all_of_them(connection: Connection) -> list[Row[Any]]:
    """Every decision, the oldest first."""
    return list(connection.execute(select(review_decisions).order_by(review_decisions.c.id)))
