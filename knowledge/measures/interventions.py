"""The use case: what was done so that a measure moves, and whether it did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from knowledge import limits
from knowledge.errors import InvalidInput
from knowledge.measures import registry, telling
from knowledge.measures.aims import GivenIntervention, Intervention
from knowledge.measures.effect import effect
from knowledge.measures.goals import check_partition
from knowledge.measures.kept import Kept
from knowledge.measures.kinds import COMPANY, check_month
from knowledge.store import aims as store
from knowledge.store import people

MAX_PARTITIONS = 50


class Interventions(Kept[GivenIntervention, Intervention]):
    """All interventions, each with its effect, the latest first."""

    _aims = store.INTERVENTIONS
    most = 200

    def _values(self, given: GivenIntervention) -> dict[str, Any]:
        measure = registry.get(given.measure)
        name = " ".join(given.name.split())
        if not name or len(name) > limits.MAX_SHORT or not limits.storable(name):
            raise InvalidInput(f"a name has 1 to {limits.MAX_SHORT} characters", "name")
        partitions, at = sorted(set(given.partitions)), "partitions"
        if not 1 <= len(partitions) <= MAX_PARTITIONS:
            raise InvalidInput(f"it concerns the company, or 1 to {MAX_PARTITIONS} teams", at)
        for one in partitions:
            check_partition(one, at)
        if COMPANY in partitions and len(partitions) > 1:
            raise InvalidInput("it concerns the whole company, or teams: not both", at)
        if COMPANY not in partitions and not measure.teams:
            raise InvalidInput("this measure is told of the whole company only", at)
        return {
            "name": name,
            "measure": measure.key,
            "start": check_month(given.start, "start"),
            "partitions": partitions,
        }

    def _made(self, connection: Connection, row: Row[Any]) -> Intervention:
        given = GivenIntervention(row.name, row.measure, row.start, tuple(row.partitions))
        told = effect(telling.series(connection, row.measure), row.start, given.partitions)
        by_id = None if row.person_id is None else people.whole(connection, row.person_id)
        return Intervention(row.id, given, by_id, row.at, told)
