"""The use case: what a measure should be by when, and how far one is by what is published."""

from __future__ import annotations

from math import isfinite
from typing import Any

from sqlalchemy import Connection, Row

from knowledge.errors import InvalidInput
from knowledge.measures import registry
from knowledge.measures.aims import GivenGoal, Goal
from knowledge.measures.kept import Kept
from knowledge.measures.kinds import COMPANY, Unit, check_month, is_partition
from knowledge.store import aims as store
from knowledge.store import measures, people

_RANGE = {Unit.SHARE: (0.0, 1.0), Unit.SCORE: (1.0, 5.0)}


class Goals(Kept[GivenGoal, Goal]):
    """All goals, those that are due first before the others."""

    _aims = store.GOALS
    most = 100

    def _values(self, given: GivenGoal) -> dict[str, Any]:
        measure = registry.get(given.measure)
        check_partition(given.partition, "partition")
        if given.partition != COMPANY and not measure.teams:
            raise InvalidInput("this measure is told of the whole company only", "partition")
        low, high = _RANGE.get(measure.unit, (0.0, 1e6))
        if not (isfinite(given.target) and low <= given.target <= high):
            raise InvalidInput(f"the target is a number from {low:g} to {high:g}", "target")
        return {
            "measure": measure.key,
            "partition": given.partition,
            "target": given.target,
            "due": check_month(given.due, "due"),
        }

    def _made(self, connection: Connection, row: Row[Any]) -> Goal:
        measure = registry.get(row.measure)
        told = [
            (one.month, one.told)
            for one in measures.told(connection, row.measure)
            if one.partition == row.partition and one.told is not None
        ]
        at = {one.month: one.at for one in measures.months(connection)}
        held = [value for month, value in told if at[month] <= row.at]
        start = held[-1] if held else None
        in_time = [one for one in told if one[0] <= row.due]
        month, latest = in_time[-1] if in_time else (None, None)

        def meets(value: float | None) -> bool:
            return value is not None and _meets(value, row.target, start, measure.better)

        return Goal(
            id=row.id,
            given=GivenGoal(row.measure, row.partition, row.target, row.due),
            by_id=None if row.person_id is None else people.whole(connection, row.person_id),
            at=row.at,
            start=start,
            latest=latest,
            latest_month=month,
            progress=_progress(start, latest, row.target),
            reached=meets(latest),
            over=any(one >= row.due for one in at),
            met_before=meets(start),
        )


def check_partition(given: str, at: str) -> None:
    """Raises InvalidInput, ``at`` what was given so, for what can name none."""
    if len(given) > 205 or not is_partition(given):
        raise InvalidInput("a partition is company, others, no-team or team:NAME", at)


def _progress(start: float | None, latest: float | None, target: float) -> float | None:
    if start is None or latest is None or start == target:
        return None
    return round(min(1.0, max(0.0, (latest - start) / (target - start))), 4)


def _meets(latest: float, target: float, start: float | None, better: int) -> bool:
    """Where neither is better, the goal says by where it began from which side it is met."""
    upwards = better > 0 or (better == 0 and (start is None or target >= start))
    return latest >= target if upwards else latest <= target
