"""The command; see the package."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from api import judging
from benchmarks import given, results
from benchmarks.ablations.compare import Measured, Row, measure, rows, to_json
from benchmarks.ablations.material import Material, collected, shape
from benchmarks.ablations.transfer import halves, transfers
from benchmarks.ablations.variants import stages
from indexer.judged import Collection
from knowledge.settings import load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Collect, rank every way, print and keep."""
    options, collections = given.asked(
        given.parser(sys.modules["benchmarks.ablations"].__doc__), arguments
    )
    every, measured, held = stages(), Measured(), []
    for material in materials(collections, options.vectors):
        measure(material, every, measured)
        held.append(material)
    compared = rows(measured, every)
    chosen = transfers(measured, every, halves(held))
    for line in table(compared):
        print(line)
    if options.record:
        told = {
            "shapes": [shape(material) for material in held],
            "rows": to_json(compared),
            "transfers": to_json(chosen),
        }
        print(results.keep("ablations", told))
    return 0


def materials(
    collections: Sequence[Collection], vectors: Path | None, feedback: bool = True
) -> Iterator[Material]:
    """Of each collection, in turn; see ``collect``."""
    for collection in collections:
        with judging.fresh(load_settings(), collection, vectors) as services:
            yield collected(services, collection, feedback)
        print(f"{collection.name}: collected", file=sys.stderr, flush=True)


def table(compared: Sequence[Row]) -> Iterator[str]:
    """One line a row."""
    for row in compared:
        p = "" if row.p is None else f"p {row.p:.5f}"
        yield (
            f"{row.task:8} {row.stage:24} {row.way:28} {row.collection:16} {row.measure:11} "
            f"{row.mean:.4f} {row.gain:+.4f} {p}"
        )


if __name__ == "__main__":
    sys.exit(main())
