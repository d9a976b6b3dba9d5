"""A judged collection's queries and judgments (BEIR's layout); its corpus is read by a reader."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import UnreadableExport

Judgments = dict[str, dict[str, int]]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """``within`` restricts the query to one document, by its id in the collection. What is not
    ``answerable`` has no judgments: nothing in the collection answers it, nobody in it knows."""

    id: str
    text: str
    within: str | None = None
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class Collection:
    """``spans``: query id -> relevant ranges of the text of its document. Parts may be empty."""

    name: str
    path: Path
    queries: tuple[JudgedQuery, ...]
    answers: Judgments
    experts: Judgments
    spans: dict[str, list[Span]]


def load(path: Path) -> Collection:
    """Read a collection. Raises UnreadableExport naming the file and line that is wrong."""
    if not (path / "corpus.jsonl").is_file():
        raise UnreadableExport(f"{path} is no judged collection: it has no corpus.jsonl")
    spans: dict[str, list[Span]] = {}
    for row in _rows(path / "spans" / "test.tsv"):
        spans.setdefault(row["query-id"], []).append((int(row["start"]), int(row["end"])))
    return Collection(
        path.resolve().name,
        path,
        tuple(_queries(path / "queries.jsonl")),
        _judgments(path / "qrels" / "test.tsv", "corpus-id"),
        _judgments(path / "experts" / "test.tsv", "person"),
        spans,
    )


def _queries(path: Path) -> list[JudgedQuery]:
    queries: list[JudgedQuery] = []
    if not path.exists():
        return queries
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                told = json.loads(line)
                queries.append(
                    JudgedQuery(
                        told["_id"],
                        told["text"],
                        told.get("within"),
                        told.get("answerable", True) is True,
                    )
                )
            except (ValueError, KeyError, TypeError) as error:
                raise UnreadableExport(f"{path}, line {number}: not a query") from error
    return queries


def _judgments(path: Path, target: str) -> Judgments:
    judged: Judgments = {}
    for row in _rows(path):
        judged.setdefault(row["query-id"], {})[row[target]] = int(row["score"])
    return judged


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
