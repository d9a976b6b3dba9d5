"""How often what is claimed is so: fits the probabilities of ``indexer/search/confidence.py``.

    python -m benchmarks.calibration DIR... --vectors DIR [--record]

Every collection is asked its own questions and, as questions that it cannot answer, those of
collections about something else: whose names begin with another word. These are weighed so that
they are as long as its own, and as many. All are asked of the whole collection, and of a third and
a tenth of its documents. An answer was found if one of the first three documents is judged right; a
person knows who is judged to. Every collection is judged by what was fitted on the others; the last
lines are fitted on all and are what the code should hold.
"""

from __future__ import annotations

import math
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

from api import judging
from api.evaluated import EvaluatedSystem
from benchmarks import given, results
from benchmarks.reliability import Case, report, somebody, weighed
from indexer import evaluation
from indexer.judged import Collection, JudgedQuery
from indexer.protocols import Filters
from indexer.search.confidence import NEAREST
from indexer.search.results import Confidence, PersonHit, Request, SearchResult
from knowledge.settings import load_settings
from knowledge.types import ReadFailure, SourceDocument

OWN, FOREIGN = 450, 300
"""Questions of a collection, and such as it cannot answer, that are asked at most."""
TENTHS, ASKED_OF = 10, (10, 3, 1)
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What questions gave, asked of so many tenths of a collection's documents, ``held``."""

    collection: Collection
    tenths: int
    held: frozenset[str]
    results: tuple[tuple[JudgedQuery, SearchResult], ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, fit, print and keep."""
    options, collections = given.asked(given.parser(__doc__), arguments)
    collections = [one for one in collections if one.answers or one.experts]
    asked = [
        told
        for one in collections
        for told in ask(one, foreign_to(one, collections), options.vectors)
    ]
    settings = load_settings()
    figures: dict[str, Any] = {}
    for name, cases, sure in (
        ("answers", _by_collection(asked, answer_cases), settings.search.confident_from),
        ("people", _by_collection(asked, person_cases), settings.people.medium_from),
    ):
        if len(cases) > 1:
            figures[name] = report(cases, sure, (TENTHS, 1))
            print(f"{name}: {figures[name]}")
    told = _by_collection(asked, known_cases)
    figures["somebody"] = somebody(told, settings.people.confident_from, TENTHS)
    print(f"somebody: {figures['somebody']}")
    figures["bands"] = [
        bands(one) for one in asked if one.tenths == TENTHS and one.collection.experts
    ]
    print(f"bands: {figures['bands']}")
    if options.record:
        print(results.keep("calibration", figures))
    return 0


def _by_collection(
    asked: Sequence[Asked], cases_of: Callable[[Asked], list[Case]]
) -> dict[str, list[Case]]:
    made: dict[str, list[Case]] = {}
    for one in asked:
        cases = cases_of(one)
        if cases:
            made.setdefault(one.collection.name, []).extend(cases)
    return made


def foreign_to(collection: Collection, collections: Sequence[Collection]) -> list[JudgedQuery]:
    """Evenly spread questions of collections about something else, as nobody here can answer."""
    others = [one for one in collections if _about(one) != _about(collection)]
    return [
        replace(query, id=f"{one.name} {query.id}", within=None, answerable=False)
        for one in others
        for query in _spread(one.queries, FOREIGN // len(others))
    ]


def _about(collection: Collection) -> str:
    return re.split(r"\W", collection.name)[0]


def _spread(queries: Sequence[JudgedQuery], most: int) -> list[JudgedQuery]:
    count = min(most, len(queries))
    return [queries[at * len(queries) // count] for at in range(count)]


def ask(
    collection: Collection, foreign: Sequence[JudgedQuery], vectors: Path | None
) -> Iterator[Asked]:
    """Take the collection in, and ask it and its parts at the depth that people see."""
    judged = collection.answers.keys() | collection.experts.keys()
    own = [query for query in collection.queries if query.id in judged or not query.answerable]
    queries = [*_spread(own, OWN), *foreign]
    with judging.fresh(load_settings(), collection, vectors) as services:
        system = EvaluatedSystem(services)
        items = list(_in_tenths(judging.documents(collection)))
        evaluation.ingest(system, items, lambda what, done, of: None)
        for tenths in ASKED_OF:
            sources = frozenset(str(part) for part in range(tenths))
            held = frozenset(item.external_id for item in items if item.source in sources)
            filters = Filters() if tenths == TENTHS else Filters(source=sources)
            told = ((q, system.search(Request(q.text, filters))) for q in queries)
            yield Asked(collection, tenths, held, tuple(told))
    print(f"{collection.name}: asked", file=sys.stderr, flush=True)


def _in_tenths(items: Iterator[SourceDocument | ReadFailure]) -> Iterator[SourceDocument]:
    """The documents, their sources numbered from 0 to 9 by their ids."""
    for item in items:
        if isinstance(item, SourceDocument):
            yield replace(item, source=str(zlib.crc32(item.external_id.encode()) % TENTHS))


def answer_cases(asked: Asked) -> list[Case]:
    """One a question; none for what only a part left out could answer."""
    made, lengths = [], []
    for query, result in asked.results:
        judged = asked.collection.answers.get(query.id, {})
        right = {name for name, score in judged.items() if score > 0} & asked.held
        if query.answerable and not right:
            continue
        names = {hit.document.external_id for hit in result.answers[:NEAREST]}
        made.append(_case(asked, query, astuple(result.signs), bool(names & right)))
        lengths.append(_length(query))
    return weighed(made, lengths) if asked.collection.answers else []


def person_cases(asked: Asked) -> list[Case]:
    """One for everybody whom a question lists."""
    made, lengths = [], []
    for query, result in asked.results:
        for hit in result.people[:SHOWN]:
            made.append(_case(asked, query, astuple(hit.signs), _knows(asked, query, hit)))
            lengths.append(_length(query))
    return weighed(made, lengths) if asked.collection.experts else []


def known_cases(asked: Asked) -> list[Case]:
    """One a question: the probability in use that one of the first three knows."""
    made = [
        _case(
            asked,
            query,
            (result.known,),
            any(_knows(asked, query, hit) for hit in result.people[:NEAREST]),
        )
        for query, result in asked.results
    ]
    lengths = [_length(query) for query, _ in asked.results]
    return weighed(made, lengths) if asked.collection.experts else []


def bands(asked: Asked) -> dict[str, Any]:
    """Of the people whom a collection's own questions list, by band: how many, and which part is
    judged to know."""
    row: dict[str, Any] = {"collection": asked.collection.name}
    for band in Confidence:
        told = [
            _knows(asked, query, hit)
            for query, result in asked.results
            for hit in result.people[:SHOWN]
            if query.id in asked.collection.experts and hit.confidence is band
        ]
        row[band.value] = {"shown": len(told), "right": round(sum(told) / max(len(told), 1), 3)}
    return row


def _case(asked: Asked, query: JudgedQuery, signs: tuple[float, ...], right: bool) -> Case:
    return Case(signs, right, query.answerable, asked.tenths)


def _knows(asked: Asked, query: JudgedQuery, hit: PersonHit) -> bool:
    name = (hit.person.handles or (hit.person.name,))[0]
    return asked.collection.experts.get(query.id, {}).get(name, 0) > 0


def _length(query: JudgedQuery) -> float:
    return math.log1p(len(query.text.split()))


if __name__ == "__main__":
    sys.exit(main())
