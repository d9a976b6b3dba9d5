"""What benchmarks over judged collections are told on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer import judged
from indexer.judged import Collection


def parser(description: str | None) -> argparse.ArgumentParser:
    """For ``collections``, ``vectors`` and ``record``."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("collections", nargs="+", type=Path, metavar="DIR")
    made.add_argument("--vectors", type=Path, help="directory of vectors to reuse and add to")
    made.add_argument("--record", action="store_true", help="keep the figures for the docs")
    return made


def asked(
    given: argparse.ArgumentParser, arguments: Sequence[str] | None
) -> tuple[argparse.Namespace, list[Collection]]:
    """The options, and the collections that they name. Ends the command where these are none:
    figures of nothing would take the place of what was measured."""
    options = given.parse_args(arguments)
    collections = found(options.collections)
    if not collections:
        given.error(f"no judged collection in {', '.join(map(str, options.collections))}")
    return options, collections


def found(paths: Sequence[Path]) -> list[Collection]:
    """The collections given, and those in folders given. Raises UnreadableExport."""
    return [judged.load(path) for path in _folders(paths)]


def _folders(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if (path / "corpus.jsonl").is_file():
            yield path
        elif path.is_dir():
            yield from sorted(inner.parent for inner in path.glob("*/corpus.jsonl"))
