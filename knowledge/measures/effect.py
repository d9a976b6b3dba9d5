"""What an intervention did, with an interval: from published months alone.

Where some partitions are not concerned, what became of them since before is taken from each month's
value of those that are: the difference in differences. Of counts that is a part of what there was
before, for what moves all moves the large by more than the small (where levels differ, parallel
trends are of ratios: Wooldridge, Econometrics Journal 26, 2023). Months before and after are
compared as two samples of unequal variance (Welch, Biometrika 34, 1947), with a 95 % interval by
Student's t at Welch and Satterthwaite's degrees of freedom. Months follow each other and are no
independent draws, so that the true interval is rather wider (Bertrand, Duflo and Mullainathan, QJE
119, 2004).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import floor, sqrt
from statistics import fmean, variance

from knowledge.measures.aims import Effect
from knowledge.measures.kinds import COMPANY, OTHERS, Measure, Series, Unit
from knowledge.measures.rounding import step

MONTHS = 12
"""So many before and after are looked at, at most."""
FEWEST = 3
"""With fewer on either side there is no interval worth the name."""
# The 97.5 % quantile of Student's t for 1, 2, ... degrees of freedom.
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074),
)


def effect(series: Series, start: str, partitions: Collection[str]) -> Effect:
    """Of an intervention from the month ``start`` on, in ``partitions``."""
    told = {
        line.partition: {f.month: f.value for f in line.figures if f.value is not None}
        for line in series.lines
    }
    affected = [told.get(one, {}) for one in partitions]
    months = sorted(set.intersection(*(set(one) for one in affected)))
    control = () if COMPANY in partitions else _control(told, partitions, months, start)
    months = [m for m in months if not control or any(m in told[c] for c in control)]
    used = [m for m in months if m < start][-MONTHS:], [m for m in months if m >= start][:MONTHS]
    counts = len(used[0]), len(used[1])
    if min(counts) < FEWEST:
        reason = (
            f"Too few months are told for an interval: {counts[0]} before and {counts[1]} "
            f"after; it takes {FEWEST} of each."
        )
        return Effect(*counts, control, reason=reason)
    own = _Group(series.measure, affected, used[0])
    others = _Group(series.measure, [told[one] for one in control], used[0])
    before, after = ([own.less(others, m) for m in side] for side in used)
    return _compared(before, after, control, own.rounding(others))


def _control(
    told: Mapping[str, Mapping[str, float]],
    partitions: Collection[str],
    months: Sequence[str],
    start: str,
) -> tuple[str, ...]:
    """Partitions that are not concerned and are told in most of the months on either side."""
    before = [m for m in months if m < start][-MONTHS:]
    after = [m for m in months if m >= start][:MONTHS]
    return tuple(
        one
        for one, values in told.items()
        if one not in (COMPANY, OTHERS, *partitions)
        and all(2 * sum(m in values for m in side) > len(side) for side in (before, after))
    )


class _Group:
    """Some partitions, and what each of them was before."""

    def __init__(
        self, measure: Measure, lines: Sequence[Mapping[str, float]], before: Sequence[str]
    ) -> None:
        self._counts = measure.unit is Unit.COUNT
        self._step = step(measure)
        # Counts are rounded down: on the average by half of what is between two that are told.
        low = (self._step - 1) / 2 if self._counts else 0.0
        self._lines = [{m: value + low for m, value in one.items()} for one in lines]
        self._before = [fmean(one[m] for m in before if m in one) for one in self._lines]
        self._low = low

    def less(self, others: _Group, month: str) -> float:
        """The mean of a month, less what became of others since before."""
        value = fmean(one[month] for one in self._lines) - self._low
        there = [
            (one[month], usual)
            for one, usual in zip(others._lines, others._before, strict=True)
            if month in one
        ]
        if not there:
            return value
        if self._counts:
            part = sum(one for one, _ in there) / sum(usual for _, usual in there)
            return value - fmean(self._before) * (part - 1)
        return value - fmean(one - usual for one, usual in there)

    def rounding(self, others: _Group) -> float:
        """The variance that comes of rounding alone: a step's square over 12, of either group."""
        own = 1 / len(self._lines)
        if others._lines and self._counts:
            own += len(others._lines) * (fmean(self._before) / sum(others._before)) ** 2
        elif others._lines:
            own += 1 / len(others._lines)
        return self._step**2 / 12 * own


def _compared(
    before: Sequence[float], after: Sequence[float], control: tuple[str, ...], rounding: float
) -> Effect:
    parts = [max(variance(side), rounding) / len(side) for side in (before, after)]
    error = sqrt(sum(parts))
    sides = zip(parts, (before, after), strict=True)
    freedom = sum(parts) ** 2 / sum(part**2 / (len(side) - 1) for part, side in sides)
    half = _T[max(1, floor(freedom + 1e-9)) - 1] * error
    first, last = fmean(before), fmean(after)
    found = last - first
    return Effect(len(before), len(after), control, first, last, found, found - half, found + half)
