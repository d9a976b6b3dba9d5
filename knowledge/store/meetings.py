"""Queries about the sessions in which people learn from each other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from knowledge.errors import NotFound
from knowledge.redaction import Called
from knowledge.store import access
from knowledge.store.meeting_tables import meeting_answers, meeting_people, meetings
from knowledge.store.tables import import_items, people
from knowledge.types import Principal

# See knowledge.meeting.State.
_PLANNED, _WANTED = "planned", "wanted"


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Keep a new one; its id."""
    key = connection.execute(insert(meetings).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def put(connection: Connection, meeting_id: int, **values: Any) -> None:
    """Change one."""
    connection.execute(update(meetings).where(meetings.c.id == meeting_id).values(**values))


def readable(
    connection: Connection, meeting_id: int, asker: Principal, theirs: Collection[int]
) -> Row[Any]:
    """One that is for the asker, or that they wished for or hold. Raises NotFound."""
    query = select(meetings).where(meetings.c.id == meeting_id, _seen_by(asker, theirs))
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("no such session")
    return row


def _seen_by(asker: Principal, theirs: Collection[int]) -> ColumnElement[bool]:
    return access.within(meetings.c.audience_id, asker) | _led_by(theirs)


def _led_by(theirs: Collection[int]) -> ColumnElement[bool]:
    wished = meetings.c.asker_id.in_(theirs) & meetings.c.host_id.is_(None)
    return wished | meetings.c.host_id.in_(theirs)


def _wished_or_joined_by(theirs: Collection[int]) -> ColumnElement[bool]:
    joined = select(meeting_people.c.meeting_id).where(meeting_people.c.person_id.in_(theirs))
    return or_(meetings.c.asker_id.in_(theirs), meetings.c.id.in_(joined))


def in_state(
    connection: Connection,
    asker: Principal,
    theirs: Collection[int],
    states: Collection[str],
    page: tuple[int, int],
    *,
    ending_after: datetime | None = None,
    ended_until: datetime | None = None,
) -> list[Row[Any]]:
    """Those that are for the asker: what is still to come in the order in which it comes, and
    otherwise the newest first. ``page``: how many to leave out, how many to take."""
    query = select(meetings).where(meetings.c.state.in_(states), _seen_by(asker, theirs))
    order: list[Any] = [meetings.c.starts_at.desc().nulls_last(), meetings.c.id.desc()]
    if ending_after is not None:
        query = query.where(meetings.c.ends_at > ending_after)
        order = [meetings.c.starts_at, meetings.c.id]
    if ended_until is not None:
        query = query.where(meetings.c.ends_at <= ended_until)
    offset, limit = page
    return list(connection.execute(query.order_by(*order).offset(offset).limit(limit)))


def of(
    connection: Connection, asker: Principal, theirs: Collection[int], page: tuple[int, int]
) -> list[Row[Any]]:
    """Those that the asker wished for, holds or takes part in; the newest first."""
    admitted = access.within(meetings.c.audience_id, asker)
    mine = _led_by(theirs) | (_wished_or_joined_by(theirs) & admitted)
    offset, limit = page
    query = select(meetings).where(mine).order_by(meetings.c.id.desc())
    return list(connection.execute(query.offset(offset).limit(limit)))


def count_led(connection: Connection, theirs: Collection[int], states: Collection[str]) -> int:
    """How many in some states they wished for or hold."""
    query = select(func.count()).where(_led_by(theirs), meetings.c.state.in_(states))
    return int(connection.execute(query).scalar_one())


# Who takes part.


def taking_part(connection: Connection, ids: Collection[int]) -> dict[int, list[Any]]:
    """By session: who takes part, each once and by the record that stands for them now, in the
    order in which they joined."""
    whole = func.coalesce(people.c.merged_into, people.c.id)
    query = (
        select(
            meeting_people.c.meeting_id,
            whole.label("person"),
            meeting_people.c.person_id,
            meeting_people.c.came,
            meeting_people.c.answered,
        )
        .join(people, people.c.id == meeting_people.c.person_id)
        .where(meeting_people.c.meeting_id.in_(ids))
        .order_by(meeting_people.c.joined_at, meeting_people.c.person_id)
    )
    found: dict[int, list[Any]] = {}
    for row in connection.execute(query):
        held = found.setdefault(row.meeting_id, [])
        if row.person not in {one.person for one in held}:
            held.append(row)
    return found


def join(connection: Connection, meeting_id: int, person_id: int, at: datetime) -> None:
    """Let somebody take part."""
    values = {"meeting_id": meeting_id, "person_id": person_id, "joined_at": at, "answered": False}
    connection.execute(insert(meeting_people).values(**values))


def leave(connection: Connection, meeting_id: int, theirs: Collection[int]) -> None:
    """Let somebody take part no more."""
    connection.execute(delete(meeting_people).where(_of(meeting_id, theirs)))


def _of(meeting_id: int, theirs: Collection[int]) -> ColumnElement[bool]:
    same = meeting_people.c.meeting_id == meeting_id
    return same & meeting_people.c.person_id.in_(theirs)


def say_who_came(connection: Connection, meeting_id: int, came: Collection[int]) -> None:
    """Of those who take part, by their own records."""
    every = meeting_people.c.meeting_id == meeting_id
    connection.execute(update(meeting_people).where(every).values(came=False))
    connection.execute(update(meeting_people).where(_of(meeting_id, came)).values(came=True))


def document_of(connection: Connection, import_id: str) -> int | None:
    """What a transcript became that was handed in."""
    query = select(import_items.c.document_id).where(
        import_items.c.import_id == import_id, import_items.c.document_id.is_not(None)
    )
    return connection.execute(query).scalars().first()


# What they say of it.


def answers(connection: Connection, meeting_id: int, before: int) -> list[Row[Any]]:
    """What was said in the first so many fives; in an order that tells nothing."""
    query = select(meeting_answers).where(
        meeting_answers.c.meeting_id == meeting_id, meeting_answers.c.batch < before
    )
    return list(connection.execute(query.order_by(meeting_answers.c.drawn)))


def count_answers(connection: Connection, meeting_id: int) -> int:
    """How often something was said."""
    query = select(func.count()).where(meeting_answers.c.meeting_id == meeting_id)
    return int(connection.execute(query).scalar_one())


def add_answer(connection: Connection, values: dict[str, Any], theirs: Collection[int]) -> None:
    """Keep what somebody says, and apart from it that they did."""
    connection.execute(insert(meeting_answers).values(**values))
    same = _of(values["meeting_id"], theirs)
    connection.execute(update(meeting_people).where(same).values(answered=True))


# Erasing somebody.


def forget(
    connection: Connection, ids: Collection[int], held: Collection[str], with_writing: bool
) -> None:
    """Take somebody out. What they hold or wished for goes, but for what was ``held`` or is held by
    somebody else, which stays as by nobody; ``with_writing``, all that they hold goes. What others
    wished for is wished for again: with its title, without what may be the host's words."""
    hosts, wished = meetings.c.host_id.in_(ids), meetings.c.asker_id.in_(ids)
    theirs = meetings.c.asker_id.is_not(None) & meetings.c.asker_id.not_in(ids)
    planned = hosts & theirs & (meetings.c.state == _PLANNED)
    nothing = {"host_id": None, "starts_at": None, "ends_at": None, "place": "", "description": ""}
    connection.execute(update(meetings).where(planned).values(state=_WANTED, **nothing))
    going = (wished & meetings.c.host_id.is_(None)) | (
        hosts if with_writing else hosts & meetings.c.state.not_in(held)
    )
    gone = list(connection.execute(select(meetings.c.id).where(going)).scalars())
    for table in (meeting_people, meeting_answers):
        connection.execute(delete(table).where(table.c.meeting_id.in_(gone)))
    connection.execute(delete(meetings).where(meetings.c.id.in_(gone)))
    connection.execute(update(meetings).where(hosts).values(host_id=None))
    connection.execute(update(meetings).where(wished).values(asker_id=None))


def clean(connection: Connection, called: Called) -> None:
    """Take what somebody is called out of what others announced and said."""
    for row in connection.execute(select(meetings)).all():
        told = {name: row._mapping[name] for name in ("title", "description", "place")}
        left = {name: called.gone_from(text) for name, text in told.items()}
        if left != told:
            put(connection, row.id, **left | {"title": left["title"][:300]})
    for row in connection.execute(select(meeting_answers)).all():
        line = called.gone_from(row.line)
        if line != row.line:
            same = meeting_answers.c.drawn == row.drawn
            connection.execute(update(meeting_answers).where(same).values(line=line))
