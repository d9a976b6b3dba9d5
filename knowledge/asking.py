"""What a question is, who reads it, and what each of them is told of it.

It is there for whoever asks and for those whom it went to; for everybody else, whatever their role,
it is not. Who asks anonymously is told to nobody: whatever shows a question to somebody else is
made by ``_asker``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import limits
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge.escalating import OPEN
from knowledge.routing import Candidate
from knowledge.store import access, documents, people, profiles
from knowledge.store import questions as store
from knowledge.types import EVERYONE, Audience, Person, Principal

MAX_BODY = 20_000
MAX_QUERY = 1000
_ALL = Audience.of(EVERYONE)


class State(StrEnum):
    """How far a question is."""

    OPEN = OPEN
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Box(StrEnum):
    """Which of one's questions: those one asked, those that one was asked and that are open, or
    those that are answered, by oneself as well."""

    ASKED = "asked"
    TO_ANSWER = "to_answer"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody asks. ``query``: the search that led to it; ``audience``: who may read what
    comes of it; ``to``: whom they mean in particular."""

    title: str
    body: str = ""
    query: str = ""
    anonymous: bool = False
    audience: Audience = _ALL
    to: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; ``person`` is nobody for who was erased, or whom the reader may not see."""

    id: int
    person: Person | None
    body: str
    at: datetime
    accepted: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question as one of its readers has it. ``asker`` is nobody where they ask anonymously, and
    for themselves; ``document_id``: what came of it, if the reader may read that. ``query`` is for
    whoever asks alone."""

    id: int
    title: str
    body: str
    state: State
    anonymous: bool
    mine: bool
    created_at: datetime
    audience: Audience
    asker: Person | None = None
    document_id: int | None = None
    answers: tuple[Answer, ...] = ()
    query: str = ""


def records(asker: Principal) -> list[int]:
    """The asker's own record, and those that are part of it. Raises NotAllowed for nobody."""
    if asker.person_id is None:
        raise NotAllowed("questions are a person's, and you ask as none")
    return [asker.person_id, *sorted(asker.parts)]


def check(given: Asking, asker: Principal) -> None:
    """Raises InvalidInput for what cannot be asked so."""
    for what, text, most in (
        ("question", given.title, limits.MAX_NAME),
        ("text", given.body, MAX_BODY),
        ("search", given.query, MAX_QUERY),
    ):
        if len(text) > most or not limits.storable(text):
            raise InvalidInput(f"the {what} is longer than {most:,} characters; shorten it")
    if not given.title:
        raise InvalidInput("say in one line what you want to know")
    tokens = {token for clause in given.audience.clauses for token in clause}
    if any(token != EVERYONE and not token.startswith("group:") for token in tokens):
        raise InvalidInput("an answer is for everyone, or for groups")
    if not access.admits(given.audience, asker):
        raise InvalidInput("you could not read the answer yourself; choose groups of your own")
    if given.anonymous and given.audience != _ALL:
        raise InvalidInput(
            "what is asked anonymously is for everyone: a group would tell who may have asked"
        )


def named(connection: Connection, to: int | None, asker: Principal) -> list[Candidate]:
    """Whom the asker means, if anybody. Raises NotFound for whom they may not see."""
    if to is None:
        return []
    found = profiles.person(connection, people.whole(connection, to), asker)
    return [Candidate(found.id, 0.0, named=True)]


def readable(connection: Connection, question_id: int, asker: Principal) -> Row[Any]:
    """A question of the asker's, or that they were asked. Raises NotFound."""
    row, theirs = store.get(connection, question_id), records(asker)
    gone = row.state == State.WITHDRAWN
    if row.person_id in theirs or (not gone and store.was_asked(connection, row.id, theirs)):
        return row
    raise NotFound("no such question")


def own(connection: Connection, question_id: int, asker: Principal) -> Row[Any]:
    """A question of the asker's. Raises NotFound, Conflict for one that they were asked.

    It is no refusal, here and below: the audit tells of those, and would tell who asks.
    """
    row = readable(connection, question_id, asker)
    if row.person_id not in records(asker):
        raise Conflict("only whoever asks does that with a question")
    return row


def of_others(connection: Connection, question_id: int, asker: Principal) -> Row[Any]:
    """An open question that they were asked. Raises NotFound, Conflict for their own, too."""
    row = readable(connection, question_id, asker)
    if row.person_id in records(asker):
        raise Conflict("it is your own question; write a note of what you know by now")
    check_open(row)
    return row


def check_open(row: Row[Any]) -> None:
    """Raises Conflict for what is answered or withdrawn."""
    if row.state != OPEN:
        raise Conflict(f"the question is not open any more: it is {row.state}")


def answer(connection: Connection, question_id: int, answer_id: int) -> Row[Any]:
    """One answer to a question. Raises NotFound."""
    for row in store.answers(connection, [question_id]):
        if row.id == answer_id:
            return row
    raise NotFound("no such answer")


def told(
    connection: Connection, rows: Collection[Row[Any]], asker: Principal, texts: bool = True
) -> list[Question]:
    """Questions that the asker may read, as they are told; ``texts``: with what is asked and
    answered."""
    theirs = records(asker)
    answered: dict[int, list[Answer]] = {}
    for one in store.answers(connection, [row.id for row in rows]):
        answered.setdefault(one.question_id, []).append(
            Answer(
                one.id,
                _person(connection, one.person_id, asker),
                one.body if texts else "",
                one.at,
                one.accepted,
                one.person_id in theirs,
            )
        )
    made = {row.document_id for row in rows if row.document_id is not None}
    readable = documents.visible(connection, sorted(made), asker)
    return [
        Question(
            id=row.id,
            title=row.title,
            body=row.body if texts else "",
            state=State(row.state),
            anonymous=row.anonymous,
            mine=row.person_id in theirs,
            created_at=row.created_at,
            audience=Audience.of(*row.audience),
            asker=_asker(connection, row, asker),
            document_id=row.document_id if row.document_id in readable else None,
            answers=tuple(answered.get(row.id, ())),
            query=row.query if row.person_id in theirs else "",
        )
        for row in rows
    ]


def _asker(connection: Connection, row: Row[Any], reader: Principal) -> Person | None:
    """Who asks, for somebody else."""
    if row.anonymous or row.person_id in records(reader):
        return None
    return _person(connection, row.person_id, reader)


def _person(connection: Connection, person_id: int | None, reader: Principal) -> Person | None:
    whole = None if person_id is None else people.whole(connection, person_id)
    return profiles.maybe(connection, whole, reader)
