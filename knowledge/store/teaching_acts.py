"""Queries about what people did for others, or to learn, and when."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, true

from knowledge.store.access import readable_by, within
from knowledge.store.care_tables import successors
from knowledge.store.meeting_tables import meeting_people, meetings
from knowledge.store.question_tables import question_answers
from knowledge.store.tables import contributions, documents, people
from knowledge.store.teaching_tables import draft_reviews
from knowledge.types import Kind, Principal, Role

HELD, GIVEN = "held", "given"
"""The states in which a session was, and a review was given: see their modules."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that a person did. ``what``: notes, writeups, answers, reviews, hosted or joined;
    ``person_id`` is the record that stands for them now; ``minutes`` of a session alone."""

    what: str
    person_id: int
    at: datetime
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which: from a time on and before another, None for no end; of ``ids`` (None: everybody), and
    of documents those that ``reader`` may read (None: all of them); of everybody's sessions, those
    that they may come to."""

    since: datetime
    until: datetime | None = None
    ids: Collection[int] | None = None
    reader: Principal | None = None

    def _then(self, at: ColumnElement[Any]) -> ColumnElement[bool]:
        return (at >= self.since) & (true() if self.until is None else at < self.until)

    def conditions(
        self, at: ColumnElement[Any], whose: ColumnElement[Any]
    ) -> tuple[ColumnElement[bool], ...]:
        """On when and by whom it was done."""
        return self._then(at), true() if self.ids is None else whose.in_(self.ids)


_WHOLE = func.coalesce(people.c.merged_into, people.c.id)


def done(connection: Connection, wanted: Wanted) -> Iterator[Done]:
    """All of it, in no particular order."""
    for kind, what in ((Kind.NOTE, "notes"), (Kind.WRITEUP, "writeups")):
        yield from _rows(connection, what, _written(kind, wanted))
    answers, reviews, sessions = question_answers.c, draft_reviews.c, meetings.c
    at, whose = answers.at, answers.person_id
    given = select(_WHOLE, at).join(question_answers, people.c.id == whose)
    yield from _rows(connection, "answers", given.where(*wanted.conditions(at, whose)))
    at, whose = reviews.ended_at, reviews.reviewer_id
    looked = select(_WHOLE, at).join(draft_reviews, people.c.id == whose)
    looked = looked.where(reviews.state == GIVEN, *wanted.conditions(at, whose))
    yield from _rows(connection, "reviews", looked)
    at, whose = sessions.starts_at, sessions.host_id
    hosted = select(_WHOLE, at, sessions.minutes).join(meetings, people.c.id == whose)
    hosted = hosted.where(sessions.state == HELD, *wanted.conditions(at, whose))
    if wanted.ids is None and wanted.reader is not None:
        hosted = hosted.where(within(sessions.audience_id, wanted.reader))
    yield from _rows(connection, "hosted", hosted)
    whose = meeting_people.c.person_id
    came = (
        select(_WHOLE, at, sessions.id)
        .join(meeting_people, people.c.id == whose)
        .join(meetings, sessions.id == meeting_people.c.meeting_id)
        .where(sessions.state == HELD, meeting_people.c.came.is_(True))
        .where(*wanted.conditions(at, whose))
        .distinct()
    )
    for row in connection.execute(came):
        yield Done("joined", row[0], row[1])


def _written(kind: Kind, wanted: Wanted) -> Select[Any]:
    """Each document once for each person, also where two records of theirs wrote it. What somebody
    wrote once is not written twice by being merged into another."""
    at, whose = documents.c.created_at, contributions.c.person_id
    readable = true() if wanted.reader is None else readable_by(wanted.reader)
    return (
        select(_WHOLE, at, documents.c.id)
        .join(contributions, people.c.id == whose)
        .join(documents, documents.c.id == contributions.c.document_id)
        .where(documents.c.kind == kind.value, contributions.c.role == Role.AUTHOR.value)
        .where(documents.c.archived_at.is_(None), readable, *wanted.conditions(at, whose))
        .where(~_merged_of_theirs())
        .distinct()
    )


def _merged_of_theirs() -> ColumnElement[bool]:
    """Whether a document was made of one that the same record wrote and that is still there."""
    part = contributions.alias()
    return exists().where(
        successors.c.successor_id == documents.c.id,
        successors.c.merged.is_(True),
        part.c.document_id == successors.c.document_id,
        part.c.person_id == contributions.c.person_id,
        part.c.role == Role.AUTHOR.value,
    )


def _rows(connection: Connection, what: str, query: Select[Any]) -> Iterator[Done]:
    hosted = what == "hosted"
    for row in connection.execute(query):
        yield Done(what, row[0], row[1], row[2] if hosted else None)
