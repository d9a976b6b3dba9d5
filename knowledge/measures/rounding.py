"""How far figures are rounded before they are told: so far that one person's act does not show."""

from __future__ import annotations

from math import floor

from knowledge.measures.kinds import Measure, Unit

MANY = 100
"""From so many people on, one of them moves a share by one hundredth at most."""
_COARSE = {Unit.COUNT: 5.0, Unit.SHARE: 0.05, Unit.HOURS: 1.0, Unit.MEAN: 0.5, Unit.SCORE: 0.1}
_FINE = {Unit.SHARE: 0.01, Unit.MEAN: 0.1}
_EXACT = {Unit.COUNT: 1.0, Unit.SHARE: 0.01}
_DAY = 24.0


def step(measure: Measure, people: int | None = None) -> float:
    """What a told value is a multiple of; without ``people``, at its coarsest."""
    if not measure.of_people:
        return _EXACT[measure.unit]
    coarse = _COARSE[measure.unit]
    return _FINE.get(measure.unit, coarse) if (people or 0) >= MANY else coarse


def rounded(measure: Measure, value: float, people: int | None) -> float:
    """A value as it is told. Counts of people are rounded down: there are that many at least.
    Hours are whole ones up to a day, and then multiples of six."""
    one = step(measure, people)
    if measure.unit is Unit.COUNT:
        return floor(value / one) * one
    if measure.unit is Unit.HOURS and value > _DAY:
        one = 6.0
    return round(round(value / one) * one, 4)
