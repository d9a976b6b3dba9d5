"""The arithmetic by which the floors of confidence were fitted."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.thresholds import Called, auroc, balanced, fit, fit_high, left_out, surely


def test_the_floor_stands_between_what_is_answered_and_what_is_not() -> None:
    yes, no = np.array([0.5, 0.6, 0.7]), np.array([0.1, 0.2, 0.3])
    assert fit(yes, no) == pytest.approx(0.4)
    assert (balanced(yes, no, 0.4), auroc(yes, no), left_out(yes, no)) == (1.0, 1.0, 1.0)


def test_both_sides_count_alike_however_many_they_are() -> None:
    yes, no = np.array([0.5, 0.2]), np.array([0.1] * 97 + [0.3] * 3)
    assert balanced(yes, no, 0.4) == pytest.approx(0.75)
    assert fit(yes, no) == pytest.approx(0.15)
    assert auroc(yes, no) == pytest.approx((1 + 0.97) / 2)


def test_left_out_is_never_flattered_by_the_value_it_judges() -> None:
    yes, no = np.array([0.4, 0.8]), np.array([0.1, 0.39])
    assert balanced(yes, no, fit(yes, no)) == 1.0
    assert left_out(yes, no) == pytest.approx(0.5)


def test_a_few_right_calls_prove_less_than_many() -> None:
    assert surely(0, 0) == 0.0
    assert surely(2, 2) < 0.8 < surely(20, 20)
    assert surely(20, 22) == pytest.approx(0.798, abs=0.002)


def test_the_high_floor_is_the_lowest_that_surely_holds() -> None:
    wrong = [Called(f"w{at}", 0.4, False) for at in range(10)]
    right = [Called(f"r{at}", 0.6, True) for at in range(10)]
    assert fit_high([*wrong, *right]) == pytest.approx(0.41)
    assert fit_high(right[:2]) is None
    assert fit_high([]) is None
