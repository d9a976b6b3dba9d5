"""Queries about what is decided in monthly reviews, and about stories."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from knowledge.store.access import readable_by
from knowledge.store.pulse_tables import review_decisions
from knowledge.store.tables import document_tags, documents
from knowledge.types import Principal


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Keep a decision; its id."""
    made = connection.execute(insert(review_decisions).values(**values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def find(connection: Connection, decision_id: int) -> Row[Any] | None:
    """One of them."""
    return connection.execute(
        select(review_decisions).where(review_decisions.c.id == decision_id)
    ).first()


def put(connection: Connection, decision_id: int, outcome: str, at: datetime) -> None:
    """It was looked at again."""
    same = review_decisions.c.id == decision_id
    connection.execute(update(review_decisions).where(same).values(outcome=outcome, looked_at=at))


def remove(connection: Connection, decision_id: int) -> None:
    """Take it back."""
    connection.execute(delete(review_decisions).where(review_decisions.c.id == decision_id))


def all_of_them(connection: Connection) -> list[Row[Any]]:
    """Every decision, the oldest first."""
    return list(connection.execute(select(review_decisions).order_by(review_decisions.c.id)))


def tagged(
    connection: Connection, tags: Collection[str], principal: Principal, limit: int
) -> list[tuple[int, str]]:
    """Id and title of documents with one of these tags that the asker may read; those that came
    last first."""
    held = select(document_tags.c.document_id).where(document_tags.c.tag.in_(tags))
    query = (
        select(documents.c.id, documents.c.title)
        .where(documents.c.id.in_(held), readable_by(principal))
        .order_by(documents.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.title) for row in connection.execute(query)]
