"""Queries about access tokens. Which of them opens the door is decided in ``knowledge.tokens``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from knowledge.identity import AccessToken
from knowledge.store.identity_tables import tokens
from knowledge.types import Scope

# Made once: every request asks it.
_BY_DIGEST = select(tokens).where(tokens.c.digest == bindparam("digest"))


def add(connection: Connection, token: AccessToken, digest: str) -> AccessToken:
    """Keep a new token, whose id is drawn here. ``digest``: SHA-256 of the secret, in hex."""
    key = connection.execute(
        insert(tokens).values(
            name=token.name,
            digest=digest,
            person_id=token.person_id,
            scopes=sorted(scope.value for scope in token.scopes),
            made_by=token.made_by,
            replaces=token.replaces,
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    ).inserted_primary_key
    assert key is not None
    return replace(token, id=int(key[0]))


def by_digest(connection: Connection, digest: str) -> AccessToken | None:
    """The token whose secret has this SHA-256, whatever its state."""
    row = connection.execute(_BY_DIGEST, {"digest": digest}).first()
    return None if row is None else _token(row)


def get(connection: Connection, token_id: int) -> AccessToken | None:
    """One token, whatever its state."""
    row = connection.execute(select(tokens).where(tokens.c.id == token_id)).first()
    return None if row is None else _token(row)


def all_of_them(connection: Connection) -> list[AccessToken]:
    """Every token ever made, oldest first."""
    return [_token(row) for row in connection.execute(select(tokens).order_by(tokens.c.id))]


def page(
    connection: Connection, limit: int, below: int | None = None, person_id: int | None = None
) -> list[AccessToken]:
    """Tokens with ids ``below``, the newest first; somebody's, or everybody's."""
    query = select(tokens).order_by(tokens.c.id.desc()).limit(limit)
    if below is not None:
        query = query.where(tokens.c.id < below)
    if person_id is not None:
        query = query.where(tokens.c.person_id == person_id)
    return [_token(row) for row in connection.execute(query)]


def working(connection: Connection, person_id: int, now: datetime) -> int:
    """How many tokens of somebody's open the door."""
    alive = tokens.c.revoked_at.is_(None) & (tokens.c.expires_at > now)
    query = select(func.count()).where(tokens.c.person_id == person_id, alive)
    return int(connection.execute(query).scalar_one())


def replaced(connection: Connection, token_id: int) -> int | None:
    """The token that took this one's place."""
    query = select(tokens.c.id).where(tokens.c.replaces == token_id)
    return connection.execute(query).scalar()


def shorten(connection: Connection, token_id: int, until: datetime) -> None:
    """Let a token end no later than this."""
    later = (tokens.c.id == token_id) & (tokens.c.expires_at > until)
    connection.execute(update(tokens).where(later).values(expires_at=until))


def used(connection: Connection, token_id: int, at: datetime) -> None:
    """Note when a token was last used."""
    connection.execute(update(tokens).where(tokens.c.id == token_id).values(last_used_at=at))


def revoke(connection: Connection, token_id: int, at: datetime) -> bool:
    """Withdraw a token; False for one that is withdrawn, which keeps its time."""
    done = connection.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return bool(done.rowcount)


def _token(row: Row[Any]) -> AccessToken:
    return AccessToken(
        row.id,
        row.name,
        frozenset(Scope(scope) for scope in row.scopes),
        row.created_at,
        row.expires_at,
        row.person_id,
        row.revoked_at,
        row.made_by,
        row.replaces,
        row.last_used_at,
    )
