"""Two lists become one. Both scores are known for every candidate, so nothing is imputed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Ids, Scores

Ranking = NDArray[np.float64]


def z_scores(scores: Scores) -> Ranking:
    """Zero mean and unit variance over the candidates; zeros when all are equal."""
    values = scores.astype(np.float64)
    if not values.size:
        return values
    spread = values.std()
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)


def filled(ids: Ids, held: Ids, scores: Scores, further: Callable[[Ids], Scores]) -> Scores:
    """The score of each of ``ids``, shape (len(ids),): of those that are ``held`` in ``scores``, of
    the others from ``further``. ``ids`` ascend."""
    made = np.empty(ids.size, dtype=np.float32)
    known = np.isin(ids, held, assume_unique=True)
    order = np.argsort(held)
    made[known] = scores[order][np.isin(held[order], ids, assume_unique=True)]
    made[~known] = further(ids[~known])
    return made


def parts(dense: Scores, lexical: Scores, dense_weight: float) -> tuple[Ranking, Ranking]:
    """What either list adds to the fused score, shapes as given.

    z-scores put both lists on one scale whatever the query's length does to BM25. See
    docs/decisions/0005.
    """
    return dense_weight * z_scores(dense), (1.0 - dense_weight) * z_scores(lexical)


def fuse(dense: Scores, lexical: Scores, dense_weight: float) -> Ranking:
    """The weighted mean of both z-scores, shape as given; higher is better."""
    meaning, words = parts(dense, lexical, dense_weight)
    return meaning + words


def with_neighbours(scores: Ranking, weight: float) -> Ranking:
    """The scores of a document's passages in reading order, each raised by its neighbours.

    What is discussed goes on over several passages: one that stands among related ones is more
    likely to belong to the discussion than one that shares a word by accident. The two nearest
    add ``weight`` times their mean, the next two half of that. At an edge the last passage stands
    for those that are missing: it neither gains nor loses by being first or last.
    """
    raised = scores.copy()
    if not scores.size:
        return raised
    for distance, share in ((1, weight), (2, weight / 2.0)):
        padded = np.pad(scores, distance, mode="edge")
        raised += share * (padded[: -2 * distance] + padded[2 * distance :]) / 2.0
    return raised


SUPPORTING, RELATED = 4, 1.0
"""How many further passages may speak for a document, and the fused score from which they do."""


def worth(scores: Sequence[float], support: float) -> float:
    """What a document is worth: its best passage, and a little of the next four beyond 1.

    ``scores`` are the fused scores of its passages, best first. A page that treats a topic at
    length is preferred to one that mentions it; of one that is long without being about it, the
    further passages stay below the threshold. See docs/decisions/0023.
    """
    if len(scores) == 1:  # as most are
        return scores[0]
    further = (max(score - RELATED, 0.0) for score in scores[1 : 1 + SUPPORTING])
    return scores[0] + support * sum(further)
