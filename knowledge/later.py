"""Small notes that nobody waits for: when a key was last used, what was refused to whom.

Whoever reads only hands a note over; a thread writes many in one transaction, so that a read waits
for no disk and no lock. What cannot be written is dropped and counted: no read fails for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Connection

from knowledge.errors import WhoknowsError
from knowledge.store.database import Database

EVERY_S = 1.0
MOST = 1000
_log = logging.getLogger(__name__)

Note = Callable[[Connection], None]


class Later:
    """The notes of one process on their way to the database. Safe to share between threads.

    ``dropped`` counts those that were not kept, because there were too many or the database took
    nothing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, Note] = {}
        self._wake = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self.dropped = 0

    def put(self, key: str, note: Note) -> None:
        """Take a note over; returns at once. Of those with the same key the first one is kept
        while it waits. Does nothing once closed."""
        with self._wake:
            if self._closed or key in self._waiting:
                return
            if len(self._waiting) >= MOST:
                self.dropped += 1
                return
            self._waiting[key] = note
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="notes", daemon=True)
                self._thread.start()
            self._wake.notify()

    def flush(self) -> None:
        """Write what waits; when this returns, what was put before is kept or dropped."""
        with self._writing:
            with self._wake:
                batch = list(self._waiting.values())
                self._waiting.clear()
            if not batch:
                return
            try:
                with self._database.write() as connection:
                    tried = [_refusal(connection, note) for note in batch]
            # Whatever it is: the notes after these have to be kept.
            except Exception as error:
                tried = [error] * len(batch)
            self._lost([error for error in tried if error is not None])

    def _lost(self, errors: list[Exception]) -> None:
        if errors:
            self.dropped += len(errors)
            first = errors[0]
            ours = isinstance(first, WhoknowsError)
            _log.warning(
                "%d notes were not kept: %s", len(errors), first, exc_info=None if ours else first
            )

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
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closed or self._waiting)
                # So that what comes at about the same time is one transaction.
                self._wake.wait_for(lambda: self._closed, EVERY_S)
                if self._closed:
                    return
            self.flush()


def _refusal(connection: Connection, note: Note) -> Exception | None:
    """Write one note; what kept it from being written, and takes no other one along."""
    try:
        with connection.begin_nested():
            note(connection)
    except Exception as error:
        return error
    return None
