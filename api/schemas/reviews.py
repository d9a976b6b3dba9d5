"""The wire forms of the monthly review."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Storable, Told
from knowledge.advising import Advice, Change
from knowledge.measures.kinds import COMPANY
from knowledge.reviews import MAX_TEXT, Decision, Plan, Review

Month = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$"), Field(examples=["2026-03"])
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), Storable]
Partition = Annotated[
    str,
    StringConstraints(min_length=1, max_length=205),
    Storable,
    Field(description="`company`, or as a measure's lines say."),
]


class GivenDecision(Given):
    """What was decided, and in the review of which month it is looked at again."""

    text: Text
    again: Month
    measure: Annotated[
        str | None, Field(max_length=40, description="The key of what it is to move.")
    ] = None
    partition: Partition = COMPANY


class GivenOutcome(Given):
    """What came of a decision."""

    outcome: Text


class DecisionOut(Told):
    """A decision. ``then`` and ``now``: what is told of its measure in the month in which it was
    made, and in the reviewed one; null where nothing is told. ``by``: null for who was erased."""

    id: int
    month: str
    again: str
    text: str
    by: str | None
    measure: str | None
    partition: str
    then: float | None
    now: float | None
    outcome: str | None
    looked_at: datetime | None


class ChangeOut(Told):
    """A figure, that of the month before, and the mean of the year before."""

    measure: str
    partition: str
    now: float
    before: float | None
    usual: float | None
    better: bool | None


class AdviceOut(Told):
    """What one could try, because of a figure of the whole company."""

    measure: str
    now: float
    usual: float | None
    text: str
    path: str | None


class ReviewOut(Told):
    """A month's review. ``due``: to be looked at again; ``recorded``: made in this review;
    ``looked``: made before, and looked at since."""

    month: str
    changes: list[ChangeOut]
    advice: list[AdviceOut]
    due: list[DecisionOut]
    recorded: list[DecisionOut]
    looked: list[DecisionOut]


class DecisionMade(Told):
    """The id of a decision that was recorded."""

    id: int


def plan(given: GivenDecision) -> Plan:
    """A decision as it is recorded."""
    return Plan(given.text, given.again, given.measure or "", given.partition)


def review_out(review: Review) -> ReviewOut:
    """A review as it is told."""
    return ReviewOut(
        month=review.month,
        changes=[_change(one) for one in review.changes],
        advice=[_advice(one) for one in review.advice],
        due=[_decision(one) for one in review.due],
        recorded=[_decision(one) for one in review.recorded],
        looked=[_decision(one) for one in review.looked],
    )


def _change(one: Change) -> ChangeOut:
    return ChangeOut(
        measure=one.measure.key,
        partition=one.partition,
        now=one.now,
        before=one.before,
        usual=one.usual,
        better=one.better,
    )


def _advice(one: Advice) -> AdviceOut:
    return AdviceOut(
        measure=one.measure.key,
        now=one.now,
        usual=one.usual,
        text=one.text,
        path=one.path or None,
    )


def _decision(one: Decision) -> DecisionOut:
    return DecisionOut(
        id=one.id,
        month=one.month,
        again=one.again,
        text=one.text,
        by=None if one.owner is None else one.owner.name,
        measure=None if one.measure is None else one.measure.key,
        partition=one.partition,
        then=one.then,
        now=one.now,
        outcome=one.outcome or None,
        looked_at=one.looked_at,
    )
