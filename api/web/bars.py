"""Small bar charts of days and weeks, drawn here: a page needs no script for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 600, 96
_GAP = 1
_DAYS, _WEEKS = 30, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One day or week; ``x``, ``y``, ``width`` and ``height`` are of the drawing."""

    day: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Days or weeks, the oldest first, and how many they count at most and in all."""

    bars: tuple[Bar, ...]
    most: int
    total: int
    width: int = WIDTH
    height: int = HEIGHT


def chart(counted: Iterable[tuple[str, int]], today: date, days: int = _DAYS) -> Chart:
    """``counted`` are days as YYYY-MM-DD with their counts; a day without one counts nothing."""
    held = dict(counted)
    shown = [f"{today - timedelta(days=ago):%Y-%m-%d}" for ago in reversed(range(days))]
    counts = [held.get(day, 0) for day in shown]
    most = max(counts)
    step = WIDTH / days
    bars = tuple(
        _bar(day, count, n * step, step, most)
        for n, (day, count) in enumerate(zip(shown, counts, strict=True))
    )
    return Chart(bars, most, sum(counts))


def weeks(counted: Sequence[tuple[str, int]]) -> Chart:
    """``counted`` are weeks as 2026-W05 with their counts, ascending; what lies between two of them
    counts nothing, nor what is drawn before them, so that a few are no wall."""
    held = dict(counted)
    first, last = (
        date.fromisoformat(f"{held_in}-1") for held_in in (counted[0][0], counted[-1][0])
    )
    first = min(first, last - timedelta(weeks=_WEEKS - 1))
    shown = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    names = [f"{day.isocalendar()[0]}-W{day.isocalendar()[1]:02}" for day in shown]
    most = max(held.values())
    step = WIDTH / len(names)
    made = tuple(
        _bar(name, held.get(name, 0), n * step, step, most) for n, name in enumerate(names)
    )
    return Chart(made, most, sum(held.values()))


def _bar(day: str, count: int, x: float, step: float, most: int) -> Bar:
    # Whatever is counted is seen, and nothing is a line on the ground.
    height = max(count / most * HEIGHT, 4.0) if count else 1.0
    return Bar(day, count, round(x, 2), round(HEIGHT - height, 2), step - _GAP, round(height, 2))
