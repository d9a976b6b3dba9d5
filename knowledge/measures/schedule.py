"""When months are published, and searches counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from knowledge.measures import tallying
from knowledge.measures.kinds import after, month_of
from knowledge.store import measured
from knowledge.store import measures as store
from knowledge.store.database import Database

GRACE = timedelta(days=7)
"""After a month, so that its last polls and answers are in."""


class Schedule:
    """What there is to do, which is cheap to ask. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def due(self) -> list[str]:
        """The months that are over and not published, the oldest first: all since the last one
        that is, or else since the first in which anybody asked, read or met here."""
        last = self.last_over()
        with self._database.read() as connection:
            done = [row.month for row in store.months(connection)]
            begun = measured.began(connection)
        month = after(done[-1]) if done else begun or after(last)
        due = []
        while month <= last:
            due.append(month)
            month = after(month)
        return due

    def anything_due(self) -> bool:
        """Whether there are months to publish, or searches to count."""
        if self.due():
            return True
        with self._database.read() as connection:
            return tallying.due(connection, self._now())

    def last_over(self) -> str:
        """The last month that is over, with the grace."""
        return after(month_of(self._now() - GRACE), -1)
