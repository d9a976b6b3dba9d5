"""Handing over what one owns, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas.fields import Given, Id, Told
from api.schemas.topics import PersonNamed
from indexer.handing_over import Suggestions
from knowledge.handover import MOST, Done, Owned, Received, Thing, Wish
from knowledge.types import Person


class OwnedOut(Told):
    """Something that is handed over."""

    kind: Thing
    id: int
    title: str | None = Field(description="Null for a topic: see `/api/v1/topics/{id}`.")
    suggested: PersonNamed | None = Field(
        description="Who knows most of its topic beside its owner, and agrees to be found by it."
    )


class DoneOut(Told):
    """A hand-over that can still be undone."""

    id: int
    at: datetime
    count: int = Field(description="How much of it nobody declined.")


class HandOverOut(Told):
    """What somebody owns and you can see, and what of it was handed over lately."""

    owned: list[OwnedOut]
    done: list[DoneOut]


class GivenWish(Given):
    """To whom something goes."""

    kind: Thing
    id: Id
    person_id: Id


class GivenHandOver(Given):
    """To whom all of it goes; what is not named stays, unless `rest_person_id` says to whom it
    goes. Without either only questions go."""

    items: Annotated[list[GivenWish], Field(max_length=3 * MOST)]
    rest_person_id: Id | None = Field(
        None, description="To whom everything goes that you can read and `items` does not name."
    )
    with_questions: bool = Field(
        False, description="Open questions that they were asked go to whoever else likely knows."
    )


class Made(Told):
    """A hand-over, to be taken back by its number."""

    number: int


class ReceivedOut(Told):
    """Something that you were given."""

    handover_id: int
    sender: PersonNamed | None
    kind: Thing
    id: int
    title: str | None


class ReceivedList(Told):
    """What you were given and have said nothing of."""

    received: list[ReceivedOut]


class GivenReply(Given):
    """Whether you take what you were given."""

    declined: bool


def wishes_of(given: GivenHandOver) -> list[Wish]:
    """What is to go to whom."""
    return [Wish(one.kind, one.id, one.person_id) for one in given.items]


def handover_out(owned: list[Owned], suggestions: Suggestions, done: list[Done]) -> HandOverOut:
    """What somebody owns, as it is told."""
    return HandOverOut(
        owned=[
            OwnedOut(
                kind=one.kind,
                id=one.id,
                title=one.title,
                suggested=_named(suggestions.get((one.kind, one.id))),
            )
            for one in owned
        ],
        done=[DoneOut(id=one.id, at=one.at, count=one.count) for one in done],
    )


def received_out(found: list[Received]) -> ReceivedList:
    """What somebody was given, as it is told."""
    return ReceivedList(
        received=[
            ReceivedOut(
                handover_id=one.handover_id,
                sender=_named(one.sender),
                kind=one.thing.kind,
                id=one.thing.id,
                title=one.thing.title,
            )
            for one in found
        ]
    )


def _named(person: Person | None) -> PersonNamed | None:
    return PersonNamed(id=person.id, name=person.name) if person else None
