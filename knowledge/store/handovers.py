"""Queries about what somebody owned and gave to others at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from knowledge.errors import NotFound
from knowledge.store import access
from knowledge.store.care_tables import handover_items, handovers
from knowledge.store.meeting_tables import meetings
from knowledge.store.people import records
from knowledge.store.topic_tables import topics
from knowledge.types import Principal

NONE = "there is no such hand-over"
"""What is said of what is not there, and of what is nothing of the asker's."""


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that went to somebody. ``before_id``: to whom it was passed on before, if it
    was."""

    kind: str
    item_id: int
    to_id: int
    before_id: int | None


def add(
    connection: Connection, person_id: int, by: str, at: datetime, given: Iterable[Given]
) -> int:
    """Keep that it was given; its id."""
    made = insert(handovers).values(person_id=person_id, by=by, at=at)
    key = connection.execute(made).inserted_primary_key
    assert key is not None
    rows = [
        {
            "handover_id": key[0],
            "kind": one.kind,
            "item_id": one.item_id,
            "to_id": one.to_id,
            "before_id": one.before_id,
        }
        for one in given
    ]
    if rows:
        connection.execute(insert(handover_items), rows)
    return int(key[0])


def get(connection: Connection, handover_id: int) -> Row[Any]:
    """One of them, for nobody in particular. Raises NotFound."""
    row = connection.execute(select(handovers).where(handovers.c.id == handover_id)).first()
    if row is None:
        raise NotFound(NONE)
    return row


def of(connection: Connection, person_id: int, since: datetime) -> list[Row[Any]]:
    """Those of somebody that were made since and not undone, the newest first."""
    query = select(handovers).where(
        handovers.c.person_id.in_(records(person_id)),
        handovers.c.at >= since,
        handovers.c.undone_at.is_(None),
    )
    return list(connection.execute(query.order_by(handovers.c.id.desc())))


def given(connection: Connection, handover_id: int) -> list[Given]:
    """What of it was not declined."""
    query = select(handover_items).where(
        handover_items.c.handover_id == handover_id, handover_items.c.declined_at.is_(None)
    )
    return [_given(row) for row in connection.execute(query)]


def _given(row: Row[Any]) -> Given:
    return Given(row.kind, row.item_id, row.to_id, row.before_id)


def received(connection: Connection, person_id: int) -> list[tuple[int, int, Given]]:
    """What somebody got and has said nothing of: hand-over, from whom, and what."""
    query = (
        select(handover_items, handovers.c.person_id)
        .join(handovers, handovers.c.id == handover_items.c.handover_id)
        .where(
            handover_items.c.to_id.in_(records(person_id)),
            handover_items.c.declined_at.is_(None),
            handover_items.c.seen_at.is_(None),
            handovers.c.undone_at.is_(None),
        )
        .order_by(handover_items.c.handover_id, handover_items.c.kind, handover_items.c.item_id)
    )
    return [(row.handover_id, row.person_id, _given(row)) for row in connection.execute(query)]


def settle(
    connection: Connection, handover_id: int, one: Given, at: datetime, *, declined: bool
) -> None:
    """Whoever got something takes it, or declines."""
    same = (
        (handover_items.c.handover_id == handover_id)
        & (handover_items.c.kind == one.kind)
        & (handover_items.c.item_id == one.item_id)
    )
    told = {"declined_at": at} if declined else {"seen_at": at}
    connection.execute(update(handover_items).where(same).values(**told))


def undo(connection: Connection, handover_id: int, at: datetime) -> None:
    """It was undone."""
    same = handovers.c.id == handover_id
    connection.execute(update(handovers).where(same).values(undone_at=at))


def stewarded(connection: Connection, person_id: int) -> list[int]:
    """Ids of the topics that somebody looks after."""
    query = select(topics.c.id).where(topics.c.steward_id.in_(records(person_id)))
    return list(connection.execute(query.order_by(topics.c.id)).scalars())


def hosted(
    connection: Connection,
    person_id: int,
    states: Collection[str],
    principal: Principal,
    now: datetime,
) -> list[Row[Any]]:
    """The sessions to come that somebody holds and the asker sees."""
    query = select(meetings).where(_to_come(person_id, states, now))
    if principal.person_id != person_id:
        query = query.where(access.within(meetings.c.audience_id, principal))
    return list(connection.execute(query.order_by(meetings.c.id)))


def holds(
    connection: Connection, meeting_id: int, person_id: int, states: Collection[str], now: datetime
) -> bool:
    """Whether a session is to come and somebody holds it."""
    query = select(meetings.c.id).where(
        meetings.c.id == meeting_id, _to_come(person_id, states, now)
    )
    return connection.execute(query).first() is not None


def _to_come(person_id: int, states: Collection[str], now: datetime) -> ColumnElement[bool]:
    return (
        meetings.c.host_id.in_(records(person_id))
        & meetings.c.state.in_(states)
        & (meetings.c.ends_at > now)
    )
