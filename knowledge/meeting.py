"""What a session is in which people learn from each other, and what each of them is told of it.

Whoever is of its audience reads it, and sees how many take part. Who they are is told to its host
and to each other; who came, to the host and to each of themselves. In the code it is a *meeting*: a
session is where somebody is signed in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import limits
from knowledge.errors import Conflict, InvalidInput, NotAllowed
from knowledge.store import access, documents, people, profiles
from knowledge.store import meetings as store
from knowledge.types import EVERYONE, Audience, Level, Person, Principal

MAX_DESCRIPTION = 20_000
MAX_PLACE = 1000
MAX_SEATS = 10_000
MAX_MINUTES = 24 * 60
_ALL = Audience.of(EVERYONE)


class Format(StrEnum):
    """How people learn from each other."""

    TALK = "talk"
    DEMO = "demo"
    SHADOWING = "shadowing"
    MENTORING = "mentoring"
    BRAINSTORM = "brainstorm"


class State(StrEnum):
    """How far it is: nobody holds what is only wanted."""

    WANTED = "wanted"
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Box(StrEnum):
    """Which of them: those to come, one's own, those that nobody holds yet, those that were."""

    COMING = "coming"
    MINE = "mine"
    WANTED = "wanted"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody says of a session. Without ``starts_at`` it is wished for; ``seats`` None: as
    many as wish take part."""

    title: str
    kind: Format = Format.TALK
    description: str = ""
    level: Level | None = None
    starts_at: datetime | None = None
    minutes: int = 60
    place: str = ""
    seats: int | None = None
    audience: Audience = _ALL


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who takes part; ``came`` is for the host."""

    person: Person
    came: bool | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session as one of its readers has it. ``asker`` and ``host`` are nobody for who was erased.

    ``joined``, ``came`` and ``asked`` (whether the poll waits for an answer) are the reader's own;
    ``participants`` is None for whoever neither holds it nor takes part.
    """

    id: int
    plan: Plan
    state: State
    asker: Person | None
    host: Person | None
    led: bool
    hosted: bool
    joined: bool
    came: bool | None
    asked: bool
    count: int
    ends_at: datetime | None
    changed_at: datetime
    sequence: int
    participants: tuple[Participant, ...] | None = None
    document_id: int | None = None

    @property
    def full(self) -> bool:
        """Whether nobody more can take part."""
        return self.plan.seats is not None and self.count >= self.plan.seats

    def begun(self, now: datetime) -> bool:
        """Whether it is planned or held, and its time has come."""
        there = self.state in (State.PLANNED, State.HELD)
        return there and self.plan.starts_at is not None and self.plan.starts_at <= now


def records(asker: Principal) -> list[int]:
    """The asker's own record, and those that are part of it. Raises NotAllowed for nobody."""
    if asker.person_id is None:
        raise NotAllowed("sessions are for people, and you ask as none")
    return [asker.person_id, *sorted(asker.parts)]


def check(plan: Plan, asker: Principal) -> None:
    """Raises InvalidInput for what cannot be announced so."""
    for what, text, most in (
        ("title", plan.title, limits.MAX_NAME),
        ("description", plan.description, MAX_DESCRIPTION),
        ("place", plan.place, MAX_PLACE),
    ):
        if len(text) > most or not limits.storable(text):
            raise InvalidInput(f"the {what} is longer than {most:,} characters, or no text")
    if not plan.title:
        raise InvalidInput("say in one line what it is about")
    if not 1 <= plan.minutes <= MAX_MINUTES:
        raise InvalidInput(f"a session takes 1 to {MAX_MINUTES:,} minutes")
    if plan.seats is not None and not 1 <= plan.seats <= MAX_SEATS:
        raise InvalidInput(f"a session has 1 to {MAX_SEATS:,} seats, or as many as wish")
    if plan.starts_at is not None and not 2000 <= plan.starts_at.year < 9000:
        raise InvalidInput("the year of its beginning cannot be meant")
    tokens = {token for clause in plan.audience.clauses for token in clause}
    if any(token != EVERYONE and not token.startswith("group:") for token in tokens):
        raise InvalidInput("a session is for everyone, or for groups")
    if not access.admits(plan.audience, asker):
        raise InvalidInput("you could not read it yourself; choose groups of your own")


