"""What somebody sets themselves, how long they teach, and what leads from one document to another,
on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.schemas.fields import Given, Id, Storable, Told
from knowledge.gallery import MAX_WHY, Exemplar
from knowledge.milestones import MAX_NUMBER, Deed, Milestone
from knowledge.steps import MOST, Steps
from knowledge.teaching_time import MAX_MINUTES, USUAL, Act, Time
from knowledge.types import Document, Kind, Level

Minutes = Annotated[int, Field(ge=0, le=MAX_MINUTES)]
Keys = Annotated[list[Id], Field(max_length=MOST)]


class GivenMilestone(Given):
    """So many of something, until the end of a day (UTC)."""

    deed: Deed
    number: int = Field(ge=1, le=MAX_NUMBER)
    due: date


class MilestoneOut(Told):
    """Something that you set yourself."""

    id: int
    deed: Deed
    number: int
    due: date
    set_at: datetime = Field(description="From when on it is counted.")
    done: int = Field(description="How many it is by now.")
    reached: bool
    over: bool = Field(description="Whether its day is past.")


class MilestoneList(Told):
    """All of yours, what is due first comes first. Nobody else is told of them."""

    milestones: list[MilestoneOut]


class GivenMinutes(Given):
    """How many minutes one act takes you; null: as usual."""

    note: Minutes | None = None
    writeup: Minutes | None = None
    answer: Minutes | None = None
    review: Minutes | None = None


class MonthOut(Told):
    """A month of yours."""

    month: str = Field(description="Its first day.", examples=["2026-01-01"])
    minutes: int
    acts: dict[str, int] = Field(description="How many of each, with sessions that you held.")


class TimeOut(Told):
    """How long you taught, estimated: sessions by their length, the rest by what one takes."""

    minutes: int
    months: list[MonthOut]
    each: dict[Act, int] = Field(description="What one of each takes you, in minutes.")
    said: list[Act] = Field(description="Of which you said so yourself.")


class GivenLevel(Given):
    """For whom what you read should be written; null: it does not matter."""

    level: Level | None


class LevelOut(Told):
    """For whom what you read should be written."""

    level: Level | None


class GivenSteps(Given):
    """Which documents to read before one, and which after, by their ids."""

    before: Keys
    after: Keys


class Step(Told):
    """A document that you may read."""

    id: int
    title: str
    kind: Kind
    level: Level | None


class StepsOut(Told):
    """What to read before a document and what to go on with, also where the other one says it."""

    before: list[Step]
    after: list[Step]
    said_before: list[int] = Field(description="Those that were said of this document itself.")
    said_after: list[int]
    may_change: bool


def milestone_out(one: Milestone) -> MilestoneOut:
    """One of them."""
    return MilestoneOut(
        id=one.id,
        deed=one.deed,
        number=one.number,
        due=one.due,
        set_at=one.set_at,
        done=one.done,
        reached=one.reached,
        over=one.over,
    )


def time_out(told: Time) -> TimeOut:
    """All of it."""
    return TimeOut(
        minutes=told.minutes,
        months=[
            MonthOut(month=one.first.isoformat(), minutes=one.minutes, acts=dict(one.acts))
            for one in told.months
        ],
        each={act: told.said.get(act, USUAL[act]) for act in Act},
        said=list(told.said),
    )


def steps_out(told: Steps) -> StepsOut:
    """Both sides."""
    before, after = told.said.values()
    return StepsOut(
        before=[_step(one) for one in told.before],
        after=[_step(one) for one in told.after],
        said_before=list(before),
        said_after=list(after),
        may_change=told.may_change,
    )


def _step(one: Document) -> Step:
    return Step(id=one.id, title=one.title, kind=one.kind, level=one.level)


class GivenExemplar(Given):
    """What one can learn from how a document is written."""

    why: Annotated[str, Field(min_length=1, max_length=MAX_WHY), Storable]


class ExemplarOut(Told):
    """A document to learn writing from."""

    document: Step
    why: str
    at: datetime


class ExemplarList(Told):
    """Those that you may read."""

    exemplars: list[ExemplarOut]


def exemplar_out(one: Exemplar) -> ExemplarOut:
    """One of them."""
    return ExemplarOut(document=_step(one.document), why=one.why, at=one.at)
