"""What a serving process does besides: it keeps its index current and writes snapshots of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from indexer.build import Index

_log = logging.getLogger("whoknows.maintenance")

SAVE_AFTER_CHANGES = 500
SAVE_AFTER_SECONDS = 60.0
_EVERY_SECONDS = 5.0


class Maintenance:
    """Failures are logged, each kind once until something works again, and never raised."""

    def __init__(self, index: Index, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds from any beginning."""
        self._index = index
        self._clock = clock
        self._seen = index.sequence
        self._changed_at = clock()
        self._said = ""

    def tick(self) -> None:
        """Catch up; save when many changes are unsaved, or the last one is a while ago."""
        self._guarded(self._catch_up_and_save)

    def _catch_up_and_save(self) -> None:
        self._index.catch_up()
        now, sequence = self._clock(), self._index.sequence
        if sequence != self._seen:
            self._seen, self._changed_at = sequence, now
        unsaved = sequence - self._index.saved_sequence
        if unsaved >= SAVE_AFTER_CHANGES or now - self._changed_at >= SAVE_AFTER_SECONDS:
            self._index.save()

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
            self._said = ""
        except Exception as error:
            if self._said != str(error):
                self._said = str(error)
                _log.exception("the index could not be looked after")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Tick in a thread of its own; at the end the index is saved once more."""
        stop = threading.Event()

        def loop() -> None:
            while not stop.wait(_EVERY_SECONDS):
                self.tick()

        thread = threading.Thread(target=loop, name="maintenance", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            self._guarded(self._index.save)
