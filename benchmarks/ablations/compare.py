"""Every way against production's, query by query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.ablations import arrangement
from benchmarks.ablations.arrangement import Arrangement
from benchmarks.ablations.material import Asked, Material
from benchmarks.ablations.variants import Stage, Task
from benchmarks.significance import paired_randomisation
from indexer import evaluation

MEASURES: dict[Task, tuple[str, ...]] = {
    "answers": ("nDCG@10",),
    "inside": ("charR@4000", "charP@1000"),
    "people": ("RR", "nDCG@5"),
}
DEPTH = evaluation.DEPTH
# So many that p, times all comparisons of a table, can still fall below .05 by far.
FLIPS = 100_000
Values = dict[str, float]
"""Query id -> value."""


@dataclass(frozen=True, slots=True)
class Row:
    """One way of a stage on one collection by one measure. ``p`` is that of the difference from
    production's way, None for that way itself; it is not corrected for how many rows there are."""

    task: Task
    stage: str
    way: str
    ladder: bool
    collection: str
    measure: str
    mean: float
    gain: float
    p: float | None


Measured = dict[tuple[Task, str, str], dict[tuple[str, str], Values]]
"""(task, stage, way) -> (collection, measure) -> values."""


def tasks(material: Material) -> tuple[Task, ...]:
    """What the collection judges."""
    held = material.collection
    told: dict[Task, object] = {
        "answers": held.answers,
        "inside": held.spans,
        "people": held.experts,
    }
    return tuple(task for task, judged in told.items() if judged)


def measure(material: Material, stages: Sequence[Stage], into: Measured) -> None:
    """Rank every query every way."""
    name = material.collection.name
    done: dict[tuple[Task, Arrangement], dict[str, Values]] = {}
    for stage in stages:
        if stage.task not in tasks(material):
            continue
        for way, how in stage.ways.items():
            key = (stage.task, how)
            if key not in done:
                done[key] = values(material, stage.task, how)
            held = into.setdefault((stage.task, stage.name, way), {})
            held |= {(name, measure): told for measure, told in done[key].items()}


def values(material: Material, task: Task, how: Arrangement) -> dict[str, Values]:
    """Measure -> query id -> value, of one way."""
    if task == "inside":
        return _inside(material, how)
    rank: Callable[[Asked, Arrangement, Material], list[int]]
    if task == "answers":
        judged, rank, names = material.collection.answers, arrangement.answers, material.names
    else:
        judged, rank, names = material.collection.experts, arrangement.people, material.handles
    run = {
        asked.query.id: [names[key] for key in rank(asked, how, material)[:DEPTH]]
        for asked in material.asked
        if asked.query.id in judged
    }
    return evaluation.measured(judged, run, MEASURES[task])


def _inside(material: Material, how: Arrangement) -> dict[str, Values]:
    recall: Values = {}
    precision: Values = {}
    for asked in material.asked:
        relevant = material.collection.spans.get(asked.query.id)
        if relevant:
            ranked = [
                material.texts[key] for key in arrangement.inside(asked, how, material)[:DEPTH]
            ]
            recall[asked.query.id] = evaluation.char_recall(ranked, relevant)
            precision[asked.query.id] = evaluation.char_precision(ranked, relevant)
    return dict(zip(MEASURES["inside"], (recall, precision), strict=True))


def rows(measured: Measured, stages: Sequence[Stage]) -> list[Row]:
    """Everything measured, compared with each stage's first way."""
    made: list[Row] = []
    for stage in stages:
        ways = [(way, measured.get((stage.task, stage.name, way), {})) for way in stage.ways]
        first = ways[0][1]
        for way, held in ways:
            for (collection, name), told in held.items():
                usual = first[collection, name]
                p = None if told is usual else p_of(told, usual)
                gain = mean(told) - mean(usual)
                made.append(
                    Row(
                        stage.task,
                        stage.name,
                        way,
                        stage.ladder,
                        collection,
                        name,
                        mean(told),
                        gain,
                        p,
                    )
                )
    return made


def mean(told: Values) -> float:
    """Of all queries."""
    return sum(told.values()) / len(told)


def p_of(told: Values, usual: Values) -> float:
    """That of the difference, by a paired randomisation test."""
    keys = sorted(usual)
    return paired_randomisation(
        [told[key] for key in keys], [usual[key] for key in keys], permutations=FLIPS
    )


def to_json(made: Sequence[Any]) -> list[dict[str, Any]]:
    """As results are kept: four digits say all there is, but of a p."""
    return [
        {
            key: round(value, 6 if key.startswith("p") else 4)
            if isinstance(value, float)
            else value
            for key, value in asdict(one).items()
        }
        for one in made
    ]
