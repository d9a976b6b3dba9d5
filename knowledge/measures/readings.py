"""The use case: that somebody opened a document is noted, until the month is published.

Noted are the days on which a person read anything, and what they read in which month, not both
together; and where among the answers of a search a document stood. Of documents that not everybody
may read who signs in, nothing is noted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge.later import Later
from knowledge.measures.context import EVERYBODY
from knowledge.store import documents, measured, people

MOST_PLACE = 1000


class Readings:
    """Who opens what. Safe to share between threads."""

    def __init__(
        self, later: Later, on: bool, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """``on``: whether anything is noted at all."""
        self._later = later
        self._on = on
        self._now = now

    def record(self, person_id: int | None, document_id: int, place: int | None = None) -> None:
        """Note that somebody opened a document; returns at once, and never fails. ``place``: where
        it stood among the answers of a search, from 1. Nothing is noted of nobody in particular."""
        if not self._on or person_id is None:
            return
        whose, day = person_id, f"{self._now().astimezone(UTC):%Y-%m-%d}"
        place = place if place is not None and 1 <= place <= MOST_PLACE else None

        def note(connection: Connection) -> None:
            whole = people.whole(connection, whose)
            if people.enabled(connection, [whole]) and documents.visible(
                connection, [document_id], EVERYBODY
            ):
                measured.note_reading(connection, whole, day, document_id, place)

        self._later.put(f"reading:{whose}:{document_id}:{day}:{place}", note)
