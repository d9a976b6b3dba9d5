"""What goals and interventions are, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class GivenGoal:
    """What a measure should be. ``partition``: see ``kinds``; ``target`` is in the measure's unit,
    ``due`` a month."""

    measure: str
    partition: str
    target: float
    due: str


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal and how far one is, by published months alone. ``by_id``: who set it, None for
    somebody who was erased. ``start`` is what was told last when it was set, ``latest`` what is
    told last until the month in which it is due, of the month ``latest_month``; ``progress`` is the
    part of the way between start and target, 0 to 1; each None where nothing is told. ``reached``:
    the latest figure meets it; ``over``: the month in which it is due is published, so that nothing
    changes that any more; ``met_before``: it was met already when it was set."""

    id: int
    given: GivenGoal
    by_id: int | None
    at: datetime
    start: float | None
    latest: float | None
    latest_month: str | None
    progress: float | None
    reached: bool
    over: bool
    met_before: bool


@dataclass(frozen=True, slots=True)
class GivenIntervention:
    """What was done so that a measure moves, from the month ``start`` on, in ``partitions``:
    the company alone, or teams."""

    name: str
    measure: str
    start: str
    partitions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Before and after. ``before`` and ``after`` are means over ``months_before`` and
    ``months_after`` of what is told, less what became of the ``control`` partitions since before
    where there are some; ``difference`` with the ends of its 95 % interval, ``low`` and ``high``.
    All None where there are too few months: ``reason`` then says so plainly."""

    months_before: int
    months_after: int
    control: tuple[str, ...] = ()
    before: float | None = None
    after: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Intervention:
    """An intervention and what came of it. ``by_id``: who noted it, None when erased."""

    id: int
    given: GivenIntervention
    by_id: int | None
    at: datetime
    effect: Effect
