"""Judged queries asked in other words: what benchmarks of spelling and of jargon share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from api import judging
from api.evaluated import EvaluatedSystem
from api.services import Services
from benchmarks import given
from indexer import evaluation
from indexer.judged import Collection
from indexer.search.results import SearchResult
from knowledge.settings import load_settings

WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)
MEASURE = "nDCG@10"


def longest_words(text: str) -> list[re.Match[str]]:
    """The words of a query, the longest first."""
    return sorted(WORD.finditer(text), key=lambda found: -len(found[0]))


def replaced(text: str, found: re.Match[str], word: str) -> str:
    """The text with another word in the place of one."""
    return text[: found.start()] + word + text[found.end() :]


@dataclass(frozen=True)
class TakenIn:
    """A collection in an installation of its own."""

    collection: Collection
    services: Services
    system: EvaluatedSystem


def collections(description: str | None) -> tuple[Iterator[TakenIn], bool]:
    """Each collection with judged answers that the command line names, and whether the figures are
    to be kept."""
    parser = given.parser(description)
    parser.add_argument("--queries", type=int, help="ask only so many of each, evenly spread")
    options, named = given.asked(parser, None)
    answered = [one for one in named if one.answers]
    return _taken_in(answered, options.vectors, options.queries), options.record


def _taken_in(
    collections: Sequence[Collection], vectors: Path | None, queries: int | None
) -> Iterator[TakenIn]:
    for collection in collections:
        with taken_in(collection, vectors, queries) as made:
            print(f"{made.collection.name}: nDCG@10 of {len(made.collection.queries)} queries")
            yield made


@contextmanager
def taken_in(
    collection: Collection, vectors: Path | None = None, queries: int | None = None
) -> Iterator[TakenIn]:
    """Gone afterwards. ``vectors``: a directory of vectors to reuse; ``queries``: at most so many
    of the collection's are left in it."""
    with judging.fresh(load_settings(), collection, vectors) as services:
        system = EvaluatedSystem(services)
        evaluation.ingest(system, judging.documents(collection), lambda what, done, of: None)
        yield TakenIn(_some(collection, queries), services, system)


def _some(collection: Collection, queries: int | None) -> Collection:
    held = [query for query in collection.queries if query.id in collection.answers]
    count = min(queries or len(held), len(held))
    chosen = tuple(held[at * len(held) // count] for at in range(count))
    answers = {query.id: collection.answers[query.id] for query in chosen}
    return replace(collection, queries=chosen, answers=answers)


def ndcg(collection: Collection, found: dict[str, SearchResult]) -> float:
    """The mean over all judged queries."""
    run = {
        query: [hit.document.external_id for hit in result.answers]
        for query, result in found.items()
    }
    values = evaluation.measured(collection.answers, run, [MEASURE])[MEASURE]
    return sum(values.values()) / len(values)
