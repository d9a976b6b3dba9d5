"""Judged queries asked in other words: what benchmarks of spelling and of jargon share."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import ir_measures

from api import judging
from api.services import EvaluatedSystem, Services
from indexer import evaluation, judged
from indexer.judged import Collection
from indexer.search.results import SearchResult
from knowledge.settings import load_settings

WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)
_MEASURE = ir_measures.parse_measure("nDCG@10")


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


def collections(description: str | None) -> Iterator[TakenIn]:
    """Each collection that the command line names, with its title printed."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--vectors", type=Path, help="directory of vectors to reuse")
    options = parser.parse_args()
    for path in options.collections:
        with taken_in(judged.load(path), options.vectors) as made:
            print(f"{made.collection.name}: nDCG@10 of {len(made.collection.queries)} queries")
            yield made


@contextmanager
def taken_in(collection: Collection, vectors: Path | None = None) -> Iterator[TakenIn]:
    """Gone afterwards. ``vectors``: a directory of vectors to reuse."""
    settings = load_settings()
    with tempfile.TemporaryDirectory() as data:
        storage = settings.storage.model_copy(update={"data": Path(data), "database_url": None})
        services = Services(replace(settings, storage=storage), vectors)
        try:
            system = EvaluatedSystem(services)
            items = judging.documents(collection)
            evaluation.ingest(system, items, lambda what, done, of: None)
            yield TakenIn(collection, services, system)
        finally:
            services.close()


def ndcg(collection: Collection, found: dict[str, SearchResult]) -> float:
    """The mean over all judged queries."""
    judgments = collection.answers
    qrels = [
        ir_measures.Qrel(query, target, score)
        for query, targets in judgments.items()
        for target, score in targets.items()
    ]
    run = [
        ir_measures.ScoredDoc(query, hit.document.external_id, -float(place))
        for query, result in found.items()
        if query in judgments
        for place, hit in enumerate(result.answers)
    ]
    values = [m.value for m in ir_measures.iter_calc([_MEASURE], qrels, run)]
    return float(sum(values)) / len(judgments)
