"""What is measured, goals and interventions, on the wire."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas.fields import Given, Told
from knowledge.measures.aims import (
    Effect,
    GivenGoal,
    GivenIntervention,
    Goal,
    Intervention,
)
from knowledge.measures.kinds import Family, Measure, Published, Series, Unit, label

Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-03"])]
Key = Annotated[str, Field(min_length=1, max_length=40, examples=["readers"])]
Partition = Annotated[
    str,
    Field(
        min_length=1,
        max_length=205,
        examples=["company", "team:Kilns"],
        description="`company`, `team:NAME`, `no-team` or `others`.",
    ),
]


class MeasureOut(Told):
    """A definition."""

    key: str
    name: str
    family: Family
    unit: Unit
    formula: str
    source: str
    caveats: str
    better: int = Field(description="1: more is better, -1: less is, 0: neither.")
    teams: bool = Field(description="Whether teams have figures of their own.")
    version: int


class MonthOut(Told):
    """A month that is published, and since when."""

    month: str
    at: datetime


class MeasureList(Told):
    """All definitions."""

    measures: list[MeasureOut]


class FigureOut(Told):
    """A rounded value; none where it is not told."""

    month: str
    value: float | None


class LineOut(Told):
    """A partition's figures, the oldest month first."""

    partition: str
    label: str
    figures: list[FigureOut]


class SeriesOut(Told):
    """What is told of a measure: the whole company first, then teams."""

    measure: MeasureOut
    months: list[MonthOut]
    lines: list[LineOut]


class GivenGoalIn(Given):
    """What a measure should be by when."""

    measure: Key
    partition: Partition = "company"
    target: float = Field(allow_inf_nan=False)
    due: Month

    def given(self) -> GivenGoal:
        """The same in the domain's words."""
        return GivenGoal(self.measure, self.partition, self.target, self.due)


class GoalOut(Told):
    """A goal, and how far one is by published months alone."""

    id: int
    measure: str
    partition: str
    target: float
    due: str
    by_id: int | None = Field(description="Who set it; nobody, when they were erased.")
    at: datetime
    start: float | None = Field(description="What was told last when it was set.")
    latest: float | None
    latest_month: str | None
    progress: float | None = Field(description="The part of the way from start to target.")
    reached: bool = Field(description="Whether the latest figure until it is due meets it.")
    over: bool = Field(description="Whether the month in which it is due is published.")
    met_before: bool = Field(description="Whether it was met already when it was set.")


class GoalList(Told):
    """All goals, those that are due first before the others."""

    goals: list[GoalOut]


class GivenInterventionIn(Given):
    """What was done so that a measure moves."""

    name: str = Field(min_length=1, max_length=200)
    measure: Key
    start: Month
    partitions: list[Partition] = Field(min_length=1, max_length=50)

    def given(self) -> GivenIntervention:
        """The same in the domain's words."""
        return GivenIntervention(self.name, self.measure, self.start, tuple(self.partitions))


class EffectOut(Told):
    """Before and after, less the same of partitions that are not concerned where there are any;
    the difference with its 95 % interval, or why there is none."""

    months_before: int
    months_after: int
    control: list[str]
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    reason: str


class InterventionOut(Told):
    """An intervention and what came of it."""

    id: int
    name: str
    measure: str
    start: str
    partitions: list[str]
    by_id: int | None = Field(description="Who noted it; nobody, when they were erased.")
    at: datetime
    effect: EffectOut


class InterventionList(Told):
    """All interventions, the latest first."""

    interventions: list[InterventionOut]


def measure_out(one: Measure) -> MeasureOut:
    """A definition."""
    names = MeasureOut.model_fields
    return MeasureOut(**{name: getattr(one, name) for name in names})


def series_out(series: Series, months: Iterable[Published]) -> SeriesOut:
    """What is told of a measure."""
    return SeriesOut(
        measure=measure_out(series.measure),
        months=[MonthOut(month=one.month, at=one.at) for one in months],
        lines=[
            LineOut(
                partition=line.partition,
                label=label(line.partition),
                figures=[FigureOut(month=one.month, value=one.value) for one in line.figures],
            )
            for line in series.lines
        ],
    )


def goal_out(one: Goal) -> GoalOut:
    """A goal."""
    given = one.given
    return GoalOut(
        id=one.id,
        measure=given.measure,
        partition=given.partition,
        target=given.target,
        due=given.due,
        by_id=one.by_id,
        at=one.at,
        start=one.start,
        latest=one.latest,
        latest_month=one.latest_month,
        progress=one.progress,
        reached=one.reached,
        over=one.over,
        met_before=one.met_before,
    )


def intervention_out(one: Intervention) -> InterventionOut:
    """An intervention."""
    given = one.given
    return InterventionOut(
        id=one.id,
        name=given.name,
        measure=given.measure,
        start=given.start,
        partitions=list(given.partitions),
        by_id=one.by_id,
        at=one.at,
        effect=_effect_out(one.effect),
    )


def _effect_out(one: Effect) -> EffectOut:
    return EffectOut(
        months_before=one.months_before,
        months_after=one.months_after,
        control=list(one.control),
        before=one.before,
        after=one.after,
        difference=one.difference,
        low=one.low,
        high=one.high,
        reason=one.reason,
    )


def table(all_series: Iterable[Series]) -> str:
    """Every told figure as CSV (RFC 4180). A cell that a spreadsheet would take for a formula has
    an apostrophe before it."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(("month", "measure", "name", "unit", "version", "partition", "value"))
    for series in all_series:
        one = series.measure
        for line in series.lines:
            for figure in line.figures:
                if figure.value is not None:
                    told = (one.key, one.name, one.unit.value, one.version, label(line.partition))
                    cells = (figure.month, *told, f"{figure.value:g}")
                    writer.writerow([safe_cell(f"{cell}") for cell in cells])
    return held.getvalue()


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
