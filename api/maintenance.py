"""What a serving process does besides: it keeps its index current, writes snapshots of it, and ends
what holds for a time only."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from indexer.build import Index

_log = logging.getLogger("whoknows.maintenance")

_INDEX, _BESIDES = "the index", "what holds for a time only"

SAVE_AFTER_CHANGES = 500
SAVE_AFTER_SECONDS = 60.0
_EVERY_SECONDS = 5.0
_BESIDES_SECONDS = 60.0


class Maintenance:
    """Failures are logged, each kind once until something works again, and never raised."""

    def __init__(
        self,
        index: Index,
        clock: Callable[[], float] = time.monotonic,
        besides: Callable[[], object] = lambda: None,
    ) -> None:
        """``clock``: seconds from any beginning. ``besides``: done at first and once a minute."""
        self._index = index
        self._clock = clock
        self._besides = besides
        self._besides_at: float | None = None
        self._seen = index.sequence
        self._changed_at = clock()
        self._said: dict[str, str] = {}

    def tick(self) -> None:
        """Catch up; save when many changes are unsaved, or the last one is a while ago."""
        self._do_besides()
        self._guarded(_INDEX, self._catch_up_and_save)

    def _do_besides(self) -> None:
        now = self._clock()
        if self._besides_at is None or now - self._besides_at >= _BESIDES_SECONDS:
            self._besides_at = now
            self._guarded(_BESIDES, self._besides)

    def _catch_up_and_save(self) -> None:
        self._index.catch_up()
        now, sequence = self._clock(), self._index.sequence
        if sequence != self._seen:
            self._seen, self._changed_at = sequence, now
        unsaved = sequence - self._index.saved_sequence
        if unsaved >= SAVE_AFTER_CHANGES or now - self._changed_at >= SAVE_AFTER_SECONDS:
            self._index.save()

    def _guarded(self, what: str, work: Callable[[], object]) -> None:
        try:
            work()
            self._said.pop(what, None)
        except Exception as error:
            if self._said.get(what) != str(error):
                self._said[what] = str(error)
                _log.exception("%s could not be looked after", what)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Tick in a thread of its own; at the end the index is saved once more."""
        self._do_besides()  # before anybody asks
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
            self._guarded(_INDEX, self._index.save)
