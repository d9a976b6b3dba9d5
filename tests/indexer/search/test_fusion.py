"""Fusion, support by further passages, and neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.search import fusion
from indexer.search.pipeline import Candidates, _one_each


def test_z_scores_put_both_lists_on_one_scale() -> None:
    scores = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    made = fusion.z_scores(scores * 100 + 7)
    assert made == pytest.approx(fusion.z_scores(scores))
    assert made.mean() == pytest.approx(0.0)
    assert made.std() == pytest.approx(1.0)


def test_equal_or_no_scores_say_nothing() -> None:
    assert fusion.z_scores(np.full(3, 5.0, dtype=np.float32)).tolist() == [0, 0, 0]
    assert fusion.z_scores(np.empty(0, dtype=np.float32)).size == 0


def test_the_weight_goes_from_words_to_meaning() -> None:
    dense = np.array([0.9, 0.1], dtype=np.float32)
    lexical = np.array([1.0, 8.0], dtype=np.float32)
    assert np.argmax(fusion.fuse(dense, lexical, 1.0)) == 0
    assert np.argmax(fusion.fuse(dense, lexical, 0.0)) == 1
    assert fusion.fuse(dense, lexical, 0.5) == pytest.approx([0.0, 0.0])


def test_neighbours_add_half_their_mean() -> None:
    made = fusion.with_neighbours(
        np.array([1.0, 0.0]), np.array([1.0, 1.0]), np.array([3.0, -1.0]), 0.5
    )
    assert made == pytest.approx([2.0, 0.0])


def candidates(owners: list[int], scores: list[float]) -> Candidates:
    nothing = np.zeros(len(owners), dtype=np.float32)
    ids = np.arange(len(owners), dtype=np.int64)
    return Candidates(ids, np.array(owners), np.array(scores), nothing, nothing, ())


def test_two_more_good_passages_decide_between_near_equals() -> None:
    found = candidates([1, 2, 2, 2, 2], [2.0, 1.95, 1.0, 1.0, 1.0])
    assert _one_each([0, 1, 2, 3, 4], found, 0.0) == [0, 1]
    assert _one_each([0, 1, 2, 3, 4], found, 0.1) == [1, 0]


def test_poor_further_passages_take_nothing_away() -> None:
    found = candidates([1, 2, 1], [2.0, 1.95, -3.0])
    assert _one_each([0, 1, 2], found, 0.1) == [0, 1]
