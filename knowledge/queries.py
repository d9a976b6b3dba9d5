"""What was searched for: kept for a while, to see what nobody could answer.

Who asked is kept as a pseudonym: an HMAC of the person under a random key of the week, which is
thrown away when the week is over. So queries of two weeks are nobody's in common, and after
the week nobody can tell whose they were. In the same way it is counted, for themselves alone, how
often people were shown.

Searches only hand their query over; a thread writes many in one transaction, so that a search
waits for no disk. What cannot be written is dropped and counted: a search never fails for it.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import limits
from knowledge.asked import AskedQuery, Term
from knowledge.errors import WhoknowsError
from knowledge.store import appearances, people, queries
from knowledge.store.database import Database

BATCH = 100
EVERY_S = 1.0
# Several processes serve from PostgreSQL only. The others write every second, if all goes well.
OTHERS_S = 3 * EVERY_S
_LOOK_EVERY_S = 0.1
_WAITING = 10_000
_FORGET_EVERY = timedelta(hours=1)
_KEY_BYTES = 32
ASKERS = 5
"""So many different people must have asked before anybody is told what."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    asked: AskedQuery
    asker: int | None
    shown: tuple[int, ...]


def period(at: datetime) -> str:
    """The week (UTC) for which a pseudonym holds."""
    year, week, _ = at.astimezone(UTC).isocalendar()
    return f"{year}-W{week:02}"


def pseudonym(key: str, person_id: int) -> str:
    """What somebody is called for as long as the key lives."""
    return hmac.new(bytes.fromhex(key), f"{person_id}".encode(), "sha256").hexdigest()[:32]


def join(connection: Connection, kept: int, gone: int) -> None:
    """Count two people who became one as one."""
    for key in queries.keys(connection):
        queries.be_asked_by(connection, [pseudonym(key, gone)], pseudonym(key, kept))


def part(connection: Connection, kept: int, gone: int) -> None:
    """Count what two people asked while they were one, or before, as nobody's: whoever asks again
    would count twice."""
    for key in queries.keys(connection):
        queries.be_asked_by(connection, [pseudonym(key, one) for one in (kept, gone)], None)


def terms(
    connection: Connection, at_least: int = ASKERS, since: datetime | None = None
) -> list[Term]:
    """What so many different people searched for in one and the same week, the most frequent first;
    texts are compared without case. Of weeks in which fewer asked, and of what was asked before
    ``since``, nothing is counted."""
    by_week: dict[tuple[str, str], list[tuple[str, int, bool]]] = {}
    for text, asker, answers, confident, at in queries.asked(connection, since):
        key = " ".join(text.split()).casefold(), period(at)
        by_week.setdefault(key, []).append((asker, answers, confident))
    found: dict[str, Term] = {}
    for (text, _), searches in by_week.items():
        askers = len({asker for asker, _, _ in searches})
        if askers >= at_least:
            held = found.get(text, Term(text, 0, 0, 0, 0))
            found[text] = Term(
                text,
                max(held.askers, askers),
                held.searches + len(searches),
                held.unsure + sum(not confident for _, _, confident in searches),
                held.empty + sum(answers == 0 for _, answers, _ in searches),
            )
    return sorted(found.values(), key=lambda term: (-term.searches, term.text))


class QueryLog:
    """The queries of one process on their way to the database. Safe to share between threads.

    ``dropped`` counts those that were not kept because the database took nothing.
    """

    def __init__(
        self,
        database: Database,
        days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        appearance_days: int = 0,
    ) -> None:
        """``days``: how long queries are kept; 0 keeps none and deletes those of before.
        ``appearance_days``: the same of how often people were shown."""
        self._database = database
        self._days = days
        self._now = now
        self._appearance_days = appearance_days
        self._waiting: deque[_Asked] = deque()
        self._wake = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._forgotten_at: datetime | None = None
        self.dropped = 0

    def record(
        self, asked: AskedQuery, asker: int | None = None, shown: Collection[int] = ()
    ) -> None:
        """Take a query over; returns at once. Does nothing once closed. ``asker`` is a person, if
        one asked, ``shown`` are the people whom the answer named."""
        with self._wake:
            if self._closed:
                return
            if self._days or (self._appearance_days and shown):
                if len(self._waiting) == _WAITING:
                    self._waiting.popleft()
                    self.dropped += 1
                told = replace(asked, text=limits.made_storable(asked.text))
                self._waiting.append(_Asked(told, asker, tuple(set(shown) - {asker})))
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
                    self._keep(connection, batch, now)
                    if due:
                        self._forget(connection, now)
            except WhoknowsError as error:
                self.dropped += len(batch)
                _log.warning("%d queries were not kept: %s", len(batch), error)
                return
            self._forgotten_at = now if due else self._forgotten_at

    def _keep(self, connection: Connection, batch: list[_Asked], now: datetime) -> None:
        if self._days:
            here = people.enabled(connection, {one.asker for one in batch if one.asker is not None})
            # What somebody asked just before they were erased is nobody's, and not kept.
            kept = [one for one in batch if one.asker is None or one.asker in here]
            key = (
                queries.key(connection, period(now), secrets.token_hex(_KEY_BYTES)) if here else ""
            )
            # What was asked just before the week ended belongs to a key that is gone.
            # Who asked may have become one with somebody since.
            asking = {one.asker for one in batch if one.asker is not None}
            wholes = people.wholes(connection, asking)
            askers = [
                pseudonym(key, wholes.get(one.asker, one.asker))
                if one.asker is not None and period(one.asked.at) == period(now)
                else None
                for one in kept
            ]
            queries.add(connection, zip((one.asked for one in kept), askers, strict=True))
        if self._appearance_days:
            shown: dict[str, Counter[int]] = {}
            for one in batch:
                shown.setdefault(f"{one.asked.at:%Y-%m-%d}", Counter()).update(one.shown)
            for day, counted in shown.items():
                appearances.add(connection, day, counted)

    def _forget(self, connection: Connection, now: datetime) -> None:
        queries.forget_before(connection, now - timedelta(days=self._days))
        queries.forget_keys(connection, period(now))
        oldest = now - timedelta(days=self._appearance_days)
        appearances.forget_before(connection, f"{oldest:%Y-%m-%d}")

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
