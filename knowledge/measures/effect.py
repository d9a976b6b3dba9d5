"""What an intervention did, with an interval: from published months alone.

Where some partitions are not concerned, each month's value is the mean of those that are, less the
mean of those that are not: the difference in differences. Months before and after are compared as
two samples of unequal variance (Welch, Biometrika 34, 1947), with a 95 % interval by Student's t
at Welch and Satterthwaite's degrees of freedom. Months follow each other and are no independent
draws, so that the true interval is rather wider (Bertrand, Duflo and Mullainathan, QJE 119, 2004).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import floor, sqrt
from statistics import fmean, variance

from knowledge.measures.aims import Effect
from knowledge.measures.kinds import COMPANY, OTHERS, Series
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
    used = [m for m in months if m < start][-MONTHS:] + [m for m in months if m >= start][:MONTHS]
    control = () if COMPANY in partitions else _control(told, partitions, used)
    values = {m: fmean(one[m] for one in affected) for m in used}
    if control:
        values = {m: value - fmean(told[c][m] for c in control) for m, value in values.items()}
    before = [value for m, value in values.items() if m < start]
    after = [value for m, value in values.items() if m >= start]
    if min(len(before), len(after)) < FEWEST:
        reason = (
            f"Too few months are told for an interval: {len(before)} before and {len(after)} "
            f"after; it takes {FEWEST} of each."
        )
        return Effect(len(before), len(after), control, reason=reason)
    return _compared(before, after, control, series)


def _control(
    told: dict[str, dict[str, float]], partitions: Collection[str], used: Sequence[str]
) -> tuple[str, ...]:
    """Partitions that are not concerned and are told in all of the months."""
    return tuple(
        one
        for one, values in told.items()
        if one not in (COMPANY, OTHERS, *partitions) and set(used) <= set(values)
    )


def _compared(
    before: Sequence[float], after: Sequence[float], control: tuple[str, ...], series: Series
) -> Effect:
    # What is told is rounded: that alone is a variance of a step's square over 12.
    rounding = step(series.measure) ** 2 / 12
    parts = [max(variance(side), rounding) / len(side) for side in (before, after)]
    error = sqrt(sum(parts))
    sides = zip(parts, (before, after), strict=True)
    freedom = sum(parts) ** 2 / sum(part**2 / (len(side) - 1) for part, side in sides)
    half = _T[max(1, floor(freedom + 1e-9)) - 1] * error
    first, last = fmean(before), fmean(after)
    found = last - first
    return Effect(len(before), len(after), control, first, last, found, found - half, found + half)
