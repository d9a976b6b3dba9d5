"""Significance, against values worked out by hand or published."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.significance import holm, paired_randomisation


def test_few_pairs_are_counted_exactly() -> None:
    # All five better: of 2**5 swaps only none and all are as extreme.
    assert paired_randomisation([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]) == 2 / 32
    # Differences 1, 2, -3: each of the 8 sums is at least 0 in size.
    assert paired_randomisation([1, 2, 0], [0, 0, 3]) == 1.0
    # Differences 3, 1, 1: |sum| = 5 twice.
    assert paired_randomisation([3, 1, 1], [0, 0, 0]) == 2 / 8
    # Differences 3, 1, -1: |3±1±1| >= 3 for 5 (all +), 3 (+ -), 3 (- +) and their mirrors.
    assert paired_randomisation([3, 1, 0], [0, 0, 1]) == 6 / 8


def test_darwins_maize() -> None:
    """Fisher, The Design of Experiments (1935), section 21: of the 32,768 sums of 15 pairs'
    differences in height, 863 are at least the 314 observed, and as many at most -314."""
    differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    exact = paired_randomisation(differences, [0] * 15, permutations=2**15)
    assert exact == 1726 / 2**15
    drawn = paired_randomisation(differences, [0] * 15, permutations=10_000)
    assert drawn == pytest.approx(exact, abs=0.007)  # three standard errors


def test_the_same_seed_gives_the_same_p() -> None:
    chance = np.random.default_rng(4)
    a, b = chance.random(300), chance.random(300)
    assert paired_randomisation(a, b, seed=3) == paired_randomisation(a, b, seed=3)
    assert paired_randomisation(a, b, seed=3) == pytest.approx(
        paired_randomisation(b, a, seed=4), abs=0.02
    )


def test_p_is_uniform_where_nothing_differs() -> None:
    chance = np.random.default_rng(9)
    ps = [
        paired_randomisation(chance.random(40), chance.random(40), permutations=400)
        for _ in range(400)
    ]
    assert np.mean(np.array(ps) < 0.05) == pytest.approx(0.05, abs=0.033)
    assert np.mean(ps) == pytest.approx(0.5, abs=0.05)


def test_a_clear_difference_is_found_and_p_is_never_nothing() -> None:
    chance = np.random.default_rng(1)
    a = chance.random(200)
    assert paired_randomisation(a, a - 0.1) == 1 / 10_001
    assert paired_randomisation(a, a) == 1.0
    assert paired_randomisation([], []) == 1.0


def test_values_of_different_queries_are_refused() -> None:
    with pytest.raises(ValueError, match="same queries"):
        paired_randomisation([1, 2], [1])


def test_holm() -> None:
    # R: p.adjust(c(.01, .04, .03, .005), "holm")
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []
