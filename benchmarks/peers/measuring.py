"""One collection through every system, in rounds: what else the machine does harms all alike."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.peers import parts
from benchmarks.peers.quality import compared, values
from benchmarks.peers.running import Running
from benchmarks.peers.systems import System
from indexer.judged import Collection

LIMIT = 10
DEPTH = 100
"""Passages asked for where the order of documents is judged, and not the time."""
_WARM = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is measured."""

    rounds: int
    ingest_passages: int
    queries: int
    cores: int
    model: str


@dataclass(slots=True)
class Taken:
    """What one system took: seconds, MiB; one entry a round or a query."""

    version: str = ""
    ingest: list[tuple[float, float]] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    resident_mb: float = 0.0
    fresh_mb: float = 0.0
    disk_mb: float = 0.0
    run: dict[str, list[str]] = field(default_factory=dict)


def measure(collection: Collection, systems: Sequence[System], asked: Asked) -> dict[str, Any]:
    """The collection's figures, as they are kept."""
    cache = parts.cache_folder()
    taken = {system.name: Taken() for system in systems}
    queries = [query for query in collection.queries if query.within is None]
    texts = [query.text for query in queries]
    timed = texts[:: max(1, len(texts) // asked.queries)][: asked.queries]
    with tempfile.TemporaryDirectory(prefix="whoknows-peers-") as place:
        folder = Path(place)
        documents, passages = parts.write(collection, folder / "whole", cache)
        _, ingested = parts.write(collection, folder / "some", cache, asked.ingest_passages)
        for number in range(asked.rounds):
            for system in _turned(systems, number):
                _say(collection, f"round {number + 1}: {system.name} takes {ingested} passages in")
                with Running(system, folder / "fresh", asked.model, asked.cores) as running:
                    told = running.add(folder / "some", None)
                taken[system.name].ingest.append((told["wall_s"], told["cpu_s"]))
                shutil.rmtree(folder / "fresh")
        with ExitStack() as stack:
            open_ones = {}
            for system in systems:
                _say(collection, f"{system.name} loads {passages} passages")
                running = Running(system, _home(folder, system), asked.model, asked.cores)
                open_ones[system.name] = stack.enter_context(running)
                taken[system.name].version = running.version
                running.add(folder / "whole", cache)
            for number in range(asked.rounds):
                for system in _turned(systems, number):
                    _say(collection, f"round {number + 1}: {system.name} is asked {len(timed)}")
                    _time(open_ones[system.name], timed, taken[system.name])
            for system in systems:
                _say(collection, f"{system.name} is asked everything")
                for query in queries:
                    found = open_ones[system.name].search(query.text, DEPTH)["found"]
                    taken[system.name].run[query.id] = list(_documents(found))
                taken[system.name].resident_mb = open_ones[system.name].resident_mb()
        for number in range(asked.rounds):
            for system in _turned(systems, number):
                _say(collection, f"round {number + 1}: {system.name} starts")
                with Running(system, _home(folder, system), asked.model, asked.cores) as running:
                    running.search(timed[0], LIMIT)
                    taken[system.name].starts.append(running.running_s())
                    for text in timed[1 : 2 * _WARM]:
                        running.search(text, LIMIT)
                    taken[system.name].fresh_mb = running.resident_mb()
        for system in systems:
            taken[system.name].disk_mb = _size_mb(_home(folder, system))
    counts = {"documents": documents, "passages": passages, "ingested": ingested}
    counts |= {"queries": len(queries), "timed": len(timed)}
    return {
        "name": collection.name,
        **counts,
        "systems": _figures(collection, systems, taken, ingested),
    }


def _figures(
    collection: Collection, systems: Sequence[System], taken: dict[str, Taken], ingested: int
) -> list[dict[str, Any]]:
    judged = {name: values(collection.answers, one.run) for name, one in taken.items()}
    against = compared(judged, systems[0].name)
    figures = []
    for system in systems:
        one = taken[system.name]
        figures.append(
            {
                "name": system.name,
                "version": one.version,
                "told": system.told,
                "passages_per_second": ingested / median(wall for wall, _ in one.ingest),
                "passages_per_cpu_second": ingested / median(cpu for _, cpu in one.ingest),
                "p50_ms": float(np.percentile(one.wall, 50) * 1000),
                "p95_ms": float(np.percentile(one.wall, 95) * 1000),
                "cpu_p50_ms": float(np.percentile(one.cpu, 50) * 1000),
                "resident_mb": one.resident_mb,
                "fresh_mb": one.fresh_mb,
                "disk_mb": one.disk_mb,
                "start_s": median(one.starts),
                **against[system.name],
            }
        )
    return figures


def _turned(systems: Sequence[System], number: int) -> list[System]:
    """Another one is the first in each round."""
    at = number % len(systems)
    return [*systems[at:], *systems[:at]]


def _home(folder: Path, system: System) -> Path:
    return folder / system.name.replace(", ", "-")


def _time(running: Running, texts: Sequence[str], taken: Taken) -> None:
    for text in texts[-_WARM:]:
        running.search(text, LIMIT)
    for text in texts:
        told = running.search(text, LIMIT)
        taken.wall.append(told["wall_s"])
        taken.cpu.append(told["cpu_s"])


def _documents(found: Iterable[str]) -> Iterator[str]:
    """In the order of their best passage."""
    yield from dict.fromkeys(passage.rpartition(" ")[0] for passage in found)


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def _say(collection: Collection, what: str) -> None:
    print(f"{collection.name}: {what}", flush=True)
