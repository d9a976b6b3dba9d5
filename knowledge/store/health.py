"""Queries about the database as such."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Table, func, select, text, update
from sqlalchemy.sql import ColumnElement

from knowledge.store.tables import documents, imports, people, state, tokens

_SHOWN = 5


def damage(connection: Connection) -> list[str]:
    """What the database's own check finds wrong; servers check their pages themselves."""
    if connection.dialect.name != "sqlite":
        return []
    told = connection.execute(text(f"PRAGMA quick_check({_SHOWN})")).scalars()
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [line for line in told if line != "ok"] + [
        f"a row of {row[0]} refers to nothing" for row in broken[:_SHOWN]
    ]


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
    }


def touch(connection: Connection) -> None:
    """Write something that changes nothing."""
    connection.execute(update(state).values(sequence=state.c.sequence))
