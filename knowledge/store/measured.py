"""Queries about what measures are made of. What concerns documents is of those alone that whoever
signs in may read; nothing here is told to anybody before it is summed up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from knowledge.store import access
from knowledge.store import tables as t
from knowledge.store.measure_tables import reading_days, readings, search_tallies
from knowledge.store.meeting_tables import meeting_answers, meeting_people, meetings
from knowledge.store.question_tables import question_answers, questions
from knowledge.types import Principal, Role

Rows = list[Row[Any]]


def people(connection: Connection) -> Rows:
    """Every record: id, team, merged_into, disabled_at."""
    columns = (t.people.c.id, t.people.c.team, t.people.c.merged_into, t.people.c.disabled_at)
    return list(connection.execute(select(*columns)))


def contributed(connection: Connection, reader: Principal, until: datetime) -> Rows:
    """Who contributed before a time, or nobody knows when, but for endorsing: person_id, at."""
    at = func.coalesce(t.contributions.c.at, t.documents.c.created_at)
    query = (
        select(t.contributions.c.person_id, at.label("at"))
        .join(t.documents, t.documents.c.id == t.contributions.c.document_id)
        .where(
            access.readable_by(reader),
            t.contributions.c.role != Role.ENDORSER.value,
            at.is_(None) | (at < until),
        )
    )
    return list(connection.execute(query))


def tagged(
    connection: Connection,
    reader: Principal,
    tags: Iterable[str],
    period: tuple[datetime, datetime] | None = None,
    limit: int | None = None,
) -> Rows:
    """Documents with one of some tags, in whatever case, that were made in a time, if one is given:
    id, title; the newest first."""
    made = func.coalesce(t.documents.c.created_at, t.documents.c.stored_at)
    same = select(t.document_tags.c.document_id).where(
        func.lower(t.document_tags.c.tag).in_(sorted(tags))
    )
    query = select(t.documents.c.id, t.documents.c.title).where(
        access.readable_by(reader), t.documents.c.id.in_(same)
    )
    if period is not None:
        query = query.where(made >= period[0], made < period[1])
    return list(
        connection.execute(query.order_by(made.desc(), t.documents.c.id.desc()).limit(limit))
    )


def began(connection: Connection) -> str | None:
    """The month in which somebody first searched, read, asked or met here, as far as it is kept."""
    firsts = [
        *(connection.execute(select(func.min(one))).scalar() for one in _DAYS),
        *(connection.execute(select(func.min(one))).scalar() for one in _TIMES),
    ]
    return min((f"{one}"[:7] for one in firsts if one is not None), default=None)


_DAYS = (reading_days.c.day, search_tallies.c.day)
_TIMES = (questions.c.created_at, meetings.c.ends_at)


# Questions.


def asked(connection: Connection, until: datetime) -> Rows:
    """Questions that were asked before a time, the oldest first."""
    columns = (
        questions.c.id,
        questions.c.person_id,
        questions.c.anonymous,
        questions.c.title_key,
        questions.c.asked_before,
        questions.c.created_at,
    )
    query = select(*columns).where(questions.c.created_at < until)
    return list(connection.execute(query.order_by(questions.c.created_at, questions.c.id)))


def answered(connection: Connection) -> Rows:
    """Every answer: question_id, person_id, at; the oldest first."""
    columns = (question_answers.c.question_id, question_answers.c.person_id, question_answers.c.at)
    query = select(*columns).order_by(question_answers.c.at, question_answers.c.id)
    return list(connection.execute(query))


# Sessions.


def came(
    connection: Connection, reader: Principal, state: str, since: datetime, until: datetime
) -> Rows:
    """Who came to sessions that a reader may come to, in a state, that ended in a time: meeting_id,
    host_id, person_id, answered; never their host."""
    query = (
        select(
            meetings.c.id.label("meeting_id"),
            meetings.c.host_id,
            meeting_people.c.person_id,
            meeting_people.c.answered,
        )
        .join(meeting_people, meeting_people.c.meeting_id == meetings.c.id)
        .where(
            access.within(meetings.c.audience_id, reader),
            meetings.c.state == state,
            meetings.c.ends_at >= since,
            meetings.c.ends_at < until,
            meeting_people.c.came.is_(True),
            meetings.c.host_id.is_(None) | (meeting_people.c.person_id != meetings.c.host_id),
        )
    )
    return list(connection.execute(query))


def said(
    connection: Connection,
    reader: Principal,
    state: str,
    since: datetime,
    until: datetime,
    five: int,
) -> Rows:
    """What was said of such sessions, in whole fives: useful, relevant, engaging."""
    counts = (
        select(meeting_answers.c.meeting_id, (func.count() / five).label("whole"))
        .group_by(meeting_answers.c.meeting_id)
        .subquery()
    )
    query = (
        select(meeting_answers.c.useful, meeting_answers.c.relevant, meeting_answers.c.engaging)
        .join(meetings, meetings.c.id == meeting_answers.c.meeting_id)
        .join(counts, counts.c.meeting_id == meetings.c.id)
        .where(
            access.within(meetings.c.audience_id, reader),
            meetings.c.state == state,
            meetings.c.ends_at >= since,
            meetings.c.ends_at < until,
            # The last batch that is begun and not whole is not counted.
            meeting_answers.c.batch + 1 <= counts.c.whole,
        )
    )
    return list(connection.execute(query))


# Reading.


def note_reading(
    connection: Connection, person_id: int, day: str, document_id: int, place: int | None
) -> None:
    """That somebody read a document on a day, from the ``place`` among a search's answers."""
    days = reading_days.c.person_id == person_id, reading_days.c.day == day
    if connection.execute(select(reading_days.c.day).where(*days)).first() is None:
        connection.execute(insert(reading_days).values(person_id=person_id, day=day))
    month = day[:7]
    same = (
        (readings.c.person_id == person_id)
        & (readings.c.month == month)
        & (readings.c.document_id == document_id)
    )
    held = connection.execute(select(readings.c.place).where(same)).first()
    if held is None:
        values = {"person_id": person_id, "month": month, "document_id": document_id}
        connection.execute(insert(readings).values(**values, place=place))
    elif place is not None and (held.place is None or place < held.place):
        connection.execute(update(readings).where(same).values(place=place))


def reading(connection: Connection, month: str) -> tuple[Rows, Rows]:
    """Who read on which days of a month, and which documents, from which place."""
    days = select(reading_days).where(reading_days.c.day.like(f"{month}-%"))
    held = select(readings).where(readings.c.month == month)
    return list(connection.execute(days)), list(connection.execute(held))


def forget_reading(connection: Connection, month: str) -> None:
    """Delete who read what until the end of a month."""
    connection.execute(delete(readings).where(readings.c.month <= month))
    connection.execute(delete(reading_days).where(reading_days.c.day <= f"{month}-31"))


# Searches.


def tallied(connection: Connection) -> set[str]:
    """The first days of what is counted already."""
    return set(connection.execute(select(search_tallies.c.day)).scalars())


def add_tally(connection: Connection, values: dict[str, Any]) -> None:
    """Keep what came of the searches of some days."""
    connection.execute(insert(search_tallies).values(**values))


def tallies(connection: Connection, month: str) -> Rows:
    """What came of the searches of a month."""
    query = select(search_tallies).where(search_tallies.c.day.like(f"{month}-%"))
    return list(connection.execute(query))
