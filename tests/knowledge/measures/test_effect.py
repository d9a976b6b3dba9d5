"""Before and after, with an interval: never a bare difference."""

from __future__ import annotations

import random

import pytest

from knowledge.measures import registry
from knowledge.measures.effect import effect
from knowledge.measures.kinds import COMPANY, Figure, Line, Series, after

MONTHS = [after("2025-01", n) for n in range(24)]
START = MONTHS[12]


def series(**lines: list[float | None]) -> Series:
    """Hours to an answer of partitions, month by month."""
    made = [
        Line(
            COMPANY if name == "company" else f"team:{name}",
            tuple(Figure(month, name, v) for month, v in zip(MONTHS, values, strict=False)),
        )
        for name, values in lines.items()
    ]
    return Series(registry.get("answer_hours"), tuple(made))


def test_a_clean_step_is_found_with_its_interval() -> None:
    found = effect(
        series(company=[20.0, 22.0, 21.0] * 4 + [10.0, 12.0, 11.0] * 4), START, [COMPANY]
    )
    assert (found.before, found.after, found.difference) == (21.0, 11.0, -10.0)
    # Two samples of 12 with variance 8/11: by hand, t(22; 0.975) = 2.074.
    half = 2.074 * (2 * (8 / 11) / 12) ** 0.5
    assert found.low == pytest.approx(-10 - half, abs=1e-3)
    assert found.high == pytest.approx(-10 + half, abs=1e-3)
    assert (found.control, found.reason) == ((), "")


def test_what_moves_all_teams_is_no_effect() -> None:
    chance = random.Random(1)
    trend = [float(n) for n in range(24)]
    a, b, c = ([20 - t + chance.gauss(0, 0.4) for t in trend] for _ in range(3))
    found = effect(series(company=trend, A=a, B=b, C=c), START, ["team:A"])
    assert found.control == ("team:B", "team:C")
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    step = [value - 6 * (n >= 12) for n, value in enumerate(a)]
    found = effect(series(company=trend, A=step, B=b, C=c), START, ["team:A"])
    assert found.low is not None
    assert found.high is not None
    assert found.low < -6 < found.high < 0


@pytest.mark.parametrize("told", [2, 14, 0])
def test_too_few_months_are_said_plainly_and_give_no_number(told: int) -> None:
    values: list[float | None] = [20.0] * told
    found = effect(series(company=values), START, [COMPANY])
    assert "Too few months" in found.reason
    assert (found.before, found.difference, found.low, found.high) == (None,) * 4


def test_months_in_which_something_is_not_told_are_left_out() -> None:
    values: list[float | None] = [20.0] * 12 + [10.0] * 12
    values[3] = values[15] = None
    other: list[float | None] = [30.0] * 24
    other[7] = None
    found = effect(series(A=values, B=other, C=[5.0] * 24), START, ["team:A"])
    assert (found.months_before, found.months_after) == (11, 11)
    assert found.control == ("team:C",)


def test_equal_months_have_an_interval_all_the_same_for_they_are_rounded() -> None:
    found = effect(series(company=[20.0] * 12 + [19.0] * 12), START, [COMPANY])
    assert found.low is not None
    assert found.high is not None
    assert found.low < -1.0 < found.high


def test_the_interval_covers_what_was_planted_nearly_as_often_as_it_says() -> None:
    chance, inside = random.Random(7), 0
    for _ in range(400):
        values: list[float | None] = [chance.gauss(20 - 5 * (n >= 12), 3) for n in range(24)]
        found = effect(series(company=values), START, [COMPANY])
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= -5 <= found.high
    assert 0.92 <= inside / 400 <= 0.98
