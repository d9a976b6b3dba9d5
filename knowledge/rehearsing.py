"""From a dry run to the import in earnest: the same file, which nobody sends twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from knowledge import telling
from knowledge.errors import Conflict
from knowledge.imports import COUNTS, Imports
from knowledge.jobs import Import, ImportState
from knowledge.store import imports as store
from knowledge.store.database import Database

_GONE = "the file of this dry run is no longer here, or it was started already; hand it in again"


class Rehearsals:
    """Dry runs that become imports. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        imports: Imports,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._imports = imports
        self._now = now

    def start(self, import_id: str, owner: str) -> Import:
        """Queue what an owner's dry run read, as it was ordered; durable on return.

        Raises NotFound, also for somebody else's; Conflict where its file was given back.
        """
        self._check(self._imports.get(import_id, owner))
        key = uuid.uuid4().hex
        spool = self._imports.spool
        if not spool.lend(import_id, key):
            raise Conflict(_GONE)
        try:
            with self._database.write() as connection:
                rehearsed = store.get(connection, import_id)
                assert rehearsed is not None
                self._check(rehearsed)
                made = replace(
                    rehearsed,
                    id=key,
                    stored_as=key,
                    dry_run=False,
                    state=ImportState.QUEUED,
                    counts=dict.fromkeys(COUNTS, 0),
                    created_at=self._now(),
                    runs=0,
                    question=None,
                    summary=None,
                )
                added = store.add(connection, made)
                store.put(connection, import_id, stored_as=None)
                telling.begun(connection, added, self._now())
        except BaseException:
            spool.remove(key)
            raise
        spool.remove(import_id)
        return added

    def _check(self, rehearsed: Import) -> None:
        if rehearsed.kept_until is None or rehearsed.kept_until <= self._now():
            raise Conflict(_GONE)
