"""The use case: once a month somebody looks what changed, decides, and looks at decisions again.

For administrators and curators, as measures are. Everything rests on months that are published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import advising, limits
from knowledge.advising import Advice, Change
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge.measures import registry, telling
from knowledge.measures.health import STORIES
from knowledge.measures.kinds import COMPANY, Measure, Series, after, check_month
from knowledge.measures.telling import Measures
from knowledge.roles import Standing
from knowledge.store import measured, people, profiles
from knowledge.store import reviews as store
from knowledge.store.database import Database
from knowledge.types import Person, Principal

MAX_TEXT = 2000
MOST_MONTHS = 24
"""A decision is looked at again within two years."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided, and the month (``YYYY-MM``) in whose review it is looked at ``again``.
    ``measure`` and ``partition``: what it is to move, and of whom, if anything."""

    text: str
    again: str
    measure: str = ""
    partition: str = COMPANY


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it is told. ``owner``: who recorded it, None for who was erased or is not
    seen. ``then`` and ``now``: what is told of its measure in the month that was reviewed, and in
    the one that is reviewed now. ``own``: whoever asks may take it back."""

    id: int
    month: str
    again: str
    text: str
    owner: Person | None
    measure: Measure | None
    partition: str
    then: float | None
    now: float | None
    outcome: str
    looked_at: datetime | None
    own: bool


@dataclass(frozen=True, slots=True)
class Review:
    """A month's review. ``due``: what is to be looked at again in it or was before; ``recorded``:
    what was decided in it; ``looked``: what was decided before and looked at since, the latest
    first. ``months``: all that can be reviewed, the oldest first."""

    month: str
    months: tuple[str, ...]
    changes: tuple[Change, ...]
    advice: tuple[Advice, ...]
    due: tuple[Decision, ...]
    recorded: tuple[Decision, ...]
    looked: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A document that tells what somebody learnt from a colleague, as its tag says."""

    document_id: int
    title: str


class Reviews:
    """Every call raises NotAllowed for whoever is neither an administrator nor a curator. Safe to
    share between threads."""

    def __init__(
        self,
        database: Database,
        measures: Measures,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._measures = measures
        self._now = now

    def show(self, month: str, asker: Principal, standing: Standing) -> Review:
        """A month's. Raises NotFound for one that is not published."""
        months = self._published(month, standing)
        series = self._measures.all_series(standing)
        with self._database.read() as connection:
            rows = store.all_of_them(connection)
            told = [_told(connection, row, series, month, asker, standing) for row in rows]
        before = [one for one in told if one.month < month]
        return Review(
            month,
            months,
            tuple(advising.changes(series, month)),
            tuple(advising.advice(series, month)),
            tuple(one for one in before if one.looked_at is None and one.again <= month),
            tuple(one for one in told if one.month == month),
            tuple(one for one in reversed(before) if one.looked_at is not None),
        )

    def decide(self, month: str, plan: Plan, asker: Principal, standing: Standing) -> int:
        """Record a decision in a month's review; its id. Raises NotFound, InvalidInput."""
        self._published(month, standing)
        if asker.person_id is None:
            raise NotAllowed(
                "a decision has somebody who made it, and you are nobody in particular"
            )
        text = _text(plan.text, "what was decided")
        if not month < check_month(plan.again) <= after(month, MOST_MONTHS):
            raise InvalidInput(
                f"it is looked at again in a later month, within {MOST_MONTHS} months"
            )
        partition = None
        if plan.measure:
            if plan.measure not in registry.ALL:
                raise InvalidInput("choose one of the measures, or none")
            if self._measures.series(plan.measure, standing).line(plan.partition) is None:
                raise InvalidInput("nothing is told of that measure and team; choose another one")
            partition = plan.partition
        values = {
            "month": month,
            "again": plan.again,
            "text": text,
            "person_id": asker.person_id,
            "measure": plan.measure or None,
            "partition": partition,
            "outcome": "",
            "at": self._now(),
        }
        with self._database.write() as connection:
            return store.add(connection, values)

    def look(self, decision_id: int, outcome: str, standing: Standing) -> None:
        """Say what came of one. Raises NotFound, InvalidInput, Conflict for what is said."""
        telling.check(standing)
        text = _text(outcome, "what came of it")
        with self._database.write() as connection:
            row = _found(connection, decision_id)
            if row.looked_at is not None:
                raise Conflict("somebody looked at it again already")
            store.put(connection, decision_id, text, self._now())

    def take_back(self, decision_id: int, asker: Principal, standing: Standing) -> None:
        """Remove one that the asker recorded and nobody looked at; an administrator removes any.
        Raises NotFound, Conflict."""
        telling.check(standing)
        with self._database.write() as connection:
            row = _found(connection, decision_id)
            if not _may_take_back(row, asker, standing):
                raise Conflict(
                    "only whoever recorded it takes it back, until it is looked at again"
                )
            store.remove(connection, decision_id)

    def stories(self, asker: Principal, standing: Standing, limit: int) -> tuple[Story, ...]:
        """What colleagues wrote of learning from each other, as far as the asker may read it; what
        was made last first."""
        telling.check(standing)
        with self._database.read() as connection:
            rows = measured.tagged(connection, asker, STORIES, limit=limit)
        return tuple(Story(row.id, row.title) for row in rows)

    def _published(self, month: str, standing: Standing) -> tuple[str, ...]:
        months = tuple(one.month for one in self._measures.months(standing))
        if month not in months:
            raise NotFound("there is no such review")
        return months


def _told(
    connection: Connection,
    row: Row[Any],
    all_series: Iterable[Series],
    month: str,
    asker: Principal,
    standing: Standing,
) -> Decision:
    series = next((one for one in all_series if one.measure.key == row.measure), None)
    line = None if series is None else series.line(row.partition)
    owner = None if row.person_id is None else people.whole(connection, row.person_id)
    return Decision(
        row.id,
        row.month,
        row.again,
        row.text,
        profiles.maybe(connection, owner, asker),
        None if series is None else series.measure,
        row.partition or COMPANY,
        advising.value_of(line, row.month),
        advising.value_of(line, month),
        row.outcome,
        row.looked_at,
        _may_take_back(row, asker, standing),
    )


def _may_take_back(row: Row[Any], asker: Principal, standing: Standing) -> bool:
    theirs = asker.person_id is not None and row.person_id in (asker.person_id, *asker.parts)
    return standing.administrator or (theirs and row.looked_at is None)


def _found(connection: Connection, decision_id: int) -> Row[Any]:
    row = store.find(connection, decision_id)
    if row is None:
        raise NotFound("there is no such decision")
    return row


def _text(given: str, what: str) -> str:
    text = given.strip()
    if not text:
        raise InvalidInput(f"say {what}")
    if len(text) > MAX_TEXT or not limits.storable(text):
        raise InvalidInput(f"{what} is longer than {MAX_TEXT:,} characters, or no text")
    return text
