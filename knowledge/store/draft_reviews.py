"""Queries about reviews of drafts. Whoever reads one for somebody says who that is: it is there
for the author and the one who was asked, and for nobody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from knowledge.errors import NotFound
from knowledge.store.draft_tables import drafts
from knowledge.store.people import records
from knowledge.store.teaching_tables import draft_reviews

OPEN, WITHDRAWN = "open", "withdrawn"
"""See ``knowledge.reviewing.State``."""
NONE = "no such review"
"""What is said of what is not there, and of what is nothing of the asker's."""


def add(connection: Connection, values: dict[str, Any]) -> int:
    """Keep a new one; its id."""
    key = connection.execute(insert(draft_reviews).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def put(connection: Connection, review_id: int, **values: Any) -> None:
    """Change one."""
    same = draft_reviews.c.id == review_id
    connection.execute(update(draft_reviews).where(same).values(**values))


def of_author(connection: Connection, review_id: int, theirs: Collection[int]) -> Row[Any]:
    """One that somebody asked for, of a draft that is there. Raises NotFound."""
    return _one(connection, review_id, draft_reviews.c.author_id.in_(theirs))


def of_reviewer(connection: Connection, review_id: int, theirs: Collection[int]) -> Row[Any]:
    """One that waits for somebody. Raises NotFound, also for what waits no more."""
    waits = draft_reviews.c.state == OPEN
    return _one(connection, review_id, draft_reviews.c.reviewer_id.in_(theirs) & waits)


def _one(connection: Connection, review_id: int, condition: Any) -> Row[Any]:
    there = draft_reviews.c.draft_id.is_not(None)
    query = select(draft_reviews).where(draft_reviews.c.id == review_id, condition, there)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(NONE)
    return row


def waiting(connection: Connection, theirs: Collection[int]) -> list[Row[Any]]:
    """Those that wait for somebody, what was asked first comes first."""
    query = select(draft_reviews).where(
        draft_reviews.c.reviewer_id.in_(theirs),
        draft_reviews.c.state == OPEN,
        draft_reviews.c.draft_id.is_not(None),
    )
    return list(connection.execute(query.order_by(draft_reviews.c.id)))


def asked_for(
    connection: Connection, theirs: Collection[int], draft_id: int | None = None
) -> list[Row[Any]]:
    """Those that somebody asked for, of drafts that are there; the newest first."""
    query = select(draft_reviews).where(
        draft_reviews.c.author_id.in_(theirs), draft_reviews.c.draft_id.is_not(None)
    )
    if draft_id is not None:
        query = query.where(draft_reviews.c.draft_id == draft_id)
    return list(connection.execute(query.order_by(draft_reviews.c.id.desc())))


def asked_since(
    connection: Connection, person_id: int, theirs: Collection[int], since: datetime
) -> tuple[int, int]:
    """How many others asked somebody for and did not withdraw, and how many an asker did, with
    those that they withdrew. ``theirs``: the asker's records."""
    own = draft_reviews.c.author_id.in_(theirs)
    query = select(
        func.count().filter(~own, draft_reviews.c.state != WITHDRAWN), func.count().filter(own)
    ).where(draft_reviews.c.reviewer_id.in_(records(person_id)), draft_reviews.c.asked_at > since)
    others, asked = connection.execute(query).one()
    return int(others), int(asked)


def draft(connection: Connection, draft_id: int) -> Row[Any]:
    """A draft for whoever was asked to review it: see ``of_reviewer``. Raises NotFound."""
    row = connection.execute(select(drafts).where(drafts.c.id == draft_id)).first()
    if row is None:
        raise NotFound("no such draft")
    return row


def let_go(connection: Connection, draft_ids: Collection[int]) -> None:
    """Of drafts that go, keep no more than who gave a review, and when."""
    same = draft_reviews.c.draft_id.in_(draft_ids)
    waits = same & (draft_reviews.c.state == OPEN)
    connection.execute(update(draft_reviews).where(waits).values(state=WITHDRAWN))
    connection.execute(
        update(draft_reviews)
        .where(same)
        .values(draft_id=None, wish="", comment="", points=[], draft_version=None)
    )
