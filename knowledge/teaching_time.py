"""How long people teach: told to each of themselves, and otherwise only as a sum.

The time of an act is an estimate and says so: a session's is its length; of anything else, what
somebody says that it takes them, or what stands in ``USUAL``. Nobody is asked to write down hours.
Whoever sums it up takes ``minutes`` of a month and tells sums of five people or more, never rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import Connection

from knowledge.errors import InvalidInput, NotAllowed
from knowledge.store import people, personal
from knowledge.store import teaching as store
from knowledge.store.database import Database
from knowledge.store.teaching_acts import Done, Wanted, done
from knowledge.types import Principal

MONTHS = 12
MAX_MINUTES = 24 * 60


class Act(StrEnum):
    """What counts as teaching, beside a session that one holds."""

    NOTE = "note"
    WRITEUP = "writeup"
    ANSWER = "answer"
    REVIEW = "review"


USUAL = {Act.NOTE: 15, Act.WRITEUP: 60, Act.ANSWER: 10, Act.REVIEW: 20}
"""Minutes of one act of somebody who says nothing: the times that the pages promise (three minutes
for the note itself, and what one has to look up for it), rounded up; no measurement."""

_ACTS = {
    "notes": Act.NOTE,
    "writeups": Act.WRITEUP,
    "answers": Act.ANSWER,
    "reviews": Act.REVIEW,
}


@dataclass(frozen=True, slots=True)
class Month:
    """A month of somebody's: its first day, the minutes in it, and how many sessions and acts."""

    first: date
    minutes: int
    acts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Time:
    """What somebody is told of themselves: this month and those before, the newest first, and
    ``said``, what an act takes them by their own word."""

    months: tuple[Month, ...]
    said: Mapping[Act, int]

    @property
    def minutes(self) -> int:
        """All together."""
        return sum(month.minutes for month in self.months)


def minutes(
    connection: Connection, month: date, reader: Principal | None = None
) -> list[tuple[int, int]]:
    """(person, minutes) of everybody who taught in the month of a day, in UTC, by their ids: to be
    summed up, and told to nobody as it is. Of documents those that ``reader`` may read; None: all
    of them."""
    first = month.replace(day=1)
    since, until = _midnight(first), _midnight(_following(first))
    said = store.minutes_said(connection)
    wholes = people.wholes(connection, said)
    # Of one person's records the one that stands for them comes last, and holds.
    own: dict[int, dict[str, int]] = {}
    for key in sorted(said, key=lambda one: wholes.get(one, one) == one):
        own.setdefault(wholes.get(key, key), {}).update(said[key])
    found: dict[int, int] = {}
    for one in done(connection, Wanted(since, until, None, reader)):
        if one.what != "joined":
            taken = _taken(one, own.get(one.person_id, {}))
            found[one.person_id] = found.get(one.person_id, 0) + taken
    return sorted(found.items())


class TeachingTime:
    """What each person is told of their own. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def of(self, asker: Principal) -> Time:
        """The last twelve months of the asker. Raises NotAllowed for nobody in particular."""
        person = _oneself(asker)
        newest = self._now().astimezone(UTC).date().replace(day=1)
        firsts = [newest]
        while len(firsts) < MONTHS:
            firsts.append(_before(firsts[-1]))
        with self._database.read() as connection:
            ids = personal.records(connection, person)
            held = store.minutes_said(connection)
            said: dict[str, int] = {}
            for key in sorted(ids, key=lambda one: one == person):
                said |= held.get(key, {})
            wanted = Wanted(_midnight(firsts[-1]), None, ids, asker)
            acts = [one for one in done(connection, wanted) if one.what != "joined"]
        months = [_month(first, acts, said) for first in firsts]
        return Time(tuple(months), {act: said[act] for act in Act if act in said})

    def say(self, asker: Principal, said: Mapping[Act, int | None]) -> None:
        """Say how many minutes an act takes; None: as usual. Raises InvalidInput, NotAllowed."""
        person = _oneself(asker)
        told = {act.value: number for act, number in said.items() if number is not None}
        if any(not 0 <= number <= MAX_MINUTES for number in told.values()):
            raise InvalidInput(f"an act takes 0 to {MAX_MINUTES:,} minutes")
        with self._database.write() as connection:
            store.say_minutes(connection, person, told)


def _oneself(asker: Principal) -> int:
    if asker.person_id is None:
        raise NotAllowed("only a person has this, and you ask as none")
    return asker.person_id


def _month(first: date, acts: Iterable[Done], said: Mapping[str, int]) -> Month:
    held = [one for one in acts if one.at.astimezone(UTC).date().replace(day=1) == first]
    counts: dict[str, int] = {}
    for one in held:
        counts[one.what] = counts.get(one.what, 0) + 1
    return Month(first, sum(_taken(one, said) for one in held), counts)


def _taken(one: Done, said: Mapping[str, int]) -> int:
    if one.minutes is not None:
        return one.minutes
    act = _ACTS[one.what]
    return said.get(act.value, USUAL[act])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _following(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _before(first: date) -> date:
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
