"""The candidates of every query of a judged collection, through the production code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from api import judging
from api.evaluated import EvaluatedSystem
from api.services import Services
from indexer import evaluation
from indexer.build import View
from indexer.catalog import CatalogEntry
from indexer.judged import Collection, JudgedQuery
from indexer.prepare import from_bytes
from indexer.protocols import Besides, Filters, Ids, Vectors
from indexer.search.pipeline import SPOKEN_KIND, Question
from knowledge.store import passages, people
from knowledge.types import Passage, Principal, Share

DEEPEST = 400
ABSENT = 1_000_000
"""The rank of what a retriever did not give."""
# Pseudo-relevance feedback: Rocchio (1971) with the weights of Manning, Raghavan and Schütze,
# "Introduction to Information Retrieval", 2008, chapter 9; for words, the most telling ones of the
# same passages, as in RM3 (Abdul-Jaleel et al., TREC 2004) with half of the weight.
FED_BACK, MOVED, TERMS, TERM_WEIGHT = 5, 0.75, 10, 0.5


@dataclass(frozen=True, slots=True)
class Lists:
    """Both retrievers' candidates. All arrays have shape (n,), scores are exact, ranks from 0."""

    ids: Ids
    owners: NDArray[np.int64]
    cosine: NDArray[np.float32]
    bm25: NDArray[np.float32]
    dense_rank: NDArray[np.int64]
    lexical_rank: NDArray[np.int64]

    def to(self, depth: int, dense: bool, lexical: bool) -> Lists:
        """Only what these retrievers gave among their first ``depth``."""
        keep = np.zeros(self.ids.size, dtype=np.bool_)
        if dense:
            keep |= self.dense_rank < depth
        if lexical:
            keep |= self.lexical_rank < depth
        return Lists(*(getattr(self, name)[keep] for name in Lists.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, its words as they are indexed, and its candidates: ``plain``, and with feedback
    from the first ``FED_BACK`` passages by moving the vector or by adding words."""

    query: JudgedQuery
    words: tuple[str, ...]
    vector: Vectors
    plain: Lists
    moved: Lists
    widened: Lists


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that the variants rank. ``names`` are the documents' ids in the collection,
    ``handles`` the people's; ``profiles`` a person's mean vector, shape (dimension,)."""

    collection: Collection
    asked: tuple[Asked, ...]
    entries: dict[int, CatalogEntry]
    names: dict[int, str]
    handles: dict[int, str]
    texts: dict[int, Passage]
    speakers: dict[int, tuple[Share, ...]]
    profiles: dict[int, Vectors]
    now: datetime


def collect(
    services: Services, collection: Collection, now: datetime | None, feedback: bool = True
) -> Material:
    """Ask everything. The collection is already in. Without ``feedback`` the lists with it are
    the plain ones."""
    ids = EvaluatedSystem(services).document_ids()
    stored = _stored(services, ids.values())
    with services.index.reading() as view:
        entries = view.catalog.entries(ids.values())
        asked = tuple(_asked(services, view, collection, ids, stored, feedback))
    with services.database.read() as connection:
        known = {maker[0] for entry in entries.values() for maker in entry.makers}
        persons = people.load(connection, sorted(known))
        spoken = [
            key for key, p in stored.texts.items() if SPOKEN_KIND in entries[p.document_id].facets
        ]
        speakers = passages.speakers(connection, spoken) if collection.experts else {}
    return Material(
        collection,
        asked,
        entries,
        {key: name for name, key in ids.items()},
        {key: (person.handles or (person.name,))[0] for key, person in persons.items()},
        stored.texts,
        speakers,
        _profiles(entries, stored) if collection.experts else {},
        now or datetime.now(UTC),
    )


def shape(material: Material) -> dict[str, float | str]:
    """What a collection is like: its size, passages a document, and who made how many."""
    entries = material.entries.values()
    made = Counter(maker[0] for entry in entries for maker in entry.makers)
    return {
        "collection": material.collection.name,
        "documents": len(entries),
        "passages": len(material.texts),
        "passages a document": round(len(material.texts) / max(len(entries), 1), 1),
        "people": len(made),
        "people a document": round(sum(made.values()) / max(len(entries), 1), 1),
        "documents a person": round(sum(made.values()) / max(len(made), 1), 1),
    }


def collected(services: Services, collection: Collection, feedback: bool = True) -> Material:
    """Take the collection in, and ask everything at the time of its newest document."""
    items = list(judging.documents(collection))
    evaluation.ingest(EvaluatedSystem(services), items, lambda what, done, of: None)
    return collect(services, collection, evaluation.newest(items), feedback)


@dataclass(frozen=True, slots=True)
class _Stored:
    """Every passage with its vector, and in how many each word stands."""

    texts: dict[int, Passage]
    vectors: dict[int, bytes]
    holders: Counter[str]

    def rows(self, keys: Iterable[int]) -> Vectors:
        told = [self.vectors[key] for key in keys]
        return from_bytes(told, len(next(iter(self.vectors.values()))) // 4)


def _stored(services: Services, documents: Iterable[int]) -> _Stored:
    made = _Stored({}, {}, Counter())
    with services.database.read() as connection:
        model = services.embedder.identity
        for passage, vector in passages.of_documents(connection, list(documents), model):
            made.texts[passage.id] = passage
            made.vectors[passage.id] = vector or b""
            made.holders.update(set(services.index.analyze(passage.text)))
    return made


def _profiles(entries: dict[int, CatalogEntry], stored: _Stored) -> dict[int, Vectors]:
    made: dict[int, list[Vectors]] = {}
    for entry in entries.values():
        if entry.passages:
            mean = stored.rows(entry.passages).mean(axis=0)
            for person, *_ in entry.makers:
                made.setdefault(person, []).append(mean)
    means = {person: np.mean(rows, axis=0) for person, rows in made.items()}
    return {person: mean / max(float(np.linalg.norm(mean)), 1e-9) for person, mean in means.items()}


def _asked(
    services: Services,
    view: View,
    collection: Collection,
    ids: dict[str, int],
    stored: _Stored,
    feedback: bool,
) -> Iterator[Asked]:
    asker = Principal(signed_in=True)
    for query in collection.queries:
        request = evaluation.request(query, ids, evaluation.DEPTH)
        question = services.pipeline.question(request, asker)
        words = tuple(view.lexical.analyze(question.parsed.topic))
        plain = _lists(view, question, question.vector, ())
        if not feedback:
            yield Asked(query, words, question.vector, plain, plain, plain)
            continue
        best = plain.ids[np.argsort(-plain.cosine, kind="stable")[:FED_BACK]].tolist()
        told = [view.lexical.analyze(stored.texts[key].text) for key in best]
        yield Asked(
            query,
            words,
            question.vector,
            plain,
            _lists(view, question, _moved(question.vector, stored.rows(best)), ()),
            _lists(view, question, question.vector, _telling(words, told, stored)),
        )


def _moved(vector: Vectors, near: Vectors) -> Vectors:
    if not len(near):
        return vector
    moved = vector + MOVED * near.mean(axis=0)
    return (moved / np.linalg.norm(moved)).astype(np.float32)


def _telling(
    asked: Sequence[str], told: Sequence[Sequence[str]], stored: _Stored
) -> list[tuple[str, float]]:
    """The words that most of the passages share and few others have."""
    counts = Counter(word for words in told for word in set(words))
    size = len(stored.texts)
    worth = {
        word: count * math.log(size / stored.holders[word])
        for word, count in counts.items()
        if word not in asked
    }
    best = sorted(worth, key=lambda word: (-worth[word], word))[:TERMS]
    return [(word, TERM_WEIGHT) for word in best]


def _lists(view: View, question: Question, vector: Vectors, besides: Besides) -> Lists:
    filters: Filters = question.filters
    topic = question.parsed.topic
    near, _ = view.vectors.search(vector, DEEPEST, view.allowed(filters))
    worded, _ = view.lexical.search(topic, DEEPEST, filters, besides)
    chosen = np.union1d(near, worded)
    return Lists(
        chosen,
        view.catalog.documents_of(chosen),
        view.vectors.scores(vector, chosen),
        view.lexical.scores(topic, chosen, besides),
        _ranks(chosen, near),
        _ranks(chosen, worded),
    )


def _ranks(chosen: Ids, ranked: Ids) -> NDArray[np.int64]:
    ranks = np.full(chosen.size, ABSENT, dtype=np.int64)
    ranks[np.searchsorted(chosen, ranked)] = np.arange(ranked.size)
    return ranks
