"""What was searched for, never by whom: kept for a while, to see what nobody could answer.

Searches only hand their query over; a thread writes many in one transaction, so that a search
waits for no disk. What cannot be written is dropped and counted: a search never fails for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from knowledge import limits
from knowledge.errors import WhoknowsError
from knowledge.store import queries
from knowledge.store.database import Database
from knowledge.types import AskedQuery

BATCH = 100
EVERY_S = 1.0
# Several processes serve from PostgreSQL only. The others write every second, if all goes well.
OTHERS_S = 3 * EVERY_S
_LOOK_EVERY_S = 0.1
_WAITING = 10_000
_FORGET_EVERY = timedelta(hours=1)
_log = logging.getLogger(__name__)


class QueryLog:
    """The queries of one process on their way to the database. Safe to share between threads.

    ``dropped`` counts those that were not kept because the database took nothing.
    """

    def __init__(
        self,
        database: Database,
        days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``days``: how long queries are kept; 0 keeps none and deletes those of before."""
        self._database = database
        self._days = days
        self._now = now
        self._waiting: deque[AskedQuery] = deque()
        self._wake = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._forgotten_at: datetime | None = None
        self.dropped = 0

    def record(self, asked: AskedQuery) -> None:
        """Take a query over; returns at once. Does nothing once closed."""
        with self._wake:
            if self._closed:
                return
            if self._days:
                if len(self._waiting) == _WAITING:
                    self._waiting.popleft()
                    self.dropped += 1
                self._waiting.append(replace(asked, text=limits.made_storable(asked.text)))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="query log", daemon=True)
                self._thread.start()
            self._wake.notify()

    def known(self, query_id: str) -> bool:
        """Whether this was asked; when no queries are kept nobody can tell, so: yes.

        Waits a little for what was asked of another process that serves.
        """
        if not self._days or self._kept(query_id):
            return True
        self.flush()
        give_up_at = time.monotonic() + (0.0 if self._database.on_sqlite else OTHERS_S)
        pause = threading.Event()
        while not (known := self._kept(query_id)) and time.monotonic() < give_up_at:
            pause.wait(_LOOK_EVERY_S)
        return known

    def _kept(self, query_id: str) -> bool:
        with self._database.read() as connection:
            return queries.exists(connection, query_id)

    def flush(self) -> None:
        """Write what waits; when this returns, what was recorded before is kept or dropped."""
        with self._writing:
            with self._wake:
                batch = list(self._waiting)
                self._waiting.clear()
            now = self._now()
            due = self._forgotten_at is None or now - self._forgotten_at >= _FORGET_EVERY
            if not batch and not due:
                return
            try:
                with self._database.write(frees=not batch) as connection:
                    queries.add(connection, batch)
                    if due:
                        queries.forget_before(connection, now - timedelta(days=self._days))
            except WhoknowsError as error:
                self.dropped += len(batch)
                _log.warning("%d queries were not kept: %s", len(batch), error)
                return
            self._forgotten_at = now if due else self._forgotten_at

    def close(self) -> None:
        """Write what waits and end the thread."""
        with self._wake:
            self._closed = True
            thread = self._thread
            self._wake.notify()
        if thread is not None:
            thread.join()
            self.flush()

    def _run(self) -> None:
        idle = _FORGET_EVERY.total_seconds()
        while True:
            self.flush()
            with self._wake:
                self._wake.wait_for(lambda: self._closed or self._waiting, idle)
                self._wake.wait_for(lambda: self._closed or len(self._waiting) >= BATCH, EVERY_S)
                if self._closed:
                    return
