"""Queries about what people are told by mail. Whether they may be is looked at when it is sent: see
``knowledge.letters``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from knowledge.notices import USUAL, Key, Matter, Notice, Pace, State
from knowledge.store.among import among
from knowledge.store.asked_tables import wishes
from knowledge.store.draft_reviews import OPEN as WAITS
from knowledge.store.mail_tables import mail_choices, outbox
from knowledge.store.meeting_tables import meeting_people, meetings
from knowledge.store.people import records
from knowledge.store.question_tables import question_answers, question_people, questions
from knowledge.store.tables import people
from knowledge.store.teaching_tables import draft_reviews

_OPEN, _PLANNED = "open", "planned"
_WHOLE = func.coalesce(people.c.merged_into, people.c.id)
_REACHED = (
    people.c.listed.is_(True),
    people.c.merged_into.is_(None),
    people.c.disabled_at.is_(None),
    people.c.address.is_not(None),
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to whom mail can go: a colleague of the directory, with the address that it gives
    and who has not left. ``paused_until``: until when they do not want to be asked."""

    person_id: int
    name: str
    address: str
    paused_until: datetime | None


def receivers(connection: Connection, person_id: int | None = None) -> dict[int, Receiver]:
    """Everybody to whom mail can go; of one, themselves at most."""
    query = select(people.c.id, people.c.name, people.c.address, people.c.paused_until).where(
        *_REACHED
    )
    if person_id is not None:
        query = query.where(people.c.id == person_id)
    return {row.id: Receiver(*row) for row in connection.execute(query)}


# How soon they want to be told.


def choices(connection: Connection, person_id: int) -> dict[Matter, Pace]:
    """Somebody's pace of each matter: their own word, or that of a record that is part of them."""
    query = select(mail_choices).where(mail_choices.c.person_id.in_(records(person_id)))
    order = (mail_choices.c.person_id == person_id, mail_choices.c.person_id.desc())
    said = connection.execute(query.order_by(*order))
    return USUAL | {Matter(row.matter): Pace(row.pace) for row in said}


def choose(connection: Connection, person_id: int, given: dict[Matter, Pace]) -> None:
    """Replace what somebody said of some matters."""
    same = mail_choices.c.person_id.in_(records(person_id)) & mail_choices.c.matter.in_(
        [one.value for one in given]
    )
    connection.execute(delete(mail_choices).where(same))
    rows = [
        {"person_id": person_id, "matter": matter.value, "pace": pace.value}
        for matter, pace in given.items()
    ]
    if rows:
        connection.execute(insert(mail_choices), rows)


# What there is to tell, and since when: each by the record that stands for its person now.


def asked(connection: Connection, since: datetime) -> Iterator[Key]:
    """Open questions that went to somebody who did not hand them on."""
    query = (
        select(_WHOLE.label("person"), question_people.c.question_id.label("item"))
        .join(people, people.c.id == question_people.c.person_id)
        .join(questions, questions.c.id == question_people.c.question_id)
        .where(
            question_people.c.asked_at > since,
            question_people.c.handed_on_at.is_(None),
            questions.c.state == _OPEN,
        )
    )
    return _keys(connection, query, Notice.QUESTION)


def answered(connection: Connection, since: datetime) -> Iterator[Key]:
    """Answers to open questions; a changed one is no other."""
    query = (
        select(
            _WHOLE.label("person"),
            questions.c.id.label("item"),
            question_answers.c.id.label("answer"),
        )
        .join(questions, questions.c.id == question_answers.c.question_id)
        .join(people, people.c.id == questions.c.person_id)
        .where(question_answers.c.at > since, questions.c.state == _OPEN)
    )
    for row in connection.execute(query):
        yield Key(row.person, Notice.ANSWER, row.item, str(row.answer))


def unanswered(connection: Connection) -> list[Row[Any]]:
    """Open questions without an answer: person, item and since when (``at``) they are asked."""
    answer = exists().where(question_answers.c.question_id == questions.c.id)
    query = (
        select(
            _WHOLE.label("person"), questions.c.id.label("item"), questions.c.created_at.label("at")
        )
        .join(people, people.c.id == questions.c.person_id)
        .where(questions.c.state == _OPEN, ~answer)
    )
    return list(connection.execute(query))


def granted(connection: Connection, since: datetime) -> Iterator[Key]:
    """Wishes that can be answered since then."""
    query = (
        select(_WHOLE.label("person"), wishes.c.id.label("item"))
        .join(people, people.c.id == wishes.c.person_id)
        .where(wishes.c.told_at > since)
    )
    return _keys(connection, query, Notice.WISH)


def to_review(connection: Connection, since: datetime) -> Iterator[Key]:
    """Drafts that wait for somebody's look."""
    query = (
        select(_WHOLE.label("person"), draft_reviews.c.id.label("item"))
        .join(people, people.c.id == draft_reviews.c.reviewer_id)
        .where(
            draft_reviews.c.asked_at > since,
            draft_reviews.c.state == WAITS,
            draft_reviews.c.draft_id.is_not(None),
        )
    )
    return _keys(connection, query, Notice.DRAFT)


