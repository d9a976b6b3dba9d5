"""Queries about sessions. Which of them still hold is decided in ``knowledge.sessions``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from knowledge.identity import Session
from knowledge.store.identity_tables import sessions
from knowledge.store.tables import people

# Made once: every request asks it.
_BY_DIGEST = (
    select(sessions, people.c.disabled_at, people.c.merged_into)
    .join(people, people.c.id == sessions.c.person_id)
    .where(sessions.c.digest == bindparam("digest"))
)
_AGENT = 200


def add(
    connection: Connection,
    *,
    digest: str,
    person_id: int,
    issuer: str,
    agent: str,
    created_at: datetime,
    expires_at: datetime,
) -> Session:
    """Keep a new session. ``digest``: SHA-256 of the secret, in hex."""
    values = {
        "person_id": person_id,
        "issuer": issuer,
        "agent": agent[:_AGENT],
        "created_at": created_at,
        "seen_at": created_at,
        "expires_at": expires_at,
    }
    key = connection.execute(
        insert(sessions).values(values | {"digest": digest})
    ).inserted_primary_key
    assert key is not None
    return Session(int(key[0]), **values)  # type: ignore[arg-type]


def by_digest(connection: Connection, digest: str) -> tuple[Session, bool] | None:
    """The session whose secret has this SHA-256, whatever its state, and whether its person may
    sign in at all: who is disabled, or part of somebody else, may not."""
    row = connection.execute(_BY_DIGEST, {"digest": digest}).first()
    if row is None:
        return None
    return _session(row), row.disabled_at is None and row.merged_into is None


def of_person(connection: Connection, person_id: int) -> list[Session]:
    """All that are kept of somebody, the newest first."""
    query = select(sessions).where(sessions.c.person_id == person_id)
    return [_session(row) for row in connection.execute(query.order_by(sessions.c.id.desc()))]


def end(connection: Connection, session_id: int, at: datetime) -> bool:
    """End a session; False if it has ended before."""
    alive = (sessions.c.id == session_id) & sessions.c.ended_at.is_(None)
    return bool(connection.execute(update(sessions).where(alive).values(ended_at=at)).rowcount)


def end_all(
    connection: Connection, person_id: int, at: datetime, *, but: int | None = None
) -> list[int]:
    """End all of somebody's sessions but one. Returns the ids of those that had not ended."""
    query = select(sessions.c.id).where(
        sessions.c.person_id == person_id, sessions.c.ended_at.is_(None)
    )
    ids = [key for key in connection.execute(query.order_by(sessions.c.id)).scalars() if key != but]
    connection.execute(update(sessions).where(sessions.c.id.in_(ids)).values(ended_at=at))
    return ids


def see(connection: Connection, session_id: int, at: datetime) -> None:
    """Note when a session was last used; never earlier than was noted before."""
    later = (sessions.c.id == session_id) & (sessions.c.seen_at < at)
    connection.execute(update(sessions).where(later).values(seen_at=at))


def forget_before(connection: Connection, at: datetime) -> None:
    """Remove those that could not be used any more at that time."""
    connection.execute(delete(sessions).where(sessions.c.expires_at < at))


def _session(row: Row[Any]) -> Session:
    return Session(
        row.id,
        row.person_id,
        row.issuer,
        row.agent,
        row.created_at,
        row.seen_at,
        row.expires_at,
        row.ended_at,
    )
