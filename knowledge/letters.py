"""What somebody is told by mail, made when it is sent: of what they may read then, and no more.

A notice whose thing is answered, withdrawn, held by somebody else or closed to its receiver makes
nothing. Each item says what a page of theirs would say, in fewer words: a title, at most a
colleague, and a time. Who asks anonymously is in no letter to others, for ``knowledge.asking`` says
who asks, and what they asked is in none to themselves; nor is what somebody waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import asking, care, currency, meeting
from knowledge.asking import Question, State
from knowledge.currency import Ageing
from knowledge.errors import NotFound
from knowledge.notices import Matter, Notice
from knowledge.reviewing import Review
from knowledge.settings import PrivacySettings
from knowledge.store import access, documents, meetings, questions, successors, wishes
from knowledge.types import Person, Principal


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that somebody is told. ``title`` is empty for what they asked anonymously and for
    what they wait for; ``path``: where it is on this site; ``who``: the colleague who asks,
    answered or holds it, if they may be told; ``at``: when a session begins."""

    kind: Notice
    title: str
    path: str
    who: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes to somebody at once. ``ids`` are those of its notices; ``mark`` is the same for the
    same notices, and tells nothing of them; ``daily``: it is what is told once a day."""

    person_id: int
    name: str
    address: str
    items: tuple[Item, ...]
    ids: tuple[int, ...]
    mark: str
    daily: bool

    @property
    def matters(self) -> tuple[Matter, ...]:
        """What it is about."""
        told = {item.kind.matter for item in self.items}
        return tuple(one for one in Matter if one in told)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom items are made for, and with what: their records, and the drafts that wait for them."""

    principal: Principal
    theirs: Sequence[int]
    drafts: Sequence[Review]
    ageing: Ageing
    privacy: PrivacySettings
    now: datetime


def items(connection: Connection, rows: Sequence[Row[Any]], reader: Reader) -> list[Item]:
    """What is told of notices, in the order of their kinds."""
    # Two records that became one may each have been told the same.
    rows = list({(row.kind, row.item_id, row.occasion): row for row in rows}.values())
    found: list[Item] = []
    for kind in Notice:
        held = [row for row in rows if row.kind == kind.value]
        if held:
            found += _BY_KIND[kind](connection, held, reader)
    return found


def _questions(connection: Connection, rows: Sequence[Row[Any]], reader: Reader) -> Iterator[Item]:
    person, *_ = reader.theirs
    known = questions.availability(connection, [person], reader.privacy).get(person)
    if known is None or not (known.enabled and known.agrees):
        return
    for _, told in _readable(connection, rows, reader):
        admitted = access.admits(told.audience, reader.principal)
        if admitted and not told.mine and not any(one.mine for one in told.answers):
            yield Item(Notice.QUESTION, told.title, f"/questions/{told.id}", _name(told.asker))


def _answers(connection: Connection, rows: Sequence[Row[Any]], reader: Reader) -> Iterator[Item]:
    for row, told in _readable(connection, rows, reader):
        for one in told.answers:
            if told.mine and str(one.id) == row.occasion:
                yield _own(Notice.ANSWER, told, one.person)


def _silences(connection: Connection, rows: Sequence[Row[Any]], reader: Reader) -> Iterator[Item]:
    for _, told in _readable(connection, rows, reader):
        if told.mine and not told.answers:
            yield _own(Notice.SILENCE, told)


def _own(kind: Notice, told: Question, by: Person | None = None) -> Item:
    if told.anonymous:
        # Others than its owner read a mailbox: who runs the mail server, or stands in for them.
        return Item(kind, "", "/questions")
    return Item(kind, told.title, f"/questions/{told.id}", _name(by))


def _readable(
    connection: Connection, rows: Sequence[Row[Any]], reader: Reader
) -> Iterator[tuple[Row[Any], Question]]:
    """Open questions that they may read."""
    for row in rows:
        try:
            held = asking.readable(connection, row.item_id, reader.principal)
        except NotFound:
            continue
        (told,) = asking.told(connection, [held], reader.principal, texts=False)
        if told.state is State.OPEN:
            yield row, told


def _wishes(connection: Connection, rows: Sequence[Row[Any]], reader: Reader) -> Iterator[Item]:
    ids = {row.item_id for row in rows}
    for one in wishes.of(connection, reader.theirs[0]):
        if one.id in ids and one.told_at is not None:
            # It is theirs alone, and others than its owner read a mailbox.
            yield Item(Notice.WISH, "", "/me#wishes")


def _reviews(connection: Connection, rows: Sequence[Row[Any]], reader: Reader) -> Iterator[Item]:
    ids = [row.item_id for row in rows]
    held = documents.load(connection, ids, reader.principal)
    gone = successors.readable(connection, ids, reader.principal)
    owned = care.owners(connection, held.values())
    said = currency.load(connection, held, reader.principal, reader.ageing, reader.now)
    for key, document in sorted(held.items()):
        if key not in gone and owned.get(key) == reader.theirs[0] and said[key].due:
            yield Item(Notice.REVIEW, document.title, f"/documents/{key}")


def _sessions(connection: Connection, rows: Sequence[Row[Any]], reader: Reader) -> Iterator[Item]:
    for row in rows:
        try:
            held = meetings.readable(connection, row.item_id, reader.principal, reader.theirs)
        except NotFound:
            continue
        (told,) = meeting.told(connection, [held], reader.principal, whole=False)
        starts = told.plan.starts_at
        if starts is None or starts <= reader.now or f"{starts:%Y%m%dT%H%M}" != row.occasion:
            continue
        if told.state is meeting.State.PLANNED and (told.hosted or told.joined):
            who = None if told.hosted else _name(told.host)
            yield Item(Notice.SESSION, told.plan.title, f"/sessions/{told.id}", who, starts)


def _drafts(_: Connection, rows: Sequence[Row[Any]], reader: Reader) -> Iterator[Item]:
    ids = {row.item_id for row in rows}
    for one in reader.drafts:
        if one.id in ids:
            yield Item(Notice.DRAFT, one.title, f"/reviews/{one.id}", _name(one.other))


def _name(person: Person | None) -> str | None:
    return None if person is None else person.name


_BY_KIND: dict[Notice, Callable[[Connection, Sequence[Row[Any]], Reader], Iterator[Item]]] = {
    Notice.QUESTION: _questions,
    Notice.ANSWER: _answers,
    Notice.SILENCE: _silences,
    Notice.WISH: _wishes,
    Notice.REVIEW: _reviews,
    Notice.SESSION: _sessions,
    Notice.DRAFT: _drafts,
}
