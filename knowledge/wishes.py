"""The use case: people want to be told when something can be answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from knowledge import limits
from knowledge.asked import MAX_TEXT, Wish
from knowledge.errors import InvalidInput, NotFound
from knowledge.gapped import key
from knowledge.store import access
from knowledge.store import wishes as store
from knowledge.store.database import Database
from knowledge.types import Principal

MOST = 50
EVERY = timedelta(hours=1)
"""How often one is looked at, at most."""


class Wishes:
    """What each person wants to be told of; ``person_id`` is always whoever asks. Safe to share
    between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def of(self, person_id: int) -> list[Wish]:
        """All of theirs, the oldest first."""
        with self._database.read() as connection:
            return store.of(connection, person_id)

    def add(self, person_id: int, text: str) -> Wish:
        """Wish for one more; the same again is no other one. Raises InvalidInput."""
        told = " ".join(text.split())
        if not told or len(told) > MAX_TEXT or not limits.storable(told):
            raise InvalidInput(f"what you want to be told of has 1 to {MAX_TEXT} characters")
        if not any(character.isalnum() for character in told):
            raise InvalidInput("what you want to be told of holds no word or number")
        found, now = key(told)[:MAX_TEXT], self._now()
        with self._database.write() as connection:
            made = store.find(connection, person_id, found)
            if made is None:
                if store.count(connection, person_id) >= MOST:
                    raise InvalidInput(f"there are {MOST} already; take one back first")
                made = store.add(connection, person_id, told, found, now)
            return next(one for one in store.of(connection, person_id) if one.id == made)

    def principal(self, person_id: int) -> Principal:
        """Who would be told, with what they may read now."""
        with self._database.read() as connection:
            return access.principal_of(connection, person_id)

    def due(self, person_id: int, limit: int) -> list[Wish]:
        """Those that nobody looked at for an hour, at most so many."""
        with self._database.read() as connection:
            return store.due(connection, person_id, self._now() - EVERY, limit)

    def looked_at(self, answered: dict[Wish, bool]) -> None:
        """Which of them can be answered now; what cannot any more is told no more."""
        with self._database.write() as connection:
            now = self._now()
            for wish, can in answered.items():
                told_at = (wish.told_at or now) if can else None
                store.looked_at(connection, wish.id, now, told_at)

    def remove(self, person_id: int, wish_id: int) -> None:
        """Take one back. Raises NotFound for what is none of theirs."""
        with self._database.write() as connection:
            if not store.remove(connection, person_id, [wish_id]):
                raise NotFound("there is no such wish of yours")
