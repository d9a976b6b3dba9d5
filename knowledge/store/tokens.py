"""Queries about access tokens. Which of them opens the door is decided in ``knowledge.tokens``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from knowledge.errors import NotFound
from knowledge.store.tables import tokens
from knowledge.types import AccessToken, Scope

# Made once: every request asks it.
_BY_DIGEST = select(tokens).where(tokens.c.digest == bindparam("digest"))


def add(
    connection: Connection,
    *,
    name: str,
    digest: str,
    person_id: int | None,
    scopes: frozenset[Scope],
    created_at: datetime,
    expires_at: datetime,
) -> AccessToken:
    """Keep a new token. ``digest``: SHA-256 of the secret, in hex."""
    key = connection.execute(
        insert(tokens).values(
            name=name,
            digest=digest,
            person_id=person_id,
            scopes=sorted(scope.value for scope in scopes),
            created_at=created_at,
            expires_at=expires_at,
        )
    ).inserted_primary_key
    assert key is not None
    return AccessToken(int(key[0]), name, scopes, created_at, expires_at, person_id)


def by_digest(connection: Connection, digest: str) -> AccessToken | None:
    """The token whose secret has this SHA-256, whatever its state."""
    row = connection.execute(_BY_DIGEST, {"digest": digest}).first()
    return None if row is None else _token(row)


def all_of_them(connection: Connection) -> list[AccessToken]:
    """Every token ever made, oldest first."""
    return [_token(row) for row in connection.execute(select(tokens).order_by(tokens.c.id))]


def revoke(connection: Connection, token_id: int, at: datetime) -> None:
    """Withdraw a token; one that is withdrawn keeps its time. Raises NotFound."""
    held = connection.execute(select(tokens.c.id).where(tokens.c.id == token_id)).first()
    if held is None:
        raise NotFound(f"there is no token {token_id}; see: whoknows token list")
    connection.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def _token(row: Row[Any]) -> AccessToken:
    return AccessToken(
        row.id,
        row.name,
        frozenset(Scope(scope) for scope in row.scopes),
        row.created_at,
        row.expires_at,
        row.person_id,
        row.revoked_at,
    )
