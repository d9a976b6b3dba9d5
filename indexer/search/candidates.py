"""What both retrievers find, with one score each for answers and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.build import View
from indexer.protocols import Filters, Ids, Scores
from indexer.search import experts, fusion
from indexer.search.jargon import Expansion
from indexer.search.query import ParsedQuery
from indexer.search.results import Features, Mode
from knowledge.settings import PeopleSettings, SearchSettings
from knowledge.types import Share

# The semantic weight where only one retriever takes part.
_ALONE = {Mode.SEMANTIC: 1.0, Mode.LEXICAL: 0.0}


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it is searched for. ``vector`` has shape (dimension,)."""

    parsed: ParsedQuery
    more: tuple[Expansion, ...]
    filters: Filters
    vector: Scores


@dataclass(frozen=True, slots=True)
class Candidates:
    """Retrieved passages, best first. All arrays have shape (n,); scores are exact.

    ``score`` ranks answers, and is ``meaning`` + ``words`` + what neighbours add; ``vote`` ranks
    people, for whom words weigh more. ``searched``: among how many passages they were found.
    """

    ids: Ids
    owners: NDArray[np.int64]
    score: fusion.Ranking
    meaning: fusion.Ranking
    words: fusion.Ranking
    vote: fusion.Ranking
    cosine: Scores
    bm25: Scores
    searched: int
    stages: tuple[str, ...]

    def features(self, at: int, further: float, title: float) -> Features:
        """How the passage at this place got there."""
        meaning, words = float(self.meaning[at]), float(self.words[at])
        return Features(
            cosine=float(self.cosine[at]),
            bm25=float(self.bm25[at]),
            meaning=meaning,
            words=words,
            neighbours=float(self.score[at]) - meaning - words,
            further=further,
            title=title,
        )

    def nearest(self, places: Sequence[int], count: int) -> list[int]:
        """Of these places the ``count`` with the highest cosine."""
        some = np.array(places, dtype=np.intp)
        order = np.lexsort((self.ids[some], -self.cosine[some]))
        nearest: list[int] = some[order[:count]].tolist()
        return nearest

    def evidence(
        self, places: Sequence[int], speakers: Mapping[int, tuple[Share, ...]]
    ) -> list[experts.Found]:
        """The passages at these places as evidence for people, best first."""
        some = np.array(places, dtype=np.intp)
        some = some[np.lexsort((self.ids[some], -self.vote[some]))]
        columns = (self.ids, self.owners, self.vote, self.cosine)
        return [
            experts.Found(key, owner, vote, cosine, speakers.get(key, ()))
            for key, owner, vote, cosine in zip(*(c[some].tolist() for c in columns), strict=True)
        ]


class Retrieval:
    """Both retrievers side by side, and the fusion of what they find."""

    def __init__(self, search: SearchSettings, people: PeopleSettings) -> None:
        self._settings = search
        self._people_settings = people
        self._beside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="lexical")

    def candidates(self, view: View, asked: Question, mode: Mode) -> Candidates:
        """Everything found, filtered inside both indexes."""
        depth, filters = self._settings.depth, asked.filters
        topic, vector = asked.parsed.topic, asked.vector
        besides = [(one.meaning, self._settings.synonym_weight) for one in asked.more]
        lexical = self._beside.submit(view.lexical.search, topic, depth, filters, besides)
        allowed = view.allowed(filters)
        near, _ = view.vectors.search(vector, depth, allowed)
        worded, known = lexical.result()
        chosen = {
            Mode.HYBRID: np.union1d(near, worded),
            Mode.SEMANTIC: np.sort(near),
            Mode.LEXICAL: np.sort(worded),
        }[mode]
        cosine = view.vectors.scores(vector, chosen)
        bm25 = fusion.filled(
            chosen, worded, known, lambda ids: view.lexical.scores(topic, ids, besides)
        )
        inside = bool(filters.document)
        weight = self._settings.inside_weight if inside else self._settings.dense_weight
        weight = _ALONE.get(mode, weight)
        meaning, words = fusion.parts(cosine, bm25, weight)
        score = meaning + words
        vote = fusion.fuse(cosine, bm25, _ALONE.get(mode, self._people_settings.dense_weight))
        if inside:
            score = self._in_context(view, filters.document, chosen, score)
        order = np.lexsort((chosen, -score))
        stages = (
            f"semantic: {len(near)} passages, best cosine {best(cosine):.3f}",
            f"lexical: {len(worded)} passages, best BM25 {best(bm25):.2f}",
            f"fusion: {len(chosen)} candidates, {weight:.2f} semantic z + "
            f"{1 - weight:.2f} lexical z",
        )
        return Candidates(
            chosen[order],
            view.catalog.documents_of(chosen[order]),
            score[order],
            meaning[order],
            words[order],
            vote[order],
            cosine[order],
            bm25[order],
            len(view.catalog.passage_ids() if allowed is None else allowed),
            stages,
        )

    def _in_context(
        self, view: View, inside: frozenset[int], chosen: Ids, score: fusion.Ranking
    ) -> fusion.Ranking:
        """Scores inside a document, where the neighbours of a passage say something about it."""
        held = dict(zip(chosen.tolist(), score.tolist(), strict=True))
        lowest = min(held.values(), default=0.0)
        raised: dict[int, float] = {}
        for document_id in inside:
            told = view.catalog.passages_of(document_id)
            scores = np.array([held.get(key, lowest) for key in told])
            around = fusion.with_neighbours(scores, self._settings.context)
            raised |= zip(told, around.tolist(), strict=True)
        return np.array([raised[key] for key in chosen.tolist()])


def best(scores: Scores) -> float:
    """The highest of scores, 0 without any."""
    return float(scores.max()) if scores.size else 0.0
