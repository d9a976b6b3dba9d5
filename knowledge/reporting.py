"""What became of the inputs of an import, a page at a time, for whoever handed it in."""

from __future__ import annotations

from knowledge.capture import Status
from knowledge.errors import NotFound
from knowledge.jobs import ImportItem
from knowledge.store import imports as store
from knowledge.store.database import Database

_REASONS = 20


class Reports:
    """The reports of imports. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, import_id: str, owner: str, after: int, limit: int, status: Status | None = None
    ) -> tuple[list[ImportItem], bool]:
        """Items after a number, of one ``status`` if it is told, and whether more come.

        Raises NotFound, also for somebody else's import.
        """
        with self._database.read() as connection:
            found = store.get(connection, import_id)
            if found is None or found.owner != owner:
                raise NotFound("no such import")
            only = status and status.value
            items = store.items_page(connection, import_id, after, limit + 1, only)
        return items[:limit], len(items) > limit

    def reasons(self, import_id: str, owner: str) -> list[tuple[str, int]]:
        """Why inputs were refused and how many for that, the most frequent reasons first.

        Raises NotFound, also for somebody else's import.
        """
        with self._database.read() as connection:
            found = store.get(connection, import_id)
            if found is None or found.owner != owner:
                raise NotFound("no such import")
            return store.reasons(connection, import_id, _REASONS)
