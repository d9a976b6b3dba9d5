"""The use case: people say what they would teach and what they want to learn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from knowledge import limits
from knowledge.errors import InvalidInput, NotFound
from knowledge.identity import Offer, OfferKind
from knowledge.limits import MAX_SHORT
from knowledge.store import offers as store
from knowledge.store.database import Database
from knowledge.store.privacy import topic_key

MOST = 50


class Offers:
    """What each person says of themselves; ``person_id`` is always whoever asks. Safe to share
    between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def of(self, person_id: int) -> list[Offer]:
        """All of theirs, the oldest first."""
        with self._database.read() as connection:
            return store.of(connection, person_id)

    def add(self, person_id: int, kind: OfferKind, topic: str) -> Offer:
        """Say one more; the same again is no other one. Raises InvalidInput."""
        told = " ".join(topic.split())
        if not told or len(told) > MAX_SHORT or not limits.storable(told):
            raise InvalidInput(f"a topic has 1 to {MAX_SHORT} characters")
        key, now = topic_key(told)[:MAX_SHORT], self._now()
        with self._database.write() as connection:
            made = store.find(connection, person_id, kind, key)
            if made is None:
                if store.count(connection, person_id) >= MOST:
                    raise InvalidInput(f"there are {MOST} already; take one back first")
                made = store.add(connection, person_id, kind, told, key, now)
            return next(one for one in store.of(connection, person_id) if one.id == made)

    def remove(self, person_id: int, offer_id: int) -> None:
        """Take one back. Raises NotFound for what is none of theirs."""
        with self._database.write() as connection:
            if not store.remove(connection, person_id, [offer_id]):
                raise NotFound("there is no such offer of yours")
