"""One collection through every system, in rounds: what else the machine does harms all alike."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
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
    with tempfile.TemporaryDirectory(prefix="whoknows-peers-") as place:
        folder = Path(place)
        held, passages = parts.write(collection, folder / "whole", cache)
        _, ingested = parts.write(collection, folder / "some", cache, asked.ingest_passages)
        one = _Comparison(collection, systems, asked, folder)
        one.take_in()
        one.answer(cache)
        one.start()
    return {
        "name": collection.name,
        "documents": held,
        "passages": passages,
        "ingested": ingested,
        "queries": len(one.queries),
        "timed": len(one.timed),
        "systems": _figures(collection, systems, one.taken, ingested),
    }


class _Comparison:
    """What is done with one collection, in this order; ``taken`` fills up."""

    def __init__(
        self, collection: Collection, systems: Sequence[System], asked: Asked, folder: Path
    ) -> None:
        """``folder`` holds the parts, and gets what the systems write."""
        self.queries = [query for query in collection.queries if query.within is None]
        texts = [query.text for query in self.queries]
        self.timed = texts[:: max(1, len(texts) // asked.queries)][: asked.queries]
        self.taken = {system.name: Taken() for system in systems}
        self._name = collection.name
        self._systems = systems
        self._asked = asked
        self._folder = folder

    def take_in(self) -> None:
        """The part into empty folders, encoding included."""
        for system in self._rounds("takes a part in"):
            with self._running(system, self._folder / "fresh") as running:
                told = running.add(self._folder / "some", None)
            self.taken[system.name].ingest.append((told["wall_s"], told["cpu_s"]))
            shutil.rmtree(self._folder / "fresh")

    def answer(self, cache: Path) -> None:
        """Everything is loaded; then latency in rounds, and the order of documents."""
        with ExitStack() as stack:
            loaded = {}
            for system in self._systems:
                self._say(f"{system.name} loads the collection")
                running = self._running(system, self._home(system))
                loaded[system.name] = stack.enter_context(running)
                self.taken[system.name].version = running.version
                running.add(self._folder / "whole", cache)
            for system in self._rounds(f"is asked {len(self.timed)} questions"):
                _time(loaded[system.name], self.timed, self.taken[system.name])
            for system in self._systems:
                self._say(f"{system.name} is asked all {len(self.queries)}")
                running, taken = loaded[system.name], self.taken[system.name]
                for query in self.queries:
                    taken.run[query.id] = documents(running.search(query.text, DEPTH)["found"])
                taken.resident_mb = running.resident_mb()

    def start(self) -> None:
        """New processes over what was loaded."""
        for system in self._rounds("starts"):
            taken = self.taken[system.name]
            with self._running(system, self._home(system)) as running:
                running.search(self.timed[0], LIMIT)
                taken.starts.append(running.running_s())
                for text in self.timed[1 : 2 * _WARM]:
                    running.search(text, LIMIT)
                taken.fresh_mb = running.resident_mb()
            taken.disk_mb = _size_mb(self._home(system))

    def _rounds(self, what: str) -> Iterator[System]:
        for number in range(self._asked.rounds):
            for system in turned(self._systems, number):
                self._say(f"round {number + 1}: {system.name} {what}")
                yield system

    def _running(self, system: System, home: Path) -> Running:
        return Running(system, home, self._asked.model, self._asked.cores)

    def _home(self, system: System) -> Path:
        return self._folder / system.name.replace(", ", "-")

    def _say(self, what: str) -> None:
        print(f"{self._name}: {what}", flush=True)


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


def turned(systems: Sequence[System], number: int) -> list[System]:
    """Another one is the first in each round."""
    at = number % len(systems)
    return [*systems[at:], *systems[:at]]


def documents(found: Sequence[str]) -> list[str]:
    """Those of the passages found, in the order of their best one."""
    return list(dict.fromkeys(passage.rpartition(" ")[0] for passage in found))


def _time(running: Running, texts: Sequence[str], taken: Taken) -> None:
    for text in texts[-_WARM:]:
        running.search(text, LIMIT)
    for text in texts:
        told = running.search(text, LIMIT)
        taken.wall.append(told["wall_s"])
        taken.cpu.append(told["cpu_s"])


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
