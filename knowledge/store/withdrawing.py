"""What was withdrawn, so that a restored backup of before does not give it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, select, update

from knowledge.store.identity_tables import failures, invitations, sessions, sites, tokens
from knowledge.store.tables import people


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Since when: tokens by their digests, sites by their keys, and disabled people by their
    ids, which mean the same people in one installation only."""

    tokens: dict[str, datetime]
    sites: dict[str, datetime]
    people: dict[int, datetime]


def withdrawn(connection: Connection) -> Withdrawn:
    """All of it."""
    return Withdrawn(
        _since(connection, tokens.c.digest, tokens.c.revoked_at),
        _since(connection, sites.c.key, sites.c.revoked_at),
        _since(connection, people.c.id, people.c.disabled_at),
    )


def withdraw_again(connection: Connection, told: Withdrawn, same_installation: bool) -> None:
    """Withdraw it where it holds again; nobody stays signed in or invited over a restore."""
    for table in (sessions, invitations, failures):
        connection.execute(delete(table))
    _withdraw(connection, tokens, tokens.c.digest, "revoked_at", told.tokens)
    _withdraw(connection, sites, sites.c.key, "revoked_at", told.sites)
    if same_installation:
        _withdraw(connection, people, people.c.id, "disabled_at", told.people)


def _since(connection: Connection, key: Column[Any], at: Column[Any]) -> dict[Any, datetime]:
    return {row[0]: row[1] for row in connection.execute(select(key, at).where(at.is_not(None)))}


def _withdraw(
    connection: Connection, table: Table, key: Column[Any], name: str, told: dict[Any, datetime]
) -> None:
    for one, at in told.items():
        holds = (key == one) & table.c[name].is_(None)
        connection.execute(update(table).where(holds).values({name: at}))
