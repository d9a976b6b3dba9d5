"""Sessions in which people learn from each other, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.documents import Clauses
from api.schemas.fields import Cursor, Given, Id, Instant, NextCursor, Storable, Told
from api.schemas.questions import Colleague
from knowledge import limits, meeting, polls
from knowledge.errors import InvalidInput
from knowledge.meeting import Box, Format, Meeting, Plan, State
from knowledge.polls import Opinion, Result, Tap
from knowledge.types import EVERYONE, Audience, Level, Person


class GivenMeeting(Given):
    """What you offer, or with no `starts_at` ask for."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=limits.MAX_NAME), Storable] = (
        Field(description="What it is about, in one line.")
    )
    kind: Format = Format.TALK
    description: Annotated[str, StringConstraints(max_length=meeting.MAX_DESCRIPTION), Storable] = (
        Field("", description="Markdown.")
    )
    level: Level | None = None
    starts_at: Instant | None = Field(
        None, description="When it begins; without a zone it is UTC. Null: somebody shall offer it."
    )
    minutes: Annotated[int, Field(ge=1, le=meeting.MAX_MINUTES)] = 60
    place: Annotated[str, StringConstraints(max_length=meeting.MAX_PLACE), Storable] = Field(
        "", description="A room, or an address of a call."
    )
    seats: Annotated[int, Field(ge=1, le=meeting.MAX_SEATS)] | None = Field(
        None, description="How many can take part; null: as many as wish."
    )
    audience: Clauses = ((EVERYONE,),)


class BoxMeeting(Given):
    """Which sessions."""

    box: Box = Field(
        Box.COMING, description="Those to come, your own, those nobody offers yet, or past ones."
    )
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Cursor | None = None


class Attendance(Given):
    """Who came."""

    came: Annotated[list[Id], Field(max_length=meeting.MAX_SEATS)] = Field(
        description="The ids of those who took part and came; of the others you say they did not."
    )


class GivenOpinion(Given):
    """What you say of a session that you came to."""

    useful: Tap
    relevant: Tap
    engaging: Tap
    line: Annotated[str, StringConstraints(max_length=polls.MAX_LINE), Storable] = Field(
        "", description="In your own words. The host reads it without your name."
    )
    pass_on: Annotated[str, StringConstraints(max_length=polls.MAX_PASSED_ON), Storable] = Field(
        "", description="The one thing that you would pass on. It becomes a draft of yours alone."
    )


class ParticipantOut(Told):
    """Somebody who takes part. `came` is for the host."""

    person: Colleague
    came: bool | None


class MeetingSummary(Told):
    """A session in a list."""

    id: int
    title: str
    kind: Format
    state: State
    level: Level | None
    starts_at: datetime | None
    ends_at: datetime | None
    minutes: int
    place: str
    seats: int | None
    count: int = Field(description="How many take part.")
    asked_by: Colleague | None = Field(description="Who wished for it, if somebody did.")
    host: Colleague | None = Field(description="Null while nobody holds it.")
    led: bool = Field(description="Whether you change and cancel it.")
    joined: bool = Field(description="Whether you take part.")
    came: bool | None = Field(description="Whether you came, as its host says.")


class MeetingOut(MeetingSummary):
    """A session."""

    description: str
    audience: list[list[str]]
    participants: list[ParticipantOut] | None = Field(
        description="Who takes part; null for whoever neither holds it nor takes part."
    )
    document_id: int | None = Field(description="Its transcript, if you may read that.")
    asked: bool = Field(description="Whether its poll waits for your answer.")


class MeetingList(Told):
    """Sessions; those to come in the order in which they come, others the newest first."""

    meetings: list[MeetingSummary]
    next_cursor: NextCursor


class OpinionKept(Told):
    """Your answer is kept without you."""

    draft_id: int | None = Field(description="The draft of what you would pass on.")


class PollOut(Told):
    """What those who came say, of a multiple of five people."""

    count: int = Field(description="0 until five answered; then told in whole fives.")
    useful: dict[Tap, int]
    relevant: dict[Tap, int]
    engaging: dict[Tap, int]
    lines: list[str] = Field(description="In an order that tells nothing.")


def plan(told: GivenMeeting) -> Plan:
    """What is announced. Raises InvalidInput for an audience that means nothing."""
    try:
        audience = Audience.of(*told.audience)
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    return Plan(
        told.title,
        told.kind,
        told.description,
        told.level,
        told.starts_at,
        told.minutes,
        told.place,
        told.seats,
        audience,
    )


def opinion(told: GivenOpinion) -> Opinion:
    """What somebody says."""
    return Opinion(told.useful, told.relevant, told.engaging, told.line, told.pass_on)


def summary(one: Meeting) -> MeetingSummary:
    """A session in a list."""
    return MeetingSummary(**_summarised(one))


def meeting_out(one: Meeting) -> MeetingOut:
    """A session as one of its readers gets it."""
    participants = None
    if one.participants is not None:
        participants = [
            ParticipantOut(person=Colleague(id=who.person.id, name=who.person.name), came=who.came)
            for who in one.participants
        ]
    return MeetingOut(
        **_summarised(one),
        description=one.plan.description,
        audience=[list(clause) for clause in one.plan.audience.clauses],
        participants=participants,
        document_id=one.document_id,
        asked=one.asked,
    )


def poll_out(one: Result) -> PollOut:
    """What was said."""
    taps = {name: dict(told) for name, told in one.taps.items()}
    return PollOut(count=one.count, lines=list(one.lines), **taps)


def _summarised(one: Meeting) -> dict[str, object]:
    told = one.plan
    return {
        "id": one.id,
        "title": told.title,
        "kind": told.kind,
        "state": one.state,
        "level": told.level,
        "starts_at": told.starts_at,
        "ends_at": one.ends_at,
        "minutes": told.minutes,
        "place": told.place,
        "seats": told.seats,
        "count": one.count,
        "asked_by": _colleague(one.asker),
        "host": _colleague(one.host),
        "led": one.led,
        "joined": one.joined,
        "came": one.came,
    }


def _colleague(person: Person | None) -> Colleague | None:
    return None if person is None else Colleague(id=person.id, name=person.name)
