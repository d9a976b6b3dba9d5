"""What looks for what there is to tell, and lets the server have it: a thread of its own, beside
whatever starts workers, and never inside a request. One in a data directory sends at a time."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from filelock import FileLock, Timeout

from api.auth.sealing import Seal
from api.mail import addresses, server
from api.mail.server import Broken, Line, Refused, Unreachable
from api.mail.writing import Writer
from knowledge.errors import DataUnavailable, WhoknowsError
from knowledge.notices import wait
from knowledge.outbox import Due, Outbox
from knowledge.settings import Settings
from knowledge.store.database import Database

LOCK = "mail.lock"
EVERY_S = 20.0
LETTERS_A_LINE = 50
"""Servers end a line after so many letters or more, as if nothing could be sent any more."""
_LINES_IN_VAIN = 2
"""After so many in a row that broke before a letter was taken, the server is left alone."""
_PATIENCE_S = 15.0
_CLEANED = timedelta(hours=6)
_log = logging.getLogger("whoknows.mail")


class Postman:
    """Sends what is due, until it is stopped. Failures are logged, without addresses."""

    def __init__(
        self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Raises InvalidSettings, also where mail is on and cannot work."""
        server.check(settings)
        self._settings = settings
        self._now = now
        self._lock = FileLock(settings.storage.data / LOCK)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="postman", daemon=True)
        # What the server took and the database does not know yet.
        self._taken: set[int] = set()
        self._failures = 0
        self._not_before: datetime | None = None
        self._cleaned: datetime | None = None

    def start(self) -> None:
        """Begin, if mail is on."""
        if self._settings.mail.on:
            self._thread.start()

    def stop(self) -> None:
        """End after the letter that is being sent; a server that says nothing is not waited for."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_S)

    def run(self) -> None:
        """Send until ``stop``, in the caller's thread."""
        database: Database | None = None
        outbox: Outbox | None = None
        try:
            while not self._stopping.is_set():
                try:
                    database = database or Database(self._settings.storage)
                    outbox = outbox or Outbox(database, self._settings, self._now)
                    self.look(outbox)
                except (WhoknowsError, OSError) as error:
                    _log.warning("cannot look for mail: %s", error)
                except Exception:
                    # Without this thread nobody would ever be told again.
                    _log.exception("looking for mail failed")
                self._stopping.wait(EVERY_S)
        finally:
            if database is not None:
                database.close()

    def look(self, outbox: Outbox) -> None:
        """Find what there is to tell, and send what is due, unless another process does. Raises
        DataUnavailable."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return
        try:
            self._round(outbox)
        finally:
            # Another process would send again what it cannot know to be taken.
            if not self._taken:
                self._lock.release(force=True)

    def _round(self, outbox: Outbox) -> None:
        now = self._now()
        if self._taken:
            # First, or it would be sent again.
            outbox.sent(self._taken)
            self._taken.clear()
        outbox.gather()
        if self._cleaned is None or now - self._cleaned >= _CLEANED:
            outbox.forget()
            self._cleaned = now
        if self._not_before is not None and now < self._not_before:
            return
        left = deque(outbox.due())
        if not left:
            return
        try:
            self._deliver(outbox, left)
        except Unreachable as error:
            self._put_off(error, now)
            outbox.refused({key for one in left for key in one.ids}, for_good=False)

    def _put_off(self, error: Unreachable, now: datetime) -> None:
        self._failures += 1
        self._not_before = now + wait(self._failures)
        _log.warning("the mail server takes nothing: %s", server.code(error))

    def _deliver(self, outbox: Outbox, left: deque[Due]) -> None:
        """``left``: loses what was dealt with. Raises Unreachable where no line can be opened."""
        now = self._now()
        writer = Writer(self._settings, Seal(self._settings.storage.data))
        in_vain = 0
        while left and not self._stopping.is_set():
            with server.line(self._settings.mail) as line:
                broken = self._use(line, outbox, writer, left)
            if line.taken:
                in_vain = self._failures = 0
            if broken is None:
                continue
            _log.warning("the mail server ended a line: %s", server.code(broken))
            in_vain += not line.taken
            if in_vain == _LINES_IN_VAIN:
                # What was not offered yet is no worse for it, and goes first the next time.
                self._put_off(broken, now)
                return
        self._failures, self._not_before = 0, None

    def _use(self, line: Line, outbox: Outbox, writer: Writer, left: deque[Due]) -> Broken | None:
        """Send over a line for as long as it is used; with what it broke, if it did."""
        for _ in range(min(LETTERS_A_LINE, len(left))):
            if self._stopping.is_set():
                break
            try:
                self._send(outbox, left[0], line, writer)
            except Broken as error:
                if not (error.untouched and line.taken):
                    outbox.refused(left.popleft().ids, for_good=False)
                # Else it had enough of the line, not of the letter.
                return error
            left.popleft()
        return None

    def _send(self, outbox: Outbox, one: Due, line: Line, writer: Writer) -> None:
        """Raises Broken, DataUnavailable; whatever else is wrong is wrong with this letter,
        and keeps nobody else from theirs."""
        person, ids = one.receiver.person_id, one.ids
        try:
            letter = outbox.compose(one)
            if letter is None:
                return
            ids = letter.ids
            if not addresses.is_good(letter.address):
                _log.warning("person %d has no address that mail goes to", person)
                outbox.refused(ids, for_good=True)
                return
            line.send(writer.letter(letter), letter.address)
        except (Broken, DataUnavailable):
            raise
        except Refused as error:
            _log.warning("mail to person %d was refused: %s", person, server.code(error))
            outbox.refused(ids, error.for_good)
            return
        except Exception as error:
            # What it says may name the address, or what is told.
            _log.warning("mail to person %d failed: %s", person, type(error).__name__)
            outbox.refused(ids, for_good=False)
            return
        self._taken.update(ids)
        outbox.sent(ids)
        self._taken.difference_update(ids)
