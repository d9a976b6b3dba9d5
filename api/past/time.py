"""A time that passes when it is told to, and what is due in it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from api.services import Services
from knowledge.errors import WhoknowsError
from knowledge.measures.kinds import after, bounds
from knowledge.measures.schedule import GRACE

_SATURDAY = 5
Deed = Callable[[], object]


class Clock:
    """The time of this machine, or another one while it is set."""

    def __init__(self, machine: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._machine = machine
        self._at: datetime | None = None

    def __call__(self) -> datetime:
        return self._at or self._machine()

    def set(self, at: datetime | None) -> None:
        """Say what time it is; None: what the machine says."""
        self._at = at


@dataclass(slots=True)
class Agenda:
    """What is due when, in whole months (``months`` of them, counted from 1, the last one ``last``)
    that are published by ``now``, and in the days after them."""

    services: Services
    clock: Clock
    months: int
    last: str
    now: datetime
    _due: list[tuple[datetime, int, str, Deed]] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def month(self, number: int) -> str:
        """A month by its number, which may be one to come."""
        return after(self.last, number - self.months)

    def day(self, month: int, day: int, hour: float = 9.0) -> datetime:
        """A time on a working day in UTC: what falls on a weekend is on the Monday after, or on the
        Friday before where that is in another month."""
        first, following = bounds(self.month(month))
        at = first + timedelta(days=day - 1)
        if at.weekday() >= _SATURDAY:
            monday = at + timedelta(days=7 - at.weekday())
            at = monday if monday < following else at - timedelta(days=at.weekday() - 4)
        return at + timedelta(hours=hour)

    def published(self, month: int) -> datetime:
        """When a month is published, as early as may be: so it is not after now. What follows from
        that is put on the agenda after it, for the same time."""
        return bounds(self.month(month))[1] + GRACE

    def ago(self, days: float) -> datetime:
        """So many days before now."""
        return self.now - timedelta(days=days)

    def at(self, when: datetime, what: str, deed: Deed) -> None:
        """Let something be done at a time; at equal times, in the order of this."""
        heapq.heappush(self._due, (when, next(self._count), what, deed))

    def play(self, progress: Callable[[int, int], None]) -> list[str]:
        """Let the time pass until now, and do what is due; what was refused is told and left out.
        ``progress`` is told of days. The clock is the machine's again when this returns."""
        refused: list[str] = []
        begin, _ = bounds(self.month(1))
        days = (self.now - begin).days
        try:
            while self._due:
                when, _, what, deed = heapq.heappop(self._due)
                self._pass_to(when)
                try:
                    deed()
                except WhoknowsError as error:
                    refused.append(f"{what}: {error}")
                progress((when - begin).days, days)
            self._write()
        finally:
            self.clock.set(None)
        return refused

    def _pass_to(self, when: datetime) -> None:
        # What waits to be written belongs to its day, and who asked to its week.
        if when.date() != self.clock().date():
            self._write()
        self.clock.set(when)

    def _write(self) -> None:
        self.services.queries.flush()
        self.services.later.flush()
