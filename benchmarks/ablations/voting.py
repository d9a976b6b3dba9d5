"""Rules by which documents' votes become a score of a person: production's, and the literature's.

Macdonald and Ounis, "Voting for candidates", CIKM 2006, compares the uncapped ones. Each takes the
candidates of ``experts.rank`` and gives person id -> score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from indexer.search.experts import Candidate

Rule = Callable[[Sequence[Candidate]], dict[int, float]]


def capped(ranked: Sequence[Candidate]) -> dict[int, float]:
    """The best few with a discount, as the search does it."""
    return {one.person_id: one.score for one in ranked}


def counted(ranked: Sequence[Candidate]) -> dict[int, float]:
    """Votes: how many documents; nothing of what they are worth."""
    return {one.person_id: float(len(one.votes)) for one in ranked}


def summed(ranked: Sequence[Candidate]) -> dict[int, float]:
    """CombSUM of the votes as they are, exponentials of relevance (expCombSUM)."""
    return {one.person_id: sum(vote.value for vote in one.votes) for one in ranked}


def summed_often(ranked: Sequence[Candidate]) -> dict[int, float]:
    """expCombMNZ: that sum times how many documents."""
    return {one.person_id: len(one.votes) * sum(v.value for v in one.votes) for one in ranked}


def highest(ranked: Sequence[Candidate]) -> dict[int, float]:
    """CombMAX: the best document alone."""
    return {one.person_id: one.votes[0].value for one in ranked}


def reciprocal(ranked: Sequence[Candidate]) -> dict[int, float]:
    """Reciprocal ranks of the documents, all of them."""
    values: dict[int, float] = {}
    for one in ranked:
        for vote in one.votes:
            values[vote.document_id] = max(values.get(vote.document_id, 0.0), vote.value)
    order = sorted(values, key=lambda key: (-values[key], key))
    rank = {key: place for place, key in enumerate(order, 1)}
    return {one.person_id: sum(1.0 / rank[v.document_id] for v in one.votes) for one in ranked}


RULES: dict[str, Rule] = {
    "capped": capped,
    "counted": counted,
    "expCombSUM": summed,
    "expCombMNZ": summed_often,
    "CombMAX": highest,
    "reciprocal ranks": reciprocal,
}
