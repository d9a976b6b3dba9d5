"""What an operator asks of the truth: can it be used, is it whole, does it need care."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.errors import InvalidInput
from knowledge.store import health
from knowledge.store.database import Database


@dataclass(frozen=True, slots=True)
class Truth:
    """``damage`` is empty when the database found none; the rest are counts."""

    kind: str
    damage: tuple[str, ...]
    documents: int
    listed_people: int
    failed_imports: int
    unfinished_imports: int
    valid_tokens: int
    accounts: int


def look(database: Database) -> Truth:
    """Everything at one moment. Raises DataUnavailable."""
    with database.read() as connection:
        return Truth(
            connection.dialect.name, tuple(health.damage(connection)), **health.counts(connection)
        )


def try_to_write(database: Database) -> None:
    """One write transaction that is undone. Raises DataLocked, OutOfSpace, DataUnavailable."""
    try:
        with database.write() as connection:
            health.touch(connection)
            raise InvalidInput("undo")
    except InvalidInput:
        return
