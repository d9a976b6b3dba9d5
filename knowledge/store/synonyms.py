"""Queries about the synonyms that administrators add."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from knowledge.asked import Synonym
from knowledge.store.asked_tables import synonyms

# Made once: every search asks it.
_ALL = select(synonyms.c.id, synonyms.c.term, synonyms.c.meaning, synonyms.c.both).order_by(
    synonyms.c.id
)


def all_of_them(connection: Connection) -> tuple[Synonym, ...]:
    """Every synonym, oldest first."""
    return tuple(Synonym(*row) for row in connection.execute(_ALL))


def add(connection: Connection, term: str, meaning: str, both: bool, at: datetime) -> Synonym:
    """Keep a new synonym."""
    key = connection.execute(
        insert(synonyms).values(term=term, meaning=meaning, both=both, at=at)
    ).inserted_primary_key
    assert key is not None
    return Synonym(int(key[0]), term, meaning, both)


def remove(connection: Connection, synonym_id: int) -> bool:
    """Forget a synonym. Returns whether there was one."""
    return bool(connection.execute(delete(synonyms).where(synonyms.c.id == synonym_id)).rowcount)
