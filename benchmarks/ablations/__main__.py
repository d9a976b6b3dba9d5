"""The command; see the package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api import judging
from api.services import EvaluatedSystem
from benchmarks import results
from benchmarks.ablations.compare import Measured, Row, measure, rows
from benchmarks.ablations.material import Material, collect
from benchmarks.ablations.transfer import Transfer, halves, transfers
from benchmarks.ablations.variants import stages
from benchmarks.gate import found
from indexer import evaluation
from indexer.judged import Collection
from knowledge.settings import load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Collect, rank every way, print and keep."""
    parser = argparse.ArgumentParser(description=sys.modules["benchmarks.ablations"].__doc__)
    parser.add_argument("collections", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--vectors", type=Path, help="directory of vectors to reuse and add to")
    parser.add_argument("--record", action="store_true", help="keep the figures for the docs")
    options = parser.parse_args(arguments)
    every, measured, materials = stages(), Measured(), []
    for material in _materials(found(options.collections), options.vectors):
        measure(material, every, measured)
        materials.append(material)
    compared = rows(measured, every)
    chosen = transfers(measured, every, halves(materials))
    for line in table(compared):
        print(line)
    if options.record:
        told = {"rows": to_json(compared), "transfers": to_json(chosen)}
        print(results.keep("ablations", told))
    return 0


def _materials(collections: Sequence[Collection], vectors: Path | None) -> Iterator[Material]:
    for collection in collections:
        with judging.fresh(load_settings(), collection, vectors) as services:
            items = list(judging.documents(collection))
            system = EvaluatedSystem(services)
            evaluation.ingest(system, items, lambda what, done, of: None)
            yield collect(services, collection, evaluation.newest(items))
        print(f"{collection.name}: collected", file=sys.stderr, flush=True)


def table(compared: Sequence[Row]) -> Iterator[str]:
    """One line a row."""
    for row in compared:
        p = "" if row.p is None else f"p {row.p:.4f}, corrected {row.holm:.3f}"
        yield (
            f"{row.task:8} {row.stage:24} {row.way:28} {row.collection:16} {row.measure:11} "
            f"{row.mean:.4f} {row.gain:+.4f} {p}"
        )


def to_json(made: Sequence[Row | Transfer]) -> list[dict[str, Any]]:
    """As results are kept: four digits say all there is."""
    return [
        {
            key: round(value, 4) if isinstance(value, float) else value
            for key, value in asdict(one).items()
        }
        for one in made
    ]


if __name__ == "__main__":
    sys.exit(main())
