"""Queries about the database as such."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Table, func, select, update
from sqlalchemy.sql import ColumnElement

from knowledge.store import sqlite
from knowledge.store.identity_tables import identities, passwords, tokens
from knowledge.store.tables import documents, imports, people, state


def damage(connection: Connection) -> list[str]:
    """What the database's own check finds wrong; servers check their pages themselves."""
    return sqlite.damage(connection) if connection.dialect.name == "sqlite" else []


def counts(connection: Connection) -> dict[str, int]:
    """How much there is of what an operator looks after."""

    def count(table: Table, *where: ColumnElement[bool]) -> int:
        found = connection.execute(select(func.count()).select_from(table).where(*where))
        return int(found.scalar_one())

    now = datetime.now(UTC)
    return {
        "documents": count(documents),
        "listed_people": count(people, people.c.listed),
        "failed_imports": count(imports, imports.c.state == "failed"),
        "unfinished_imports": count(imports, imports.c.state.in_(("queued", "running"))),
        "valid_tokens": count(tokens, tokens.c.revoked_at.is_(None), tokens.c.expires_at > now),
        "accounts": count(passwords) + count(identities),
    }


def touch(connection: Connection) -> None:
    """Write something that changes nothing."""
    connection.execute(update(state).values(sequence=state.c.sequence))
