"""Two lists become one. Both scores are known for every candidate, so nothing is imputed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Scores

Ranking = NDArray[np.float64]


def z_scores(scores: Scores) -> Ranking:
    """Zero mean and unit variance over the candidates; zeros when all are equal."""
    values = scores.astype(np.float64)
    if not values.size:
        return values
    spread = values.std()
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)


def fuse(dense: Scores, lexical: Scores, dense_weight: float) -> Ranking:
    """The weighted mean of both z-scores, shape as given; higher is better.

    z-scores put both lists on one scale whatever the query's length does to BM25. See
    docs/decisions/0005.
    """
    return dense_weight * z_scores(dense) + (1.0 - dense_weight) * z_scores(lexical)


def with_neighbours(scores: Ranking, before: Ranking, after: Ranking, weight: float) -> Ranking:
    """Each score plus ``weight`` times the mean of its two neighbours'; all of one shape.

    What is discussed goes on over several passages: one that stands among related ones is more
    likely to belong to the discussion than one that shares a word by accident.
    """
    return scores + weight * (before + after) / 2.0
