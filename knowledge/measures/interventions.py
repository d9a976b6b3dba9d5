"""The use case: what was done so that a measure moves, and whether it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import limits, requests
from knowledge.errors import Conflict, InvalidInput
from knowledge.measures import registry, telling
from knowledge.measures.aims import GivenIntervention, Intervention
from knowledge.measures.effect import effect
from knowledge.measures.goals import check_partition
from knowledge.measures.kinds import COMPANY, check_month
from knowledge.requests import Repeated, RequestKey
from knowledge.roles import Standing
from knowledge.store import aims as store
from knowledge.store import people
from knowledge.store.database import Database
from knowledge.types import Principal

MOST = 200
MAX_PARTITIONS = 50


class Interventions:
    """All interventions. Every call raises NotAllowed for whoever is neither an administrator nor
    a curator. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def all_of_them(self, standing: Standing) -> list[Intervention]:
        """Every one with its effect, the latest first."""
        telling.check(standing)
        with self._database.read() as connection:
            return [_made(connection, row) for row in store.interventions(connection)]

    def get(self, intervention_id: int, standing: Standing) -> Intervention:
        """One with its effect. Raises NotFound."""
        telling.check(standing)
        with self._database.read() as connection:
            return _made(connection, store.intervention(connection, intervention_id))

    def create(
        self,
        given: GivenIntervention,
        asker: Principal,
        standing: Standing,
        key: RequestKey | None = None,
    ) -> int:
        """Note one; its id. A repeated request notes none anew. Raises InvalidInput, NotFound for
        an unknown measure, and Conflict where there are two hundred."""
        telling.check(standing)
        values, now = _values(given), self._now()
        try:
            with self._database.write() as connection:
                requests.begin(connection, key, now)
                if len(store.interventions(connection)) >= MOST:
                    raise Conflict(f"there are {MOST} interventions already; take one back first")
                made = store.add_intervention(
                    connection, {**values, "person_id": asker.person_id, "at": now}
                )
                requests.remember(connection, key, str(made), now)
                return made
        except Repeated as repeated:
            return int(repeated.made)

    def replace(self, intervention_id: int, given: GivenIntervention, standing: Standing) -> None:
        """Note it otherwise. Raises InvalidInput, NotFound."""
        telling.check(standing)
        values = _values(given)
        with self._database.write() as connection:
            store.intervention(connection, intervention_id)
            store.put_intervention(connection, intervention_id, values)

    def remove(self, intervention_id: int, standing: Standing) -> None:
        """Take it back. Raises NotFound."""
        telling.check(standing)
        with self._database.write() as connection:
            store.intervention(connection, intervention_id)
            store.remove_intervention(connection, intervention_id)


def _values(given: GivenIntervention) -> dict[str, Any]:
    measure = registry.get(given.measure)
    name = " ".join(given.name.split())
    if not name or len(name) > limits.MAX_SHORT or not limits.storable(name):
        raise InvalidInput(f"a name has 1 to {limits.MAX_SHORT} characters")
    partitions = sorted(set(given.partitions))
    if not 1 <= len(partitions) <= MAX_PARTITIONS:
        raise InvalidInput(f"it concerns the company, or 1 to {MAX_PARTITIONS} teams")
    for one in partitions:
        check_partition(one)
    if COMPANY in partitions and len(partitions) > 1:
        raise InvalidInput("it concerns the whole company, or teams: not both")
    if COMPANY not in partitions and not measure.teams:
        raise InvalidInput("this measure is told of the whole company only")
    return {
        "name": name,
        "measure": measure.key,
        "start": check_month(given.start),
        "partitions": partitions,
    }


def _made(connection: Connection, row: Row[Any]) -> Intervention:
    given = GivenIntervention(row.name, row.measure, row.start, tuple(row.partitions))
    series = telling.series(connection, row.measure)
    by_id = None if row.person_id is None else people.whole(connection, row.person_id)
    return Intervention(row.id, given, by_id, row.at, effect(series, row.start, given.partitions))
