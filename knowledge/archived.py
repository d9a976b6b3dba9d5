"""The use case: whoever runs the service deletes for good what its sources no longer hold.

An import only archives, for an export may be cut short. What was archived long ago is deleted here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from knowledge import audit
from knowledge.audit import Action
from knowledge.errors import NotFound
from knowledge.store import archived as store
from knowledge.store import changes
from knowledge.store.archived import Archive
from knowledge.store.database import Database


class Archived:
    """Documents that are gone from their sources. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def by_source(self) -> list[Archive]:
        """Every source of which something is archived, by name."""
        with self._database.read() as connection:
            return store.by_source(connection)

    def due(self, source: str, days: int) -> list[int]:
        """The documents of a source that have been archived for so many days, ascending.

        Raises NotFound when nothing of such a source is archived at all.
        """
        with self._database.read() as connection:
            if not any(one.source == source for one in store.by_source(connection)):
                raise NotFound(f"nothing of a source {source!r} is archived")
            return store.before(connection, source, self._before(days))

    def delete(self, source: str, days: int, by: str = "operator") -> int:
        """Delete them, each with its revisions and files, in a transaction of its own; says how
        many. What comes in again meanwhile stays. Raises NotFound as ``due``."""
        deleted = 0
        before = self._before(days)
        for document_id in self.due(source, days):
            with self._database.write(frees=True) as connection:
                if not store.is_since_before(connection, document_id, before):
                    continue
                store.remove(connection, document_id)
                audit.record(connection, by, Action.DELETED, f"document:{document_id}")
                changes.record(connection, [document_id])
            deleted += 1
        return deleted

    def _before(self, days: int) -> datetime:
        return self._now() - timedelta(days=days)
