"""What a measure is, and what is told of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from knowledge.errors import InvalidInput

COMPANY = "company"
"""The partition that is everybody."""
OTHERS = "others"
"""The partition of all whose team is too small to be told."""
NO_TEAM = "no-team"
"""The partition of those of whom no team is known."""
_TEAM = "team:"


class Family(StrEnum):
    """What a measure is about."""

    PARTICIPATION = "participation"
    FEEDBACK = "feedback"
    BEHAVIOUR = "behaviour"
    COMFORT = "comfort"
    FINDABILITY = "findability"
    HEALTH = "health"


class Unit(StrEnum):
    """What a value counts. A share is of 1, a score from 1 to 5."""

    COUNT = "count"
    SHARE = "share"
    HOURS = "hours"
    MEAN = "mean"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Measure:
    """A definition. ``better``: +1 where more is better, -1 where less is, 0 where neither.
    ``teams``: whether teams have figures of their own. ``of_people``: whether a figure tells what
    people did, so that it takes five of them. ``version`` changes with the formula."""

    key: str
    name: str
    family: Family
    unit: Unit
    formula: str
    source: str
    caveats: str
    better: int = 1
    teams: bool = False
    of_people: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """What is told of one month (``YYYY-MM``) and one partition. ``value``: None where it is not
    told, for whatever reason; it is rounded."""

    month: str
    partition: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """A partition's figures, one for each published month, the oldest first."""

    partition: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A measure's lines: the whole company first, then teams by name, then the other teams. A team
    of which nothing was ever told has none."""

    measure: Measure
    lines: tuple[Line, ...]

    def line(self, partition: str = COMPANY) -> Line | None:
        """One partition's, if it has one."""
        return next((one for one in self.lines if one.partition == partition), None)


@dataclass(frozen=True, slots=True)
class Published:
    """A month that is published, and since when."""

    month: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Raw:
    """What a family computes before anybody decides what is told. ``people``: how many different
    people stand behind it, ``others``: behind its complement; None where there is no such. Only
    for measures that tell nothing of people, ``people`` is None."""

    measure: str
    partition: str
    value: float
    numerator: float
    denominator: float
    people: int | None
    others: int | None = None


def team(name: str | None) -> str:
    """The partition of a team."""
    return f"{_TEAM}{name}" if name else NO_TEAM


def label(partition: str) -> str:
    """A partition in words."""
    words = {COMPANY: "Whole company", OTHERS: "Other teams", NO_TEAM: "No team"}
    return words.get(partition, partition.removeprefix(_TEAM))


def is_partition(given: str) -> bool:
    """Whether it names a partition, whether or not anything is told of it."""
    return given in (COMPANY, OTHERS, NO_TEAM) or (given.startswith(_TEAM) and given != _TEAM)


def month_of(at: datetime) -> str:
    """The calendar month (UTC) of a time."""
    return f"{at.astimezone(UTC):%Y-%m}"


def check_month(given: str, at: str = "") -> str:
    """The same month. Raises InvalidInput, ``at`` what was given so, for what is none."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", given, re.ASCII) or given < "1970-01":
        raise InvalidInput("a month is written YYYY-MM, as 2026-03 is", at)
    return given


def bounds(month: str) -> tuple[datetime, datetime]:
    """When a month begins, and when the next one does."""
    start = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)
    return start, (start + timedelta(days=31)).replace(day=1)


def after(month: str, count: int = 1) -> str:
    """The month so many later, or earlier where ``count`` is negative."""
    year, index = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + count, 12)
    return f"{date(year, index + 1, 1):%Y-%m}"
