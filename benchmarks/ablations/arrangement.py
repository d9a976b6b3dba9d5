"""How candidates become rankings, with each stage open to be another one.

``PRODUCTION`` ranks as the search does; a test holds it to that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from benchmarks.ablations.material import ABSENT, Asked, Lists, Material
from benchmarks.ablations.voting import RULES
from indexer.search import experts, fusion
from indexer.search.agreement import agreement
from indexer.search.experts import Candidate, Found
from knowledge.identity import Consent
from knowledge.settings import PeopleSettings, SearchSettings

# Cormack, Clarke and Büttcher, "Reciprocal rank fusion", SIGIR 2009.
RRF_K = 60
Worth = Callable[[Sequence[float], float], float]


def best(scores: Sequence[float], support: float) -> float:
    """A document is worth its best passage."""
    del support
    return scores[0]


def next_two(scores: Sequence[float], support: float) -> float:
    """Its best passage and a tenth of the next two, whatever these are worth."""
    del support
    return scores[0] + 0.1 * sum(scores[1:3])


def summed(scores: Sequence[float], support: float) -> float:
    """All its passages that are better than the mean of the candidates (CombSUM)."""
    del support
    return scores[0] + sum(max(score, 0.0) for score in scores[1:])


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One way to rank. The settings are the production's own."""

    search: SearchSettings = field(default_factory=SearchSettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)
    retrieved: Literal["both", "meaning", "words"] = "both"
    scale: Literal["z", "convex", "reciprocal"] = "z"
    feedback: Literal["none", "meaning", "words"] = "none"
    worth: Worth = fusion.worth
    rule: str = "capped"
    profile: float = 0.0

    def lists(self, asked: Asked) -> Lists:
        """The candidates that this way looks at."""
        held = {"none": asked.plain, "meaning": asked.moved, "words": asked.widened}[self.feedback]
        return held.to(self.search.depth, self.retrieved != "words", self.retrieved != "meaning")

    def fused(self, lists: Lists, dense_weight: float) -> fusion.Ranking:
        """One score for each candidate, higher is better."""
        weight = {"both": dense_weight, "meaning": 1.0, "words": 0.0}[self.retrieved]
        if self.scale == "z":
            return fusion.fuse(lists.cosine, lists.bm25, weight)
        if self.scale == "convex":
            return weight * _unit(lists.cosine) + (1.0 - weight) * _unit(lists.bm25)
        return _reciprocal(lists.dense_rank) + _reciprocal(lists.lexical_rank)


PRODUCTION = Arrangement()


def answers(asked: Asked, how: Arrangement, material: Material) -> list[int]:
    """Documents, best first."""
    lists = how.lists(asked)
    score = how.fused(lists, how.search.dense_weight)
    titles = {owner: material.entries[owner].title for owner in np.unique(lists.owners).tolist()}
    agreed = agreement(asked.words, titles) if how.search.title else {}
    first: dict[int, int] = {}
    scores: dict[int, list[float]] = {}
    for at in np.lexsort((lists.ids, -score)).tolist():
        owner = int(lists.owners[at])
        first.setdefault(owner, len(first))
        scores.setdefault(owner, []).append(float(score[at]))
    worth = {
        owner: how.worth(held, how.search.support) + how.search.title * agreed.get(owner, 0.0)
        for owner, held in scores.items()
    }
    return sorted(worth, key=lambda owner: (-worth[owner], first[owner]))


def inside(asked: Asked, how: Arrangement, material: Material) -> list[int]:
    """Passages of the one document asked in, best first."""
    lists = how.lists(asked)
    score = how.fused(lists, how.search.inside_weight)
    if how.search.context and score.size:
        told = material.entries[int(lists.owners[0])].passages
        held = dict(zip(lists.ids.tolist(), score.tolist(), strict=True))
        lowest = float(score.min())
        around = fusion.with_neighbours(
            np.array([held.get(key, lowest) for key in told]), how.search.context
        )
        raised = dict(zip(told, around.tolist(), strict=True))
        score = np.array([raised[key] for key in lists.ids.tolist()])
    return lists.ids[np.lexsort((lists.ids, -score))].tolist()


def candidates(asked: Asked, how: Arrangement, material: Material) -> list[Candidate]:
    """People with all their votes, best first by the search's own rule."""
    lists = how.lists(asked)
    score = how.fused(lists, how.people.dense_weight)
    found = [
        Found(
            key := int(lists.ids[at]),
            int(lists.owners[at]),
            float(score[at]),
            float(lists.cosine[at]),
            material.speakers.get(key, ()),
        )
        for at in np.lexsort((lists.ids, -score)).tolist()
    ]
    everybody = Consent(sources=frozenset(entry.source for entry in material.entries.values()))
    return experts.rank(
        found, material.entries, everybody, how.people, how.search.support, material.now
    )


def people(asked: Asked, how: Arrangement, material: Material) -> list[int]:
    """People, best first."""
    scored = RULES[how.rule](candidates(asked, how, material))
    if how.profile:
        known = {key: float(material.profiles[key] @ asked.vector) for key in scored}
        scored = _added(scored, known, how.profile)
    return sorted(scored, key=lambda person: (-scored[person], person))


def _added(scored: dict[int, float], known: dict[int, float], weight: float) -> dict[int, float]:
    keys = list(scored)
    votes = fusion.z_scores(np.array([scored[key] for key in keys], dtype=np.float32))
    profile = fusion.z_scores(np.array([known[key] for key in keys], dtype=np.float32))
    return dict(zip(keys, (votes + weight * profile).tolist(), strict=True))


def _unit(scores: np.ndarray) -> fusion.Ranking:
    """From 0, the lowest, to 1, the highest."""
    values = scores.astype(np.float64)
    spread = np.ptp(values) if values.size else 0.0
    return (values - values.min()) / spread if spread > 1e-9 else np.zeros_like(values)


def _reciprocal(ranks: np.ndarray) -> fusion.Ranking:
    return np.where(ranks < ABSENT, 1.0 / (RRF_K + 1.0 + ranks), 0.0)
