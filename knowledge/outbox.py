"""The use case: people are told by mail of what happened, once, and as soon as they chose.

What there is to tell is found by looking at what is stored, not noted where it happens: nothing can
be forgotten there, and a row of the outbox keeps it from being told again. One process looks and
sends at a time. A row is ended after the server has taken its letter: who is killed in between
sends it twice, with the same Message-ID unless more joined it meanwhile. See
docs/decisions/0043-mail-is-found-and-made-late.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import care, escalating, letters
from knowledge.currency import Ageing
from knowledge.letters import Letter, Reader
from knowledge.notices import (
    ASKING,
    FRESH,
    Clock,
    Key,
    Notice,
    Pace,
    State,
    wait,
    week,
)
from knowledge.reviewing import Reviewing
from knowledge.routing import FIRST, due
from knowledge.settings import Settings
from knowledge.store import access, personal
from knowledge.store import mail as store
from knowledge.store.database import Database
from knowledge.store.erasing import installation_key
from knowledge.store.mail import Receiver

KEPT = timedelta(days=30)
"""How long it is remembered what was told."""
HOPING = timedelta(hours=4)
"""How often it is looked whether a wish can be answered, for who is told by mail."""
_ROUNDS = escalating.MOST_ASKED / FIRST


@dataclass(frozen=True, slots=True)
class Due:
    """Notices that go out to somebody now, whether as what is told once a day, and how often they
    were offered in vain."""

    receiver: Receiver
    ids: tuple[int, ...]
    daily: bool
    tries: int


@dataclass(frozen=True, slots=True)
class Status:
    """How many notices of the last thirty days are in each state; of those that wait, how many the
    server did not take so far (``refused``), and since when."""

    counts: dict[State, int]
    refused: int
    since: datetime | None


class Outbox:
    """Everything that is told by mail, but for the sending. For one thread at a time."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises InvalidSettings for hours and zones that are none."""
        self._database = database
        self._settings = settings
        self._ageing = Ageing.of(settings.search)
        self._reviewing = Reviewing(database, settings.ask, settings.privacy, now)
        self._clock = Clock.of(settings.mail, settings.serve.zone)
        self._now = now
        self._reviewed: datetime | None = None
        self._resumed = False

    def gather(self) -> None:
        """Let questions go on that are due, and note what there is to tell and is not yet."""
        now = self._now()
        escalating.catch_up(self._database, self._settings.ask, self._settings.privacy, now)
        slot = self._clock.digest(now)
        with self._database.read() as connection:
            found = set(self._happened(connection, now))
            reviews = set() if slot == self._reviewed else self._overdue(connection, now)
            every = found | reviews
            fresh = every - store.known(connection, every) if every else set()
            fresh = _wanted(connection, fresh)
        if fresh:
            with self._database.write() as connection:
                store.put(connection, sorted(fresh - reviews), now)
                # It was due when the day's letter is; whoever finds it does so a little later.
                # Found while nothing is sent, as after a restart at night, it is for the next one.
                due_at = now if self._clock.quiet(now) else slot
                store.put(connection, sorted(fresh & reviews), due_at)
        self._reviewed = slot

    def _happened(self, connection: Connection, now: datetime) -> Iterator[Key]:
        since = now - FRESH
        yield from store.asked(connection, since)
        yield from store.answered(connection, since)
        yield from store.granted(connection, since)
        yield from store.to_review(connection, since)
        end = datetime.combine(
            self._clock.next_working_day(now) + timedelta(days=1), time(), self._clock.zone
        )
        yield from store.coming(connection, now, end)
        hours = self._settings.ask.escalate_hours * _ROUNDS
        for row in store.unanswered(connection):
            # By the time alone: whom it went to so far is not the asker's to know.
            if since < due(row.at, hours) <= now:
                yield Key(row.person, Notice.SILENCE, row.item)

    def _overdue(self, connection: Connection, now: datetime) -> set[Key]:
        owned = care.due_by_owner(connection, self._ageing, now)
        # Of the day on which it is told: what a Saturday finds is not to be found again on Monday.
        said = week(self._clock.daily_on(now))
        return {Key(owner, Notice.REVIEW, key, said) for key, owner in owned.items()}

    def due(self) -> list[Due]:
        """What goes out now, by receiver, what was offered least often first. What nobody is to be
        told any more is ended."""
        now = self._now()
        found: list[Due] = []
        void: list[int] = []
        with self._database.read() as connection:
            waiting = store.waiting(connection)
            receivers = store.receivers(connection) if waiting else {}
            for person, rows in waiting.items():
                receiver = receivers.get(person)
                if receiver is None:
                    void += [row.id for row in rows]
                    continue
                paces = store.choices(connection, person)
                by_pace: dict[Pace, list[Row[Any]]] = {pace: [] for pace in Pace}
                for row in rows:
                    by_pace[paces[Notice(row.kind).matter]].append(row)
                void += [row.id for row in by_pace.pop(Pace.NEVER)]
                for pace, held in by_pace.items():
                    left = set() if self._resumed else self._stale(held, pace, receiver, now)
                    void += left
                    fresh = [row for row in held if row.id not in left]
                    ids = self._ready(fresh, pace, receiver, now)
                    if ids:
                        tries = max(row.tries for row in held if row.id in ids)
                        found.append(Due(receiver, ids, pace is Pace.DAILY, tries))
        self._end(void, State.VOID)
        self._resumed = True
        # What ends every line would keep others from being offered at all.
        return sorted(found, key=lambda one: one.tries)

    def _stale(
        self, rows: Sequence[Row[Any]], pace: Pace, receiver: Receiver, now: datetime
    ) -> set[int]:
        """What was left behind while nobody looked, as when mail was off. It is looked for once:
        what waits while somebody looks does so for a reason, such as a pause."""
        found = set()
        for row in rows:
            since = max(row.created_at, row.next_at or row.created_at)
            if Notice(row.kind) in ASKING and receiver.paused_until is not None:
                since = max(since, receiver.paused_until)
            if self._clock.is_stale(pace, since, now):
                found.add(row.id)
        return found

    def _ready(
        self, rows: Sequence[Row[Any]], pace: Pace, receiver: Receiver, now: datetime
    ) -> tuple[int, ...]:
        free = [
            row
            for row in rows
            if not _pauses(receiver, row, now) and (row.next_at is None or row.next_at <= now)
        ]
        ready = [row for row in free if self._clock.is_due(pace, row.created_at, now)]
        # What came meanwhile goes with what waited for it.
        return tuple(row.id for row in (free if ready and pace is Pace.SOON else ready))

    def compose(self, given: Due) -> Letter | None:
        """What is told of it, as it is now; nothing, if nothing of it holds any more or goes out at
        this moment."""
        now, wanted = self._now(), set(given.ids)
        if self._clock.quiet(now):
            return None
        person = given.receiver.person_id
        with self._database.read() as connection:
            # They may have left, paused, or said never, while others' letters were sent.
            receiver = store.receivers(connection, person).get(person)
            paces = store.choices(connection, person)
            rows = [
                row
                for row in store.waiting(connection).get(person, ())
                if row.id in wanted
                and paces[Notice(row.kind).matter] is not Pace.NEVER
                and not _pauses(receiver, row, now)
            ]
            principal = access.principal_of(connection, person)
            theirs = personal.records(connection, person)
            told = installation_key(connection)
        items: list[letters.Item] = []
        if receiver is not None:
            drafts = self._reviewing.waiting(principal)
            privacy = self._settings.privacy
            reader = Reader(principal, theirs, drafts, self._ageing, privacy, now)
            with self._database.read() as connection:
                items = letters.items(connection, rows, reader)
        if receiver is None or not items:
            self._end([row.id for row in rows], State.VOID)
            return None
        ids = tuple(row.id for row in rows)
        mark = hashlib.sha256(f"{told} {ids}".encode()).hexdigest()[:32]
        return Letter(person, receiver.name, receiver.address, tuple(items), ids, mark, given.daily)

    def sent(self, ids: Collection[int]) -> None:
        """The server took the letter with these."""
        self._end(ids, State.SENT)

    def refused(self, ids: Collection[int], for_good: bool) -> None:
        """The server did not take it. ``for_good``: it said that it never will."""
        now = self._now()
        with self._database.write() as connection:
            for row in store.tries(connection, ids):
                first, tries = row.tried_at or now, row.tries + 1
                if for_good or now - first >= FRESH:
                    store.end(connection, [row.id], State.FAILED, now)
                else:
                    store.tried(connection, row.id, tries, first, now + wait(tries))

    def _end(self, ids: Collection[int], state: State) -> None:
        if ids:
            with self._database.write() as connection:
                store.end(connection, ids, state, self._now())

    def forget(self) -> None:
        """Remember no longer what was told long ago."""
        with self._database.write() as connection:
            store.forget(connection, self._now() - KEPT)

    def hoping(self) -> list[int]:
        """For whom it is to be looked whether a wish can be answered, since mail would tell it."""
        with self._database.read() as connection:
            return [
                person
                for person in store.hoping(connection, self._now() - HOPING)
                if _pace(connection, person, Notice.WISH) is not Pace.NEVER
            ]

    def status(self) -> Status:
        """How it goes, of nobody in particular."""
        with self._database.read() as connection:
            return Status(store.counts(connection), *store.refused(connection))


def _pauses(receiver: Receiver | None, row: Row[Any], now: datetime) -> bool:
    """Whether it waits until its receiver wants to be asked again."""
    until = None if receiver is None else receiver.paused_until
    return until is not None and until > now and Notice(row.kind) in ASKING


def _wanted(connection: Connection, keys: Collection[Key]) -> set[Key]:
    """Those that somebody can be told, and wants to be."""
    receivers = store.receivers(connection) if keys else {}
    return {
        key
        for key in keys
        if key.person_id in receivers
        and _pace(connection, key.person_id, key.kind) is not Pace.NEVER
    }


def _pace(connection: Connection, person_id: int, kind: Notice) -> Pace:
    return store.choices(connection, person_id)[kind.matter]
