"""What the benchmark and the systems that it compares say to each other: a line of JSON each way.

Every system runs this file with its own Python, so it needs nothing but the standard library, and
numpy where vectors are given. Times are taken here, around what the driver does and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

CORES = "PEERS_CORES"
"""The variable that says which processors may be used: their numbers with commas between."""


@dataclass(frozen=True)
class Passage:
    """``id``: the document's id, a space, and the passage's place in it."""

    id: str
    text: str


@dataclass(frozen=True)
class Part:
    """What is put in. ``vectors``: those of the passages, shape (passages, dimension), float32;
    None where the system has to compute them. ``documents``: the same as a judged collection's
    lines, and ``cache`` where vectors lie by text, for the system that cuts passages itself."""

    passages: Sequence[Passage]
    vectors: Any
    documents: Path
    cache: Path | None


class Driver(Protocol):
    """A system. What it imports, it imports in ``open``: a start is measured with it."""

    package: str
    """The distribution whose version is told."""

    def open(self, folder: Path, model: str) -> None:
        """Load the model from its folder and encode something, open what ``folder`` holds."""

    def add(self, part: Part) -> None:
        """Put everything in and write it to the folder, so that another process can open it."""

    def search(self, text: str, limit: int) -> list[str]:
        """Ids of at most so many passages, best first."""

    def close(self) -> None:
        """Leave the folder as another process can open it."""


def read_part(folder: Path, cache: Path | None) -> Part:
    """A part as ``benchmarks.peers.parts`` wrote it; with its vectors where ``cache`` is given."""
    with (folder / "passages.jsonl").open(encoding="utf-8") as lines:
        passages = [Passage(**json.loads(line)) for line in lines]
    vectors = None
    if cache is not None:
        import numpy as np

        vectors = np.load(folder / "vectors.npy")
    return Part(passages, vectors, folder / "documents.jsonl", cache)


def serve(driver: Driver) -> None:
    """Answer requests until there are no more."""
    if chosen := os.environ.get(CORES):
        os.sched_setaffinity(0, {int(core) for core in chosen.split(",")})
    # Libraries print what they like; only answers may reach the one who asks.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            told = _answered(driver, json.loads(line))
        except Exception:
            told = {"error": traceback.format_exc()}
        answers.write(json.dumps(told) + "\n")
        answers.flush()
    driver.close()


def _answered(driver: Driver, request: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    part = None
    if request["do"] == "add":
        cache = request["cache"]
        part = read_part(Path(request["part"]), cache and Path(cache))
        told["passages"] = len(part.passages)
    cpu, wall = time.process_time(), time.perf_counter()
    if request["do"] == "open":
        driver.open(Path(request["folder"]), request["model"])
    elif part is not None:
        driver.add(part)
    else:
        told["found"] = driver.search(request["text"], request["limit"])
    told["wall_s"] = time.perf_counter() - wall
    told["cpu_s"] = time.process_time() - cpu
    if request["do"] == "open":
        told["version"] = version(driver.package)
    return told
