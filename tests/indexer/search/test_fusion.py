"""Fusion, support by further passages, and neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.search import fusion


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


def test_neighbours_add_their_mean_the_farther_the_less() -> None:
    alone = np.array([0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0])
    assert fusion.with_neighbours(alone, 0.5) == pytest.approx([0, 0.5, 1, 4, 1, 0.5, 0])


def test_edges_neither_gain_nor_lose() -> None:
    assert fusion.with_neighbours(np.array([2.0]), 0.5) == pytest.approx([2 + 1 + 0.5])
    assert fusion.with_neighbours(np.array([2.0, 2.0]), 0.5) == pytest.approx([3.5, 3.5])
    assert fusion.with_neighbours(np.empty(0), 0.5).size == 0


def test_further_related_passages_decide_between_near_equals() -> None:
    supported, alone = [1.95, 1.5, 1.5, 1.5], [2.0]
    assert fusion.worth(supported, 0.0) < fusion.worth(alone, 0.0)
    assert fusion.worth(supported, 0.1) > fusion.worth(alone, 0.1)


def test_unrelated_further_passages_neither_add_nor_take_away() -> None:
    assert fusion.worth([2.0, 0.9, -3.0], 0.2) == 2.0


def test_a_long_document_gains_by_four_further_passages_at_most() -> None:
    assert fusion.worth([2.0] * 5, 0.2) == fusion.worth([2.0] * 50, 0.2)
