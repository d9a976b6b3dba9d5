"""Judged collections through the real pipeline: how good, how fast."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol, TextIO

import ir_measures
import numpy as np

from indexer.judged import Collection, JudgedQuery, Judgments, Span
from indexer.protocols import Filters
from indexer.search.results import Request, SearchResult
from knowledge.capture import Status
from knowledge.types import Passage, ReadFailure, SourceDocument

DEPTH = 100
_ANSWER_MEASURES = ("nDCG@10", "R@100", "RR")
_PEOPLE_MEASURES = ("RR", "nDCG@5", "AP", "Success@3")
# Latency is taken at the depth that people use, on at most this many evenly spread queries.
_TIMED = 200
RECALL_CHARS, PRECISION_CHARS = 4000, 1000
_RECALL, _PRECISION = f"charR@{RECALL_CHARS}", f"charP@{PRECISION_CHARS}"
_TOUCHED = (1, 3)

Progress = Callable[[str, int, int], None]
"""(what, done, of)"""
Run = dict[str, list[str]]
Values = dict[str, dict[str, float]]
"""Measure -> query id -> value, of every judged query."""


class System(Protocol):
    """What is evaluated, wired as in production over a fresh data directory."""

    def ingest(self, items: Iterable[SourceDocument | ReadFailure]) -> Iterator[Any]: ...

    def catch_up(self) -> int: ...

    def search(self, request: Request) -> SearchResult: ...

    def document_ids(self) -> dict[str, int]: ...

    def passages(self) -> int: ...

    def embedded_all(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Report:
    """One collection's figures by their usual names; what is not judged is None."""

    collection: str
    documents: int
    passages: int
    ingest_seconds: float | None
    passages_per_cpu_second: float | None
    query_ms: dict[str, float]
    answers: dict[str, float] | None
    spans: dict[str, float] | None
    people: dict[str, float] | None
    highlights: dict[str, float] | None = None
    abstention: dict[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """The wire form of ``whoknows eval --json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A report with what is behind it: ``values`` by part of the report ("answers", "spans",
    "highlights", "people"; only what is judged), and the runs, query id -> ranked ids."""

    report: Report
    values: dict[str, Values]
    answers: Run
    people: Run
    refused: tuple[str, ...]


def newest(items: Iterable[SourceDocument | ReadFailure]) -> datetime | None:
    """The collection's "now": its newest ``updated_at``."""
    times = (i.updated_at for i in items if isinstance(i, SourceDocument) and i.updated_at)
    return max(times, default=None)


def ingest(
    system: System, items: Iterable[SourceDocument | ReadFailure], progress: Progress
) -> tuple[int, list[str], float, float]:
    """Put a corpus in. Returns documents stored, refusals, wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    refused, stored = [], 0
    for outcome in system.ingest(items):
        if outcome.status is Status.REFUSED:
            refused.append(f"{outcome.name}: {outcome.reason}")
        else:
            stored += 1
        progress("documents", stored, 0)
    system.catch_up()
    return stored, refused, time.perf_counter() - wall, time.process_time() - cpu


def evaluate(
    system: System,
    collection: Collection,
    items: Iterable[SourceDocument | ReadFailure],
    progress: Progress,
) -> Evaluation:
    """Ingest and run every query through the same pipeline as production."""
    stored, refused, wall, cpu = ingest(system, items, progress)
    ids = system.document_ids()
    latencies = _time(system, collection.queries, ids)
    answers: Run = {}
    people: Run = {}
    confident: dict[str, bool] = {}
    spans: Values = {}
    highlights: Values = {}
    for done, query in enumerate(collection.queries, 1):
        result = system.search(request(query, ids, DEPTH))
        answers[query.id] = [hit.document.external_id for hit in result.answers]
        people[query.id] = [(hit.person.handles or (hit.person.name,))[0] for hit in result.people]
        confident[query.id] = result.confident
        if query.id in collection.spans:
            relevant = collection.spans[query.id]
            ranked = [hit.passage for hit in result.answers]
            _note(spans, query.id, _RECALL, char_recall(ranked, relevant))
            _note(spans, query.id, _PRECISION, char_precision(ranked, relevant))
            for name, value in highlighted(result, relevant).items():
                _note(highlights, query.id, name, value)
        progress("queries", done, len(collection.queries))
    values = {
        "answers": measured(collection.answers, answers, _ANSWER_MEASURES),
        "spans": spans,
        "highlights": highlights,
        "people": measured(collection.experts, people, _PEOPLE_MEASURES),
    }
    values = {part: measured for part, measured in values.items() if measured}
    means = {part: means_of(measured) for part, measured in values.items()}
    passages = system.passages()
    fresh = system.embedded_all()
    report = Report(
        collection=collection.name,
        documents=stored,
        passages=passages,
        ingest_seconds=round(wall, 1) if fresh else None,
        passages_per_cpu_second=round(passages / cpu, 1) if fresh else None,
        query_ms=latencies,
        answers=means.get("answers"),
        spans=means.get("spans"),
        people=means.get("people"),
        highlights=means.get("highlights"),
        abstention=abstention(collection.queries, confident),
    )
    return Evaluation(report, values, answers, people, tuple(refused))


def request(query: JudgedQuery, ids: dict[str, int], limit: int) -> Request:
    if query.within is None:
        return Request(query.text, limit=limit, people_limit=limit)
    within = Filters(document=frozenset({ids.get(query.within, 0)}))
    return Request(query.text, within, limit=limit, people_limit=limit)


def abstention(
    queries: Sequence[JudgedQuery], confident: Mapping[str, bool]
) -> dict[str, float] | None:
    """How often nothing was claimed: where that was right, and where it was not. None for a
    collection without queries that nobody can answer."""
    hopeless = [confident[query.id] for query in queries if not query.answerable]
    hopeful = [confident[query.id] for query in queries if query.answerable]
    if not hopeless or not hopeful:
        return None
    return {
        "abstained": 1 - sum(hopeless) / len(hopeless),
        "false abstention": 1 - sum(hopeful) / len(hopeful),
    }


def _time(system: System, queries: Sequence[JudgedQuery], ids: dict[str, int]) -> dict[str, float]:
    chosen = queries[:: max(1, len(queries) // _TIMED)][:_TIMED]
    taken = []
    for query in chosen:
        asked = request(query, ids, 10)
        start = time.perf_counter()
        system.search(Request(asked.query, asked.filters))
        taken.append((time.perf_counter() - start) * 1000)
    if not taken:
        return {}
    return {
        "p50": round(float(np.percentile(taken, 50)), 1),
        "p95": round(float(np.percentile(taken, 95)), 1),
    }


def means_of(values: Values) -> dict[str, float]:
    """Each measure's mean over all judged queries."""
    return {name: float(np.mean(list(told.values()))) for name, told in values.items()}


def _note(values: Values, query: str, name: str, value: float) -> None:
    values.setdefault(name, {})[query] = value


def measured(judged: Judgments, run: Run, names: Sequence[str]) -> Values:
    """By these measures, of all judged queries; what found nothing or was not run is 0."""
    if not judged:
        return {}
    measures = [ir_measures.parse_measure(name) for name in names]
    qrels = [
        ir_measures.Qrel(query, target, score)
        for query, targets in judged.items()
        for target, score in targets.items()
    ]
    ranked = [
        ir_measures.ScoredDoc(query, target, -float(place))
        for query, targets in run.items()
        if query in judged
        for place, target in enumerate(targets)
    ]
    values: Values = {name: dict.fromkeys(judged, 0.0) for name in names}
    for metric in ir_measures.iter_calc(measures, qrels, ranked):
        values[str(metric.measure)][metric.query_id] = metric.value
    return values


def highlighted(result: SearchResult, relevant: Sequence[Span]) -> dict[str, float]:
    """How well what is marked hits the relevant ranges of the one document searched.

    touch@k: 1 if the marks of any of the first k answers share a character with them; quote@1: the
    same of the first quote of the first person; inside@1: the relevant part of the characters
    marked in the first answer, which longer marks do not raise.
    """
    wanted = _cover(relevant)
    marked = [
        {hit.passage.start + at for start, end in hit.highlights for at in range(start, end)}
        for hit in result.answers[: max(_TOUCHED)]
    ]
    first = marked[0] if marked else set()
    quotes = [set(range(e.start, e.end)) for p in result.people[:1] for e in p.evidence[:1]]
    return {
        **{f"touch@{k}": float(any(marks & wanted for marks in marked[:k])) for k in _TOUCHED},
        "inside@1": len(first & wanted) / len(first) if first else 0.0,
        "quote@1": float(any(quote & wanted for quote in quotes)),
    }


def char_recall(ranked: Sequence[Passage], relevant: Sequence[Span]) -> float:
    """charR@4000: relevant characters among the first 4,000 seen / min(4000, all relevant)."""
    seen = _walk(ranked, RECALL_CHARS)
    wanted = _cover(relevant)
    return len(seen & wanted) / min(RECALL_CHARS, len(wanted)) if wanted else 0.0


def char_precision(ranked: Sequence[Passage], relevant: Sequence[Span]) -> float:
    """charP@1000: the relevant part of the first 1,000 characters seen."""
    seen = _walk(ranked, PRECISION_CHARS)
    return len(seen & _cover(relevant)) / PRECISION_CHARS


def _walk(ranked: Sequence[Passage], limit: int) -> set[int]:
    """The first ``limit`` distinct characters, passage by passage, each from its beginning."""
    seen: set[int] = set()
    for passage in ranked:
        for at in range(passage.start, passage.end):
            if len(seen) >= limit:
                return seen
            seen.add(at)
    return seen


def _cover(spans: Sequence[Span]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def write_run(file: TextIO, evaluation: Evaluation) -> None:
    """Write the answers as a TREC run: query Q0 document rank score tag."""
    for query, targets in evaluation.answers.items():
        for place, target in enumerate(dict.fromkeys(targets), 1):
            file.write(f"{query} Q0 {target} {place} {1.0 / place:.6f} whoknows\n")
