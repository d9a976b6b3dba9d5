"""Queries about what is measured."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from knowledge.store.measure_tables import comfort_batches, measure_figures, measure_months

_SCORES = (
    comfort_batches.c.ones,
    comfort_batches.c.twos,
    comfort_batches.c.threes,
    comfort_batches.c.fours,
    comfort_batches.c.fives,
)
Counts = tuple[int, int, int, int, int]


def add_batch(
    connection: Connection, drawn: str, month: str, question: int, counts: Counts
) -> None:
    """Keep what the pulse said to one question."""
    scores = {column.name: count for column, count in zip(_SCORES, counts, strict=True)}
    values = {"drawn": drawn, "month": month, "question": question, **scores}
    connection.execute(insert(comfort_batches).values(**values))


def batches(connection: Connection, month: str) -> list[tuple[int, Counts]]:
    """What the pulse said in a month: question and counts, by the drawn keys."""
    query = select(comfort_batches.c.question, *_SCORES).where(comfort_batches.c.month == month)
    rows = connection.execute(query.order_by(comfort_batches.c.drawn))
    return [(row[0], (row[1], row[2], row[3], row[4], row[5])) for row in rows]


def months(connection: Connection) -> list[Row[Any]]:
    """The published months, the oldest first."""
    return list(connection.execute(select(measure_months).order_by(measure_months.c.month)))


def publish(
    connection: Connection, month: str, at: datetime, figures: Iterable[dict[str, Any]]
) -> None:
    """Keep a month's figures."""
    connection.execute(insert(measure_months).values(month=month, at=at))
    rows = [{"month": month, **one} for one in figures]
    if rows:
        connection.execute(insert(measure_figures), rows)


def told(connection: Connection, measure: str | None = None) -> list[Row[Any]]:
    """What is told: measure, partition, month, version and value, in this order. What is not told
    of a month and a partition is there without a value, or not there."""
    columns = (
        measure_figures.c.measure,
        measure_figures.c.partition,
        measure_figures.c.month,
        measure_figures.c.version,
        measure_figures.c.told,
    )
    query = select(*columns).order_by(*columns[:3])
    if measure is not None:
        query = query.where(measure_figures.c.measure == measure)
    return list(connection.execute(query))