def coming(connection: Connection, after: datetime, before: datetime) -> Iterator[Key]:
    """Sessions that begin in that time, for who holds them and who takes part."""
    taking_part = union_all(
        select(meeting_people.c.meeting_id.label("item"), meeting_people.c.person_id),
        select(meetings.c.id.label("item"), meetings.c.host_id.label("person_id")),
    ).subquery()
    query = (
        select(_WHOLE.label("person"), meetings.c.id.label("item"), meetings.c.starts_at)
        .join(taking_part, taking_part.c.item == meetings.c.id)
        .join(people, people.c.id == taking_part.c.person_id)
        .where(
            meetings.c.state == _PLANNED,
            meetings.c.starts_at > after,
            meetings.c.starts_at < before,
        )
    )
    for row in connection.execute(query):
        yield Key(row.person, Notice.SESSION, row.item, f"{row.starts_at:%Y%m%dT%H%M}")


def _keys(connection: Connection, query: Select[Any], kind: Notice) -> Iterator[Key]:
    for row in connection.execute(query):
        yield Key(row.person, kind, row.item)


def hoping(connection: Connection, before: datetime) -> list[int]:
    """To whom mail can go and who has wishes that cannot be answered yet and that nobody looked at
    since then."""
    reached = select(people.c.id).where(*_REACHED).correlate(None)
    stale = or_(wishes.c.checked_at.is_(None), wishes.c.checked_at < before)
    query = (
        select(_WHOLE)
        .select_from(wishes)
        .join(people, people.c.id == wishes.c.person_id)
        .where(wishes.c.told_at.is_(None), stale, _WHOLE.in_(reached))
        .distinct()
    )
    return sorted(connection.execute(query).scalars())


# The outbox.


def known(connection: Connection, keys: Collection[Key]) -> set[Key]:
    """Those that were put there before, also for a record that is part of their person."""
    query = (
        select(_WHOLE, outbox.c.kind, outbox.c.item_id, outbox.c.occasion)
        .select_from(outbox)
        .join(people, people.c.id == outbox.c.person_id)
        .where(
            outbox.c.kind.in_({key.kind.value for key in keys}),
            among(outbox.c.item_id),
        )
    )
    held = connection.execute(query, {"ids": sorted({key.item_id for key in keys})})
    return {Key(person, Notice(kind), item, occasion) for person, kind, item, occasion in held}


def put(connection: Connection, keys: Iterable[Key], now: datetime) -> None:
    """Let these be told."""
    rows = [
        {
            "person_id": key.person_id,
            "kind": key.kind.value,
            "item_id": key.item_id,
            "occasion": key.occasion,
            "created_at": now,
            "state": State.WAITING.value,
            "tries": 0,
        }
        for key in keys
    ]
    if rows:
        connection.execute(insert(outbox), rows)


def waiting(connection: Connection) -> dict[int, list[Row[Any]]]:
    """By person of now: what waits for them, the oldest first."""
    query = (
        select(outbox, _WHOLE.label("whole"))
        .join(people, people.c.id == outbox.c.person_id)
        .where(outbox.c.state == State.WAITING.value)
        .order_by(outbox.c.id)
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.whole, []).append(row)
    return found


def end(connection: Connection, ids: Collection[int], state: State, now: datetime) -> None:
    """Let these wait no more."""
    same = outbox.c.id.in_(ids) & (outbox.c.state == State.WAITING.value)
    connection.execute(update(outbox).where(same).values(state=state.value, ended_at=now))


def tried(
    connection: Connection, row_id: int, tries: int, tried_at: datetime, next_at: datetime
) -> None:
    """The server did not take it."""
    values = {"tries": tries, "tried_at": tried_at, "next_at": next_at}
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(**values))


def tries(connection: Connection, ids: Collection[int]) -> list[Row[Any]]:
    """Of those that wait still: how often they were offered, and when first."""
    query = select(outbox.c.id, outbox.c.tries, outbox.c.tried_at)
    same = outbox.c.id.in_(ids) & (outbox.c.state == State.WAITING.value)
    return list(connection.execute(query.where(same)))


def forget(connection: Connection, before: datetime) -> None:
    """Delete what ended before."""
    connection.execute(delete(outbox).where(outbox.c.ended_at < before))


def counts(connection: Connection) -> dict[State, int]:
    """How many notices are in each state."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    found = {State(state): number for state, number in connection.execute(query)}
    return {state: found.get(state, 0) for state in State}


def refused(connection: Connection) -> tuple[int, datetime | None]:
    """How many that wait were offered in vain, and since when."""
    query = select(func.count(), func.min(outbox.c.tried_at)).where(
        outbox.c.state == State.WAITING.value, outbox.c.tried_at.is_not(None)
    )
    number, since = connection.execute(query).one()
    return int(number), since
