"""Goals and what was tried, as the page shows them and its forms give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from api.web import charts, measuring
from knowledge.errors import InvalidInput
from knowledge.measures.aims import Effect, GivenGoal, GivenIntervention, Goal, Intervention
from knowledge.measures.kinds import COMPANY, Measure, Unit, label


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of a goal or of what is tried."""

    measure: str = ""
    of: str = COMPANY
    target: str = ""
    due: str = ""
    name: str = ""
    start: str = ""
    partitions: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ShownGoal:
    """A goal in words; ``start`` and ``latest`` are empty where nothing is told."""

    id: int
    name: str
    of: str
    target: str
    due: str
    start: str
    latest: str
    month: str
    progress: float | None
    reached: bool
    over: bool
    met_before: bool
    typed: Typed


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried, in words; ``told``: there is an interval."""

    id: int
    name: str
    measure: str
    of: tuple[str, ...]
    start: str
    effect: str
    effect_of: Effect
    control: tuple[str, ...]
    told: bool
    typed: Typed


def goal(given: Goal, measures: dict[str, Measure]) -> ShownGoal:
    """As the page shows it."""
    measure, wanted = measures[given.given.measure], given.given
    unit = measure.unit
    typed = Typed(
        measure.key,
        wanted.partition,
        charts.number(charts.scaled(unit, wanted.target)).replace(",", "").replace("−", "-"),
        wanted.due,
    )
    return ShownGoal(
        given.id,
        measure.name,
        label(wanted.partition),
        charts.text(unit, wanted.target),
        wanted.due,
        "" if given.start is None else charts.text(unit, given.start),
        "" if given.latest is None else charts.text(unit, given.latest),
        given.latest_month or "",
        given.progress,
        given.reached,
        given.over,
        given.met_before,
        typed,
    )


def tried(given: Intervention, measures: dict[str, Measure]) -> Tried:
    """As the page shows it."""
    measure, noted = measures[given.given.measure], given.given
    return Tried(
        given.id,
        noted.name,
        measure.name,
        tuple(label(one) for one in noted.partitions),
        noted.start,
        measuring.effect(measure, given.effect),
        given.effect,
        tuple(label(one) for one in given.effect.control),
        given.effect.difference is not None,
        Typed(measure.key, name=noted.name, start=noted.start, partitions=noted.partitions),
    )


def given_goal(typed: Typed, measures: dict[str, Measure]) -> GivenGoal:
    """What a form says. Raises InvalidInput."""
    measure = _measure(typed, measures)
    try:
        target = float(typed.target.strip().removesuffix("%").strip().replace(",", "."))
    except ValueError:
        raise InvalidInput("the target is a number", "target") from None
    share = measure.unit is Unit.SHARE
    if share and not 0 <= target <= 100:
        # As it is typed here, which is not as it is kept.
        raise InvalidInput("the target is a number of per cent from 0 to 100", "target")
    return GivenGoal(measure.key, typed.of, target / 100 if share else target, typed.due)


def given_intervention(typed: Typed, measures: dict[str, Measure]) -> GivenIntervention:
    """What a form says. Raises InvalidInput."""
    measure = _measure(typed, measures)
    return GivenIntervention(typed.name, measure.key, typed.start, typed.partitions)


def by_key(measures: Sequence[Measure]) -> dict[str, Measure]:
    """All definitions."""
    return {one.key: one for one in measures}


def _measure(typed: Typed, measures: dict[str, Measure]) -> Measure:
    if typed.measure not in measures:
        raise InvalidInput("choose one of the measures", "measure")
    return measures[typed.measure]
