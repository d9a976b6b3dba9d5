"""What the search achieved, query by query: numbers only, nothing of the collections' texts.

A line a measure: ``{"collection", "judgments", "model", "measure", "values"}``. ``values`` are
ten-thousandths in the order of the sorted ids of the judged queries; the ids themselves are not
kept. ``judgments`` and ``model`` are hashes, of the collection's files and of the model's identity.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.evaluation import Values

FILE = Path(__file__).with_name("baseline.jsonl")
_UNITS = 10_000
_PARTS = ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv", "experts/test.tsv", "spans/test.tsv")


@dataclass(frozen=True, slots=True)
class Baseline:
    """One collection's values by measure, each in the order of the sorted query ids."""

    collection: str
    judgments: str
    model: str
    values: dict[str, list[int]]


def made(collection: str, path: Path, model: str, values: Values) -> Baseline:
    """A baseline of what was just measured. ``path``: the collection's folder."""
    kept = {name: [rounded(told[key]) for key in sorted(told)] for name, told in values.items()}
    return Baseline(collection, fingerprint(path), short(model), kept)


def rounded(value: float) -> int:
    """A value as it is kept and compared."""
    return round(value * _UNITS)


def mean(values: Sequence[int]) -> float:
    """The mean of kept values, as a measure."""
    return sum(values) / len(values) / _UNITS


def fingerprint(path: Path) -> str:
    """Of everything that is judged, and by what."""
    digest = hashlib.sha256()
    for part in _PARTS:
        if (path / part).exists():
            with (path / part).open("rb") as file:
                digest.update(part.encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def short(model: str) -> str:
    """A model's identity, short enough for each line."""
    return hashlib.sha256(model.encode()).hexdigest()[:16]


def read(file: Path) -> dict[str, Baseline]:
    """By collection; empty where there is no file."""
    held: dict[str, Baseline] = {}
    if not file.exists():
        return held
    for line in file.read_text("utf-8").splitlines():
        told = json.loads(line)
        empty = Baseline(told["collection"], told["judgments"], told["model"], {})
        baseline = held.setdefault(told["collection"], empty)
        baseline.values[told["measure"]] = told["values"]
    return held


def write(file: Path, baselines: Iterable[Baseline]) -> None:
    """Write all of them, in the order of names."""
    lines = [
        json.dumps(
            {
                "collection": one.collection,
                "judgments": one.judgments,
                "model": one.model,
                "measure": measure,
                "values": values,
            },
            separators=(",", ":"),
        )
        for one in sorted(baselines, key=lambda one: one.collection)
        for measure, values in one.values.items()
    ]
    file.write_text("".join(line + "\n" for line in lines), "utf-8")
