"""What the page of measures shows: families, each measure's latest figure, chart and table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.web import charts
from api.web.charts import Chart, TeamBar
from knowledge import advising
from knowledge.advising import Change
from knowledge.measures.aims import Effect
from knowledge.measures.kinds import COMPANY, Family, Line, Measure, Series, Unit, label

FAMILIES = {
    Family.PARTICIPATION: "Participation",
    Family.FEEDBACK: "What people say of sessions",
    Family.BEHAVIOUR: "Asking and answering",
    Family.COMFORT: "Comfort",
    Family.FINDABILITY: "Finding",
    Family.HEALTH: "Health of what is written",
}
_UNITS = {Unit.SHARE: "points", Unit.HOURS: "hours"}
_MINUS = "−"


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure: its latest figure and what that is compared with, in words."""

    measure: Measure
    latest: str
    compared: str
    chart: Chart
    bars: list[TeamBar]


@dataclass(frozen=True, slots=True)
class Section:
    """A family's."""

    name: str
    key: str
    panels: list[Panel]


def partitions(all_series: Sequence[Series]) -> list[tuple[str, str]]:
    """Every partition of which something is told, with its name; the whole company first, and what
    is no team last."""
    found = {line.partition for series in all_series for line in series.lines}
    teams = sorted((one for one in found if ":" in one), key=lambda one: (one.casefold(), one))
    rest = sorted(found - set(teams) - {COMPANY})
    return [(one, label(one)) for one in (COMPANY, *teams, *rest)]


def sections(all_series: Sequence[Series], partition: str, months: Sequence[str]) -> list[Section]:
    """What is told of a partition: a team stands beside the whole company. ``months``: those that
    are published, the oldest first, and not none."""
    made = []
    for family, name in FAMILIES.items():
        panels = [
            _panel(series, partition, months[-1])
            for series in all_series
            if series.measure.family is family
            and (partition == COMPANY or series.line(partition) is not None)
        ]
        if panels:
            made.append(Section(name, family.value, panels))
    return made


def _panel(series: Series, partition: str, month: str) -> Panel:
    company, own = series.line(), series.line(partition)
    lines: list[Line] = [one for one in (own, company) if one is not None]
    if partition == COMPANY:
        lines = lines[:1]
    change = None if own is None else advising.compared(series.measure, own, month)
    return Panel(
        series.measure,
        charts.text(series.measure.unit, advising.value_of(own, month)),
        "" if change is None else compared(change),
        charts.chart(series.measure, lines),
        charts.bars(series, month) if partition == COMPANY else [],
    )


def amount(unit: Unit, value: float) -> str:
    """How much, with its unit where a difference has one."""
    made = charts.number(charts.scaled(unit, value))
    return f"{made} {_UNITS[unit]}" if unit in _UNITS else made


def signed(unit: Unit, value: float) -> str:
    """A difference as a number with its sign, without a unit."""
    made = charts.number(charts.scaled(unit, value))
    return made if made == "0" or made.startswith(_MINUS) else f"+{made}"


def difference(unit: Unit, now: float, then: float) -> str:
    """How far a figure is from another, in words."""
    if now == then:
        return "as much"
    return f"{amount(unit, abs(now - then))} {'more' if now > then else 'less'}"


def compared(change: Change) -> str:
    """A figure beside the month before, and beside the mean of the year before."""
    unit, said = change.measure.unit, []
    for then, name in (
        (change.before, "the month before"),
        (change.usual, f"the mean of {change.months} months"),
    ):
        if then is not None:
            how = difference(unit, change.now, then)
            joined = "as in" if change.now == then else f"{how} than in"
            joined = joined.replace(" in", "") if name.startswith("the mean") else joined
            said.append(f"{joined} {name} ({charts.text(unit, then)})")
    text = ", ".join(said)
    return text[:1].upper() + text[1:]


def effect(measure: Measure, told: Effect) -> str:
    """What came of an intervention, in words: an interval, never a bare difference."""
    if told.difference is None or told.low is None or told.high is None:
        return told.reason
    unit = measure.unit
    # Outwards, so that rounding makes no interval narrower than it is.
    places = 2 if unit is Unit.SHARE else 1
    low, high = (
        end(value * 10**places) / 10**places
        for end, value in ((math.floor, told.low), (math.ceil, told.high))
    )
    within = f"Between {signed(unit, low)} and {signed(unit, high)}"
    name = f" {_UNITS[unit]}" if unit in _UNITS else ""
    if told.low <= 0 <= told.high:
        return f"{within}{name}; may be chance"
    if not measure.better:
        return f"{within}{name}; more than chance explains"
    good = (told.difference > 0) == (measure.better > 0)
    return f"{within}{name}; {'better' if good else 'worse'}, and more than chance explains"
