"""What one half of what is judged would choose for a stage, and what that does to the other half.

A way that is better where it was chosen and not elsewhere was chosen by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.ablations.compare import MEASURES, Measured, Values, mean, p_of, tasks
from benchmarks.ablations.material import Material
from benchmarks.ablations.variants import Stage, Task

HALVES = ("first", "second")
Half = Callable[[str, str], int]
"""(collection, query id) -> 0 or 1."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A stage's best way on one half. Gains are over production's way, means over the collections;
    ``p_elsewhere`` is that of the other half's queries together."""

    task: Task
    stage: str
    chosen_on: str
    way: str
    gain_there: float
    gain_elsewhere: float
    p_elsewhere: float


def halves(materials: Sequence[Material]) -> dict[Task, Half]:
    """For each task two halves: its collections in turn, in the order of their names. The only
    one is divided by the documents that are asked in, or else by its queries, in turn."""
    made: dict[Task, Half] = {}
    for task in MEASURES:
        held = sorted((m for m in materials if task in tasks(m)), key=lambda m: m.collection.name)
        if len(held) > 1:
            made[task] = _by_collection({m.collection.name: at % 2 for at, m in enumerate(held)})
        elif held:
            queries = held[0].collection.queries
            keys = {query.id: query.within or query.id for query in queries}
            order = {key: at % 2 for at, key in enumerate(sorted(set(keys.values())))}
            made[task] = _by_query({query: order[key] for query, key in keys.items()})
    return made


def _by_collection(half: dict[str, int]) -> Half:
    return lambda collection, query: half[collection]


def _by_query(half: dict[str, int]) -> Half:
    return lambda collection, query: half[query]


def transfers(
    measured: Measured, stages: Sequence[Stage], divided: dict[Task, Half]
) -> list[Transfer]:
    """Of every stage, choosing on either half."""
    return [
        _chosen(measured, stage, divided[stage.task], half)
        for stage in stages
        if stage.task in divided and not stage.ladder
        for half in range(len(HALVES))
    ]


def _chosen(measured: Measured, stage: Stage, half_of: Half, half: int) -> Transfer:
    here = {way: _mean(_parts(measured, stage, way, half_of, half)) for way in stage.ways}
    way = max(here, key=lambda one: here[one])
    there = _parts(measured, stage, way, half_of, 1 - half)
    return Transfer(
        stage.task,
        stage.name,
        HALVES[half],
        way,
        here[way],
        _mean(there),
        p_of(*(_together(one[side] for one in there) for side in (0, 1))),
    )


def _parts(
    measured: Measured, stage: Stage, way: str, half_of: Half, half: int
) -> list[tuple[Values, Values]]:
    """This way's values and production's, of each collection with queries in this half, by the
    task's first measure."""
    usual = measured[stage.task, stage.name, next(iter(stage.ways))]
    made = []
    for (collection, name), told in measured[stage.task, stage.name, way].items():
        part = {q: v for q, v in told.items() if half_of(collection, q) == half}
        if name == MEASURES[stage.task][0] and part:
            made.append((part, {query: usual[collection, name][query] for query in part}))
    return made


def _together(parts: Iterable[Values]) -> Values:
    return {f"{at} {query}": v for at, part in enumerate(parts) for query, v in part.items()}


def _mean(parts: Sequence[tuple[Values, Values]]) -> float:
    return sum(mean(told) - mean(usual) for told, usual in parts) / len(parts)
