"""whoknows beside others, losses included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.performance import Plots, measured, missing, shown
from benchmarks.plots import bars, short
from benchmarks.tables import table

COMMAND = "benchmarks.peers DIR... --record"
LEVEL = 0.05
# Below this, two times or sizes are called the same: machines differ more from day to day.
_SAME = 0.05


@dataclass(frozen=True, slots=True)
class Measure:
    """``key`` in the figures; ``more``: more is better; ``title``: of its plot, if it has one."""

    key: str
    head: str
    title: str = ""
    unit: str = ""
    more: bool = False


MEASURES = (
    Measure("ndcg", "nDCG@10", "nDCG@10: more is better", more=True),
    Measure(
        "passages_per_cpu_second",
        "ingest, passages a CPU-s",
        "Ingest, encoding included: more is better",
        "passages a CPU-second",
        more=True,
    ),
    Measure("passages_per_second", "ingest, passages/s", more=True),
    Measure("p50_ms", "query p50, ms", "Query, encoding included, median: less is better", "ms"),
    Measure("p95_ms", "p95, ms"),
    Measure("cpu_p50_ms", "CPU p50, ms"),
    Measure("resident_mb", "MiB after all"),
    Measure(
        "fresh_mb", "MiB, opened", "Memory of a process that opened the index and searched", "MiB"
    ),
    Measure("disk_mb", "disk, MiB"),
    Measure("start_s", "start, s", "From the start of the process to the first answer", "s"),
)


def section(told: Mapping[str, Any] | None, plots: Plots) -> Iterator[str]:
    """Tables, one a collection; what is behind; how each was set up."""
    yield "\n## Beside other libraries\n"
    if told is None:
        yield missing(COMMAND)
        return
    figures = told["figures"]
    collections = figures["collections"]
    yield measured(told, COMMAND)
    cores = "one core" if figures["cores"] == 1 else f"{figures['cores']} cores"
    yield INTRODUCTION.format(cores=cores, rounds=figures["rounds"])
    for one in collections:
        yield (
            f"\n### {one['name']}\n\n{one['documents']:,} documents, {one['passages']:,} passages, "
            f"{one['queries']:,} questions, {one['timed']} of them timed; ingest with "
            f"{one['ingested']:,} passages.\n"
        )
        head = ("", *(measure.head for measure in MEASURES))
        yield table(head, [(s["name"], *_cells(s)) for s in one["systems"]])
    yield "\nThe difference from whoknows stands beside nDCG@10, **bold** where it is no chance."
    for measure in MEASURES:
        if measure.title:
            yield _plot(measure, collections, plots)
    yield "\n### Where whoknows is behind\n"
    yield from _behind(collections) or ["Nowhere in these tables."]
    yield "\n### How each was set up\n"
    for system in collections[0]["systems"]:
        yield f"- **{system['name']}** {system['version']}: {system['told']}"


INTRODUCTION = """Every system gets the same passages, those that whoknows cuts with the title and
headings in front, and the same model, all-MiniLM-L6-v2. Each has an environment of its own, with
pinned versions, and {cores}. They take turns (rounds: {rounds}), so that what else the machine does
harms all alike. Ingest is measured on a part, encoding included. The whole collection is then
loaded with vectors that were computed once, the same for all that encode in float32; a query always
includes encoding it. Times are for 10 results. For nDCG@10, 100 passages are asked for, so that 10
documents are among them, and documents stand in the order of their best passage; the others get a
deeper fusion by this than the times stand for. p is of a paired randomisation test, corrected by
Holm.

whoknows does more for each query than the others: it checks rights in SQL, ranks people with their
evidence, marks the best sentences, counts facets and keeps a log. On disk it also holds the texts,
their history and the vectors in the database, which its indexes can be rebuilt from."""


def _cells(system: Mapping[str, Any]) -> Iterator[str]:
    for measure in MEASURES:
        value = system[measure.key]
        if measure.key != "ndcg":
            yield short(value)
        elif "p" not in system:
            yield f"{value:.3f}"
        else:
            difference = f"{system['difference']:+.3f}"
            told = f"**{difference}**" if system["p"] < LEVEL else difference
            p = "p < .001" if system["p"] < 0.001 else f"p {system['p']:.3f}"
            yield f"{value:.3f} ({told}, {p})"


def _plot(measure: Measure, collections: Sequence[Mapping[str, Any]], plots: Plots) -> str:
    names = [one["name"] for one in collections]
    rows = [
        (system["name"], [one["systems"][place][measure.key] for one in collections])
        for place, system in enumerate(collections[0]["systems"])
    ]
    file = f"peers-{measure.key.replace('_', '-')}"
    return shown(plots, file, measure.title, bars(measure.title, measure.unit, names, rows))


def _behind(collections: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every figure in which another system is better, but for its own second row."""
    told = []
    for one in collections:
        ours, *others = one["systems"]
        for measure in MEASURES:
            better = [
                f"{system['name']} {_value(measure, system)}"
                for system in others
                if not system["name"].startswith(ours["name"]) and _is_better(measure, system, ours)
            ]
            if better:
                mine = _value(measure, ours)
                told.append(f"- {one['name']}, {measure.head}: {mine}; {', '.join(better)}")
    return told


def _value(measure: Measure, system: Mapping[str, Any]) -> str:
    value = system[measure.key]
    return f"{value:.3f}" if measure.key == "ndcg" else short(value)


def _is_better(measure: Measure, other: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    its, mine = other[measure.key], ours[measure.key]
    if measure.key == "ndcg":
        return bool(its > mine)
    return bool(its > mine * (1 + _SAME) if measure.more else its < mine * (1 - _SAME))