def values(connection: Connection, plan: Plan, now: datetime) -> dict[str, Any]:
    """What is stored of a plan."""
    starts = plan.starts_at
    return {
        "kind": plan.kind.value,
        "title": plan.title,
        "description": plan.description,
        "level": plan.level and plan.level.value,
        "starts_at": starts,
        "ends_at": None if starts is None else starts + timedelta(minutes=plan.minutes),
        "minutes": plan.minutes,
        "place": plan.place,
        "seats": plan.seats,
        "audience_id": access.intern(connection, plan.audience),
        "changed_at": now,
    }


def led(connection: Connection, meeting_id: int, asker: Principal) -> Row[Any]:
    """A session that the asker holds, or wished for while nobody holds it. Raises NotFound,
    Conflict. It is no refusal, here and below: what somebody tries is nobody's business."""
    theirs = records(asker)
    row = store.readable(connection, meeting_id, asker, theirs)
    if (row.asker_id if row.host_id is None else row.host_id) not in theirs:
        raise Conflict("only whoever holds the session does that with it")
    return row


def hosted(connection: Connection, meeting_id: int, asker: Principal) -> Row[Any]:
    """A session that the asker holds. Raises NotFound, Conflict."""
    row = led(connection, meeting_id, asker)
    if row.host_id is None:
        raise Conflict("nobody holds this session yet")
    return row


def check_state(row: Row[Any], *allowed: State) -> None:
    """Raises Conflict for what is in another state."""
    if State(row.state) not in allowed:
        raise Conflict(f"that is over: the session is {row.state}")


def told(
    connection: Connection, rows: Collection[Row[Any]], asker: Principal, whole: bool = True
) -> list[Meeting]:
    """Sessions that the asker may read, as they are told; ``whole``: with description and who takes
    part."""
    theirs = records(asker)
    joined = store.taking_part(connection, [row.id for row in rows])
    made = {row.document_id for row in rows if row.document_id is not None}
    readable = documents.visible(connection, sorted(made), asker)
    return [
        _told(connection, row, joined.get(row.id, []), readable, asker, theirs, whole)
        for row in rows
    ]


def _told(
    connection: Connection,
    row: Row[Any],
    joined: list[Any],
    readable: Collection[int],
    asker: Principal,
    theirs: list[int],
    whole: bool,
) -> Meeting:
    own = next((one for one in joined if one.person in theirs), None)
    hosted_ = row.host_id in theirs
    participants = None
    if whole and (hosted_ or own is not None):
        seen = [(one, _person(connection, one.person, asker)) for one in joined]
        participants = tuple(
            Participant(person, one.came if hosted_ else None)
            for one, person in seen
            if person is not None
        )
    return Meeting(
        id=row.id,
        plan=Plan(
            row.title,
            Format(row.kind),
            row.description if whole else "",
            None if row.level is None else Level(row.level),
            row.starts_at,
            row.minutes,
            row.place,
            row.seats,
            access.audience_of(connection, row.audience_id),
        ),
        state=State(row.state),
        asker=_person(connection, row.asker_id, asker),
        host=_person(connection, row.host_id, asker),
        led=(row.asker_id if row.host_id is None else row.host_id) in theirs,
        hosted=hosted_,
        joined=own is not None,
        came=None if own is None else own.came,
        asked=own is not None
        and row.state == State.HELD
        and own.came is True
        and not own.answered
        and not hosted_,
        count=len(joined),
        ends_at=row.ends_at,
        changed_at=row.changed_at,
        sequence=row.sequence,
        participants=participants,
        document_id=row.document_id if row.document_id in readable else None,
    )


def _person(connection: Connection, person_id: int | None, reader: Principal) -> Person | None:
    whole = None if person_id is None else people.whole(connection, person_id)
    return profiles.maybe(connection, whole, reader)
