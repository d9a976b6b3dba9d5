"""The forms of sessions in which people learn from each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Annotated

from fastapi import Form

from api.schemas.fields import number_in
from knowledge.errors import InvalidInput
from knowledge.meeting import Format, Meeting, Plan
from knowledge.polls import Opinion, Tap
from knowledge.types import EVERYONE, Audience, Level

Line = Annotated[str, Form(max_length=2000)]
Text = Annotated[str, Form(max_length=200_000)]
Short = Annotated[str, Form(max_length=400)]
Groups = Annotated[list[Short], Form(max_length=100)]


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form of a session. ``wish``: somebody else shall hold it."""

    title: str = ""
    kind: str = ""
    description: str = ""
    level: str = ""
    starts_at: str = ""
    minutes: str = "60"
    place: str = ""
    seats: str = ""
    reach: str = EVERYONE
    groups: tuple[str, ...] = ()
    wish: bool = False

    def plan(self, zone: tzinfo) -> Plan:
        """What is meant, in the time of that zone. Raises InvalidInput for what cannot be."""
        if self.kind not in set(Format):
            raise InvalidInput("choose what it is")
        if self.level and self.level not in set(Level):
            raise InvalidInput("choose one of the levels, or none")
        starts = None if self.wish else _moment(self.starts_at, zone)
        if starts is None and not self.wish and self.starts_at.strip():
            raise InvalidInput("write when it begins as 2026-01-31T09:30")
        minutes, seats = number_in(self.minutes.strip()), number_in(self.seats.strip())
        if minutes is None:
            raise InvalidInput("say how many minutes it takes")
        if seats is None and self.seats.strip():
            raise InvalidInput("say as a number how many can take part, or leave it out")
        return Plan(
            self.title,
            Format(self.kind),
            self.description,
            Level(self.level) if self.level else None,
            starts,
            minutes,
            self.place,
            seats,
            self._audience(),
        )

    def _audience(self) -> Audience:
        if self.reach != "groups":
            return Audience.of(EVERYONE)
        try:
            return Audience.of([f"group:{slug}" for slug in self.groups])
        except ValueError as error:
            raise InvalidInput("choose some of your groups") from error


def filled(one: Meeting, zone: tzinfo) -> Filled:
    """The form as a session has it, in the time of that zone."""
    told = one.plan
    starts = told.starts_at and told.starts_at.astimezone(zone)
    tokens = [token for clause in told.audience.clauses for token in clause]
    groups = tuple(token.removeprefix("group:") for token in tokens if token != EVERYONE)
    return Filled(
        told.title,
        told.kind.value,
        told.description,
        told.level.value if told.level else "",
        f"{starts:%Y-%m-%dT%H:%M}" if starts else "",
        str(told.minutes),
        told.place,
        str(told.seats or ""),
        "groups" if groups else EVERYONE,
        groups,
    )


def fixed(one: Meeting) -> bool:
    """Whether its audience is none that the form can say."""
    return len(one.plan.audience.clauses) > 1


def changed(one: Meeting, plan: Plan) -> Plan:
    """A session as the form changes it: whom it is for stays, where the form cannot say that."""
    return replace(plan, audience=one.plan.audience) if fixed(one) else plan


def opinion(taps: tuple[str, str, str], line: str, pass_on: str) -> Opinion:
    """What somebody says. Raises InvalidInput where something is not said."""
    if set(taps) - set(Tap):
        raise InvalidInput("tap one answer to each of the three")
    useful, relevant, engaging = (Tap(one) for one in taps)
    return Opinion(useful, relevant, engaging, line, pass_on)


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """A field of a date and time; one that names no zone is of that."""
    try:
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
