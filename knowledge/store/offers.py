"""Queries about what people would teach, and what they want to learn."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from knowledge.identity import Offer, OfferKind
from knowledge.store.people import records
from knowledge.store.reading_tables import offers
from knowledge.store.tables import people


def of(connection: Connection, person_id: int) -> list[Offer]:
    """A person's, and those of the records that are part of them; the oldest first."""
    query = select(offers).where(offers.c.person_id.in_(records(person_id)))
    return [
        Offer(row.id, OfferKind(row.kind), row.topic, row.at)
        for row in connection.execute(query.order_by(offers.c.id))
    ]


def count(connection: Connection, person_id: int) -> int:
    """How many they have."""
    query = select(func.count()).where(offers.c.person_id.in_(records(person_id)))
    return int(connection.execute(query).scalar_one())


def find(connection: Connection, person_id: int, kind: OfferKind, topic_key: str) -> int | None:
    """The id of the one about a topic, if there is one."""
    query = select(offers.c.id).where(
        offers.c.person_id.in_(records(person_id)),
        offers.c.kind == kind,
        offers.c.topic_key == topic_key,
    )
    return connection.execute(query).scalars().first()


def add(
    connection: Connection, person_id: int, kind: OfferKind, topic: str, key: str, at: datetime
) -> int:
    """A new one; its id."""
    values = {"person_id": person_id, "kind": kind, "topic": topic, "topic_key": key, "at": at}
    made = connection.execute(insert(offers).values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def remove(connection: Connection, person_id: int, ids: Collection[int]) -> int:
    """Take some of theirs back. Returns how many there were."""
    theirs = offers.c.id.in_(sorted(ids)) & offers.c.person_id.in_(records(person_id))
    return connection.execute(delete(offers).where(theirs)).rowcount


def saying(connection: Connection, kind: OfferKind) -> dict[str, dict[int, str]]:
    """By topic as it is compared: who says it of that, by the records that stand for them, and in
    which words; without who is gone."""
    record, whole = people.alias(), people.alias()
    query = (
        select(offers.c.topic_key, offers.c.topic, whole.c.id)
        .join(record, record.c.id == offers.c.person_id)
        .join(whole, whole.c.id == func.coalesce(record.c.merged_into, record.c.id))
        .where(offers.c.kind == kind, whole.c.disabled_at.is_(None))
        .order_by(offers.c.id)
    )
    found: dict[str, dict[int, str]] = {}
    for key, topic, person_id in connection.execute(query):
        found.setdefault(key, {})[person_id] = topic
    return found
