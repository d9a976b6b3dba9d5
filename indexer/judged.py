"""A judged collection's queries and judgments (BEIR's layout); its corpus is read by a reader."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
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
    file = path / "spans" / "test.tsv"
    for number, (query, _), (start, end) in _rows(
        file, ("query-id", "corpus-id"), ("start", "end")
    ):
        if not 0 <= start < end:
            raise UnreadableExport(f"{file}, line {number}: {start} to {end} is no range of a text")
        spans.setdefault(query, []).append((start, end))
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
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                told = json.loads(line)
                within = told.get("within")
                texts = (told["_id"], told["text"], "" if within is None else within)
                if not all(isinstance(text, str) for text in texts):
                    raise TypeError
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise UnreadableExport(f"{path}, line {number}: not a query") from error
            answerable = told.get("answerable", True) is True
            queries.append(JudgedQuery(told["_id"], told["text"], within, answerable))
    return queries


def _judgments(path: Path, target: str) -> Judgments:
    judged: Judgments = {}
    for _, (query, judged_one), (score,) in _rows(path, ("query-id", target), ("score",)):
        judged.setdefault(query, {})[judged_one] = score
    return judged


def _rows(
    path: Path, texts: tuple[str, ...], numbers: tuple[str, ...]
) -> Iterator[tuple[int, list[str], list[int]]]:
    """Line number, texts and whole numbers of every row, by the columns' names; a missing file
    has no rows. Raises UnreadableExport."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        try:
            missing = {*texts, *numbers} - {*(rows.fieldnames or ())}
            if missing:
                raise UnreadableExport(
                    f"{path}, line 1: no column {', '.join(sorted(missing))}, separated by tabs"
                )
            for row in rows:
                held = [row[name] for name in texts]
                if not all(held):
                    raise UnreadableExport(f"{path}, line {rows.line_num}: a value is missing")
                yield rows.line_num, held, [int(row[name]) for name in numbers]
        except UnicodeDecodeError as error:
            raise UnreadableExport(f"{path} is no text in UTF-8") from error
        except (ValueError, TypeError, csv.Error) as error:
            raise UnreadableExport(
                f"{path}, line {rows.line_num}: {', '.join(numbers)} must be a whole number"
            ) from error
