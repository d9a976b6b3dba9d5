"""Texts that mean the same are put together, with the hashing embedder and with the real model."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from indexer import embedders
from indexer.clusters import clusters
from indexer.protocols import Embedder
from indexer.search.query import parse
from knowledge.learning_settings import GapSettings
from tests.indexer.paraphrases import QUESTIONS


def pairs(groups: list[list[int]]) -> set[tuple[int, int]]:
    return {pair for group in groups for pair in combinations(group, 2)}


def judged(embedder: Embedder, alike: float) -> tuple[float, float]:
    """Of the pairs put together, how many mean the same; of those that do, how many are."""
    texts = [text for group in QUESTIONS for text in group]
    starts = np.cumsum([0, *map(len, QUESTIONS)]).tolist()
    right = pairs([list(range(start, end)) for start, end in pairwise(starts)])
    found = pairs(clusters(embedder.embed([parse(text).topic for text in texts]), alike))
    return len(found & right) / len(found), len(found & right) / len(right)


def test_words_put_together_what_shares_most_of_them_and_nothing_else() -> None:
    precision, recall = judged(embedders.load("hashing"), GapSettings().alike)
    assert precision == 1.0
    assert recall >= 0.4


@pytest.mark.model
def test_the_model_puts_together_what_means_the_same() -> None:
    embedder = embedders.load("onnx_int8")
    precision, recall = judged(embedder, GapSettings().alike)
    assert (precision, recall) == (1.0, 1.0)
    # As far on both sides; docs/gaps.md has the table.
    assert judged(embedder, 0.4)[0] < 0.9
    assert judged(embedder, 0.6)[1] < 1.0


def naive(vectors: np.ndarray, alike: float) -> list[list[int]]:
    """Average linkage as it is defined."""
    found = [[at] for at in range(len(vectors))]
    while True:
        likeness = {
            (a, b): float((vectors[found[a]] @ vectors[found[b]].T).mean())
            for a, b in combinations(range(len(found)), 2)
        }
        best = max(likeness, key=lambda pair: likeness[pair], default=None)
        if best is None or likeness[best] < alike:
            return sorted(map(sorted, found))
        found[best[0]] += found.pop(best[1])


@pytest.mark.parametrize("alike", [0.0, 0.2, 0.4, 0.9])
def test_it_is_average_linkage(alike: float) -> None:
    chance = np.random.default_rng(7)
    vectors = chance.normal(size=(60, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert clusters(vectors, alike) == naive(vectors, alike)


def test_nothing_and_what_is_like_nothing_is_by_itself() -> None:
    assert clusters(np.zeros((0, 4), np.float32), 0.5) == []
    assert clusters(np.zeros((2, 4), np.float32), 0.5) == [[0], [1]]
    assert clusters(np.ones((3, 1), np.float32), 0.5) == [[0, 1, 2]]
