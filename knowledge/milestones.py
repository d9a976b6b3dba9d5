"""The use case: people set themselves something to reach, and only they see how far they are.

Nobody else is told that there is a milestone, whatever their role: there is no query over those of
others. What counts is what was done from the day on which it was set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from knowledge.errors import InvalidInput, NotAllowed
from knowledge.store import personal
from knowledge.store import teaching as store
from knowledge.store.database import Database
from knowledge.store.teaching_acts import Wanted, done
from knowledge.types import Principal

MOST = 20
MAX_NUMBER = 1000
_LONGEST = timedelta(days=3 * 366)


class Deed(StrEnum):
    """What is counted: notes and write-ups that one is an author of, answers and reviews that one
    gave, sessions that one held or came to."""

    NOTES = "notes"
    WRITEUPS = "writeups"
    ANSWERS = "answers"
    REVIEWS = "reviews"
    HOSTED = "hosted"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Milestone:
    """``number`` of a deed to be done until the end of ``due`` (UTC), and how many are ``done``;
    ``over``: that day is past."""

    id: int
    deed: Deed
    number: int
    due: date
    set_at: datetime
    done: int
    over: bool

    @property
    def reached(self) -> bool:
        """Whether it is enough."""
        return self.done >= self.number


class Milestones:
    """What each person sets themselves; the asker is always whose they are. Safe to share between
    threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def of(self, asker: Principal) -> list[Milestone]:
        """All of the asker's, what is due first comes first. Raises NotAllowed for nobody."""
        person, now = _oneself(asker), self._now()
        with self._database.read() as connection:
            rows = store.milestones_of(connection, person)
            if not rows:
                return []
            ids = personal.records(connection, person)
            wanted = Wanted(min(row.set_at for row in rows), None, ids, asker)
            acts = list(done(connection, wanted))
        return [
            Milestone(
                row.id,
                Deed(row.deed),
                row.number,
                (row.due_at - timedelta(days=1)).date(),
                row.set_at,
                sum(one.what == row.deed and row.set_at <= one.at < row.due_at for one in acts),
                row.due_at <= now,
            )
            for row in rows
        ]

    def add(self, asker: Principal, deed: Deed, number: int, due: date) -> Milestone:
        """Set one more. Raises InvalidInput, NotAllowed for nobody."""
        person, now = _oneself(asker), self._now()
        if not 1 <= number <= MAX_NUMBER:
            raise InvalidInput(f"a milestone is 1 to {MAX_NUMBER:,} of something")
        today = now.astimezone(UTC).date()
        if not today <= due <= today + _LONGEST:
            raise InvalidInput("choose a day within three years that is not past")
        ends = datetime.combine(due, time(), UTC) + timedelta(days=1)
        values = {
            "person_id": person,
            "deed": deed.value,
            "number": number,
            "due_at": ends,
            "set_at": now,
        }
        with self._database.write() as connection:
            if len(store.milestones_of(connection, person)) >= MOST:
                raise InvalidInput(f"there are {MOST} already; take one back first")
            made = store.add_milestone(connection, values)
        return next(one for one in self.of(asker) if one.id == made)

    def remove(self, asker: Principal, milestone_id: int) -> None:
        """Take one back. Raises NotFound for what is none of theirs."""
        person = _oneself(asker)
        with self._database.write() as connection:
            store.remove_milestone(connection, person, milestone_id)


def _oneself(asker: Principal) -> int:
    if asker.person_id is None:
        raise NotAllowed("only a person has this, and you ask as none")
    return asker.person_id
