"""Queries about questions. Whoever reads one for somebody says who that is: it is there for whoever
asks and for those who were asked, and for nobody else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from knowledge.errors import NotFound
from knowledge.redaction import Called
from knowledge.routing import Availability, Candidate
from knowledge.settings import PrivacySettings
from knowledge.store.privacy import topic_key
from knowledge.store.question_tables import question_answers, question_people, questions
from knowledge.store.tables import documents, people

_KEY = 300


def title_key(title: str) -> str:
    """The form under which two questions are the same."""
    return topic_key(title)[:_KEY]


def add(connection: Connection, values: dict[str, Any], candidates: Iterable[Candidate]) -> int:
    """Keep a new question with those who may know."""
    key = connection.execute(insert(questions).values(**values)).inserted_primary_key
    assert key is not None
    for one in candidates:
        add_candidate(connection, int(key[0]), one)
    return int(key[0])


def add_candidate(connection: Connection, question_id: int, one: Candidate) -> None:
    """Let somebody more be one who may know."""
    connection.execute(
        insert(question_people).values(
            question_id=question_id,
            person_id=one.person_id,
            quality=one.quality,
            named=one.named,
            holder=one.holder,
        )
    )


def name_candidate(connection: Connection, question_id: int, person_id: int) -> None:
    """Let somebody be asked before all others."""
    same = _of(question_id) & (question_people.c.person_id == person_id)
    done = connection.execute(update(question_people).where(same).values(named=True))
    if not done.rowcount:
        add_candidate(connection, question_id, Candidate(person_id, 0.0, named=True))


def get(connection: Connection, question_id: int) -> Row[Any]:
    """A question as it is stored, for nobody in particular. Raises NotFound."""
    row = connection.execute(select(questions).where(questions.c.id == question_id)).first()
    if row is None:
        raise NotFound("no such question")
    return row


def put(connection: Connection, question_id: int, **values: Any) -> None:
    """Change a question."""
    connection.execute(update(questions).where(questions.c.id == question_id).values(**values))


def asked_by(
    connection: Connection, theirs: Collection[int], offset: int, limit: int
) -> list[Row[Any]]:
    """The questions of these records, the newest first."""
    query = select(questions).where(questions.c.person_id.in_(theirs))
    return _page(connection, query, offset, limit)


def asked_of(
    connection: Connection,
    theirs: Collection[int],
    states: Collection[str],
    offset: int,
    limit: int,
) -> list[Row[Any]]:
    """The questions in some states that these records were asked, the newest first."""
    asked = select(question_people.c.question_id).where(_was_asked(theirs))
    query = select(questions).where(questions.c.id.in_(asked), questions.c.state.in_(states))
    return _page(connection, query, offset, limit)


def answered_by(
    connection: Connection, theirs: Collection[int], state: str, offset: int, limit: int
) -> list[Row[Any]]:
    """The questions in a state that these records were asked and answered, the newest first."""
    asked = select(question_people.c.question_id).where(_was_asked(theirs))
    query = select(questions).where(
        questions.c.id.in_(asked), questions.c.state == state, _answered_by(theirs)
    )
    return _page(connection, query, offset, limit)


def count_waiting(connection: Connection, theirs: Collection[int], state: str) -> int:
    """How many questions in a state these records were asked and have not answered."""
    asked = select(question_people.c.question_id).where(_was_asked(theirs))
    query = select(func.count()).where(
        questions.c.id.in_(asked), questions.c.state == state, ~_answered_by(theirs)
    )
    return int(connection.execute(query).scalar_one())


def _page(connection: Connection, query: Any, offset: int, limit: int) -> list[Row[Any]]:
    ordered = query.order_by(questions.c.id.desc()).offset(offset).limit(limit)
    return list(connection.execute(ordered))


def was_asked(connection: Connection, question_id: int, theirs: Collection[int]) -> bool:
    """Whether it went to one of these records, and they did not hand it on."""
    query = select(exists().where(_of(question_id), _was_asked(theirs)))
    return bool(connection.execute(query).scalar())


def _was_asked(theirs: Collection[int]) -> ColumnElement[bool]:
    return (
        question_people.c.person_id.in_(theirs)
        & question_people.c.asked_at.is_not(None)
        & question_people.c.handed_on_at.is_(None)
    )


def _answered_by(theirs: Collection[int]) -> ColumnElement[bool]:
    return exists().where(
        question_answers.c.question_id == questions.c.id, question_answers.c.person_id.in_(theirs)
    )


def _of(question_id: int) -> ColumnElement[bool]:
    return question_people.c.question_id == question_id


def count(connection: Connection, theirs: Collection[int], state: str) -> int:
    """How many of their questions are in a state."""
    query = select(func.count()).where(
        questions.c.person_id.in_(theirs), questions.c.state == state
    )
    return int(connection.execute(query).scalar_one())


def same(connection: Connection, theirs: Collection[int], key: str, state: str) -> int | None:
    """Their question with these words in a state, if there is one."""
    query = select(questions.c.id).where(
        questions.c.person_id.in_(theirs),
        questions.c.title_key == key,
        questions.c.state == state,
    )
    return connection.execute(query).scalars().first()


def candidates(connection: Connection, question_id: int) -> list[Row[Any]]:
    """Everybody who may know, asked or not."""
    query = select(question_people).where(_of(question_id))
    return list(connection.execute(query.order_by(question_people.c.person_id)))


def ask(connection: Connection, question_id: int, persons: Collection[int], at: datetime) -> None:
    """Let it go to some of them."""
    same = _of(question_id) & question_people.c.person_id.in_(persons)
    connection.execute(update(question_people).where(same).values(asked_at=at))


def hand_on(
    connection: Connection, question_id: int, theirs: Collection[int], at: datetime
) -> None:
    """Let it be theirs no more."""
    same = _of(question_id) & _was_asked(theirs)
    connection.execute(update(question_people).where(same).values(handed_on_at=at))


def due(connection: Connection, state: str, now: datetime) -> list[int]:
    """Which questions in a state nobody answered until now; first those that went to the fewest."""
    answered = exists().where(question_answers.c.question_id == questions.c.id)
    query = select(questions.c.id).where(
        questions.c.state == state, questions.c.due_at <= now, ~answered
    )
    went = (
        select(func.count(question_people.c.asked_at))
        .where(question_people.c.question_id == questions.c.id)
        .scalar_subquery()
    )
    return list(connection.execute(query.order_by(went, questions.c.id)).scalars())


def asked_at(
    connection: Connection, persons: Collection[int], since: datetime
) -> dict[int, list[datetime]]:
    """When each of them was asked something, under any of their records."""
    whole = func.coalesce(people.c.merged_into, people.c.id)
    query = (
        select(whole.label("person"), question_people.c.asked_at)
        .join(people, people.c.id == question_people.c.person_id)
        .where(question_people.c.asked_at > since, whole.in_(sorted(persons)))
    )
    found: dict[int, list[datetime]] = {}
    for row in connection.execute(query):
        found.setdefault(row.person, []).append(row.asked_at)
    return found


def availability(
    connection: Connection, persons: Collection[int], privacy: PrivacySettings
) -> dict[int, Availability]:
    """Whether each of them can be asked, but for what they may read: of the directory's colleagues,
    who alone sign in."""
    query = select(people).where(
        people.c.id.in_(sorted(persons)),
        people.c.listed.is_(True),
        people.c.merged_into.is_(None),
    )
    return {
        row.id: Availability(
            enabled=row.disabled_at is None,
            agrees=_agrees(row, privacy),
            paused_until=row.paused_until,
        )
        for row in connection.execute(query)
    }


def _agrees(row: Row[Any], privacy: PrivacySettings) -> bool:
    said = privacy.written == "opt-out" or row.consent_written_by is not None
    return (row.consent_written and said) or (row.consent_spoken and privacy.spoken != "never")


def answers(connection: Connection, question_ids: Collection[int]) -> list[Row[Any]]:
    """The answers to some questions, the oldest first."""
    query = select(question_answers).where(question_answers.c.question_id.in_(question_ids))
    return list(connection.execute(query.order_by(question_answers.c.id)))


def put_answer(
    connection: Connection, question_id: int, theirs: list[int], body: str, at: datetime
) -> None:
    """What somebody answers; another answer of theirs takes the place of the one before."""
    held = (question_answers.c.question_id == question_id) & question_answers.c.person_id.in_(
        theirs
    )
    done = connection.execute(update(question_answers).where(held).values(body=body, at=at))
    if not done.rowcount:
        values = {"question_id": question_id, "person_id": theirs[0], "body": body, "at": at}
        connection.execute(insert(question_answers).values(**values, accepted=False))


def accept(connection: Connection, answer_id: int) -> None:
    """Mark an answer as the one that helped."""
    same = question_answers.c.id == answer_id
    connection.execute(update(question_answers).where(same).values(accepted=True))


# Erasing somebody.


def documents_asked(connection: Connection, ids: Collection[int]) -> set[int]:
    """The documents that their questions became."""
    query = (
        select(questions.c.document_id)
        .join(documents, documents.c.id == questions.c.document_id)
        .where(questions.c.person_id.in_(ids))
    )
    return {int(key) for key in connection.execute(query).scalars() if key is not None}


def unask(connection: Connection, document_id: int, ids: Collection[int]) -> None:
    """Let nobody have asked what a document answers."""
    theirs = (questions.c.document_id == document_id) & questions.c.person_id.in_(ids)
    connection.execute(update(questions).where(theirs).values(person_id=None, query=""))


def forget(connection: Connection, ids: Collection[int], answered: str, with_writing: bool) -> None:
    """Take somebody out: their questions that are not ``answered`` go, and those that are stay as
    by nobody, for the answer is another's. So do their answers, unless their writing goes."""
    theirs = questions.c.person_id.in_(ids)
    query = select(questions.c.id).where(theirs, questions.c.state != answered)
    gone = list(connection.execute(query).scalars())
    for table in (question_people, question_answers):
        connection.execute(delete(table).where(table.c.question_id.in_(gone)))
    connection.execute(delete(questions).where(questions.c.id.in_(gone)))
    connection.execute(update(questions).where(theirs).values(person_id=None, query=""))
    own = question_answers.c.person_id.in_(ids)
    if with_writing:
        connection.execute(delete(question_answers).where(own))
    connection.execute(update(question_answers).where(own).values(person_id=None))


def clean(connection: Connection, called: Called) -> None:
    """Take what somebody is called out of what all others ask and answer."""
    for row in connection.execute(select(questions)).all():
        told = {name: row._mapping[name] for name in ("title", "body", "query")}
        left = {name: called.gone_from(text) for name, text in told.items()}
        if called.asked_for_in(row.query):  # as it was searched for, in small letters, too
            left["query"] = ""
        if left != told:
            left["title"] = left["title"][:_KEY]
            put(connection, row.id, **left, title_key=title_key(left["title"]))
    for row in connection.execute(select(question_answers)).all():
        body = called.gone_from(row.body)
        if body != row.body:
            same = question_answers.c.id == row.id
            connection.execute(update(question_answers).where(same).values(body=body))
