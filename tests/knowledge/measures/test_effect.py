"""Before and after, with an interval: never a bare difference."""

from __future__ import annotations

import random
from dataclasses import replace
from statistics import fmean

import pytest

from knowledge.measures import registry
from knowledge.measures.effect import effect
from knowledge.measures.kinds import COMPANY, Figure, Line, Series, after

MONTHS = [after("2025-01", n) for n in range(24)]
START = MONTHS[12]


def company_of(seed: int, **sizes: int) -> tuple[random.Random, dict[str, list[float | None]]]:
    """Readers of teams of so many people: half of them before, and of all 30 % from then on."""
    chance = random.Random(seed)
    return chance, {
        name: [float(drawn(chance, size, 0.5 if n < 12 else 0.3)) for n in range(24)]
        for name, size in sizes.items()
    }


def drawn(chance: random.Random, size: int, part: float) -> int:
    """How many of a team read, as it is told."""
    return 5 * (sum(chance.random() < part for _ in range(size)) // 5)


def counted(lines: dict[str, list[float | None]]) -> Series:
    """Readers of teams."""
    return replace(series(**lines), measure=registry.get("readers"))


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
    assert found.control == ("team:B", "team:C")


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


def test_what_moves_all_by_the_same_part_is_no_effect_in_the_largest_team() -> None:
    inside = 0
    for seed in range(60):
        _, lines = company_of(seed, A=80, B=30, C=25, D=20)
        found = effect(counted(lines), START, ["team:A"])
        assert found.control == ("team:B", "team:C", "team:D")
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= 0 <= found.high
    assert inside >= 54


def test_what_is_done_in_one_team_is_found_beside_what_moves_all() -> None:
    inside, differences = 0, []
    for seed in range(60):
        chance, lines = company_of(seed, A=80, B=30, C=25, D=20)
        lines["A"][12:] = [float(drawn(chance, 80, 0.5)) for _ in range(12)]
        found = effect(counted(lines), START, ["team:A"])
        assert found.low is not None
        assert found.high is not None
        assert found.difference is not None
        assert found.before is not None
        assert found.low > 0
        assert 33 < found.before < 43
        inside += found.low < 16 < found.high  # 80 people, 20 points
        differences.append(found.difference)
    assert inside >= 54
    assert fmean(differences) == pytest.approx(16, abs=1)


def test_a_control_that_is_not_told_in_some_months_is_one_in_the_others() -> None:
    base = [20.0 + n % 3 for n in range(24)]
    shock = [value + 8 * (n >= 12) for n, value in enumerate(base)]
    b: list[float | None] = list(shock)
    c: list[float | None] = [10 + value for value in shock]
    d: list[float | None] = [None if n % 2 else value for n, value in enumerate(shock)]
    b[2] = c[5] = b[20] = b[7] = c[7] = None
    found = effect(series(A=list(shock), B=b, C=c, D=d), START, ["team:A"])
    assert found.control == ("team:B", "team:C")
    # Only in one month neither is told.
    assert (found.months_before, found.months_after) == (11, 12)
    assert found.difference == pytest.approx(0)
