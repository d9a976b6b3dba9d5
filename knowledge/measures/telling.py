"""The use case: what is published is told to those who look after learning."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row

from knowledge.errors import NotAllowed
from knowledge.measures import registry
from knowledge.measures.kinds import (
    COMPANY,
    OTHERS,
    Figure,
    Line,
    Measure,
    Published,
    Series,
)
from knowledge.roles import Standing
from knowledge.store import measures as store
from knowledge.store.database import Database


def may_see(standing: Standing) -> bool:
    """Whether somebody looks after learning: administrators do, and curators of anything."""
    return standing.administrator or bool(standing.sources or standing.topics)


def check(standing: Standing) -> None:
    """Raises NotAllowed for whoever does not."""
    if not may_see(standing):
        raise NotAllowed("measures are for administrators and curators")


class Measures:
    """What is told of measures. Every call but ``definitions`` raises NotAllowed for whoever is
    neither an administrator nor a curator. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def definitions(self) -> tuple[Measure, ...]:
        """All measures; no figure is in them."""
        return tuple(registry.ALL.values())

    def months(self, standing: Standing) -> tuple[Published, ...]:
        """The published months, the oldest first."""
        check(standing)
        with self._database.read() as connection:
            rows = store.months(connection)
        return tuple(Published(row.month, row.at.astimezone(UTC)) for row in rows)

    def series(self, key: str, standing: Standing) -> Series:
        """What is told of one measure. Raises NotFound."""
        check(standing)
        with self._database.read() as connection:
            return series(connection, key)

    def all_series(self, standing: Standing) -> tuple[Series, ...]:
        """What is told of every measure, in the order of the definitions."""
        check(standing)
        with self._database.read() as connection:
            months = [row.month for row in store.months(connection)]
            rows = store.told(connection)
        held = {key: list(some) for key, some in groupby(rows, lambda row: row.measure)}
        return tuple(_series(one, months, held.get(key, [])) for key, one in registry.ALL.items())


def series(connection: Connection, key: str) -> Series:
    """What is told of one measure, for whoever may see it. Raises NotFound."""
    measure = registry.get(key)
    months = [row.month for row in store.months(connection)]
    return _series(measure, months, store.told(connection, key))


def _series(measure: Measure, months: list[str], rows: Iterable[Row[Any]]) -> Series:
    told: dict[str, dict[str, float]] = {COMPANY: {}}
    for row in rows:
        # What was defined otherwise is not compared with what is told now.
        if row.told is not None and row.version == measure.version:
            told.setdefault(row.partition, {})[row.month] = row.told
    ordered = sorted(told, key=lambda one: (one != COMPANY, one == OTHERS, one.casefold(), one))
    return Series(
        measure,
        tuple(
            Line(one, tuple(Figure(month, one, told[one].get(month)) for month in months))
            for one in ordered
        ),
    )
