"""The use case: a month that is over is published, once.

What was published is never computed again, so that nobody can compare two looks at one month: an
erasure, a move between teams or a late event change nothing. Until then nobody sees anything of a
month. When it is published, who read what in it is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from knowledge.currency import Ageing
from knowledge.errors import Conflict, InvalidInput
from knowledge.measures import registry, tallying
from knowledge.measures.context import Context, Risked, company
from knowledge.measures.deciding import decide, together
from knowledge.measures.kinds import COMPANY, Raw, check_month
from knowledge.measures.schedule import GRACE, Schedule
from knowledge.store import measured
from knowledge.store import measures as store
from knowledge.store.database import Database


class Publishing(Schedule):
    """What publishes months. Safe to share between threads and processes."""

    def __init__(
        self,
        database: Database,
        ageing: Ageing,
        risked: Callable[[], Risked | None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``ageing``: after which a document is old. ``risked``: counts topics at risk, of what
        whoever signs in may read; None where topics were never looked for."""
        super().__init__(database, now)
        self._ageing = ageing
        self._risked = risked

    def publish(self, month: str | None = None) -> list[str]:
        """Publish one month, or all that are due; returns which. Raises InvalidInput for a month
        that is not over, with a week of grace, and Conflict for one that is published, or that is
        not the oldest that is due: what earlier ones are made of is deleted with it."""
        if month is None:
            return [one for one in self.due() if self._publish(one)]
        if check_month(month) > self.last_over():
            raise InvalidInput(f"{month} is not over for {GRACE.days} days yet")
        due = self.due()
        oldest = due[0] if due else self.last_over()
        if month > oldest:
            raise Conflict(f"{oldest} is to be published before {month}")
        if month == oldest and self._publish(month):
            return [month]
        with self._database.read() as connection:
            published = any(row.month == month for row in store.months(connection))
        if not published:
            raise Conflict(f"nothing that is kept of {month} can be published any more")
        raise Conflict(f"{month} is published already, and stays as it is")

    def tally(self) -> None:
        """Count the searches of the weeks that are over, before the log forgets them."""
        now = self._now()
        with self._database.read() as connection:
            due = tallying.due(connection, now)
        if due:
            with self._database.write() as connection:
                tallying.tally(connection, now)

    def _publish(self, month: str) -> bool:
        now = self._now()
        current = month == self.last_over()
        risked = self._risked() if current else None
        with self._database.write() as connection:
            tallying.tally(connection, now)
        # Computing may take its time: nobody waits for it to write. Of a month that is over nothing
        # is noted any more, and if something is said of it meanwhile, that is late.
        with self._database.read() as connection:
            figures = _figures(
                Context(connection, month, company(connection), now, self._ageing, current, risked)
            )
        with self._database.write() as connection:
            if any(row.month == month for row in store.months(connection)):
                return False
            store.publish(connection, month, now, figures)
            measured.forget_reading(connection, month)
        return True


def _figures(context: Context) -> list[dict[str, Any]]:
    raws = [one for family in registry.FAMILIES for one in family.gather(context)]
    held = {key: [one for one in raws if one.measure == key] for key in registry.ALL}
    decided = {key: decide(registry.ALL[key], mine) for key, mine in held.items()}
    for keys in registry.PARTS:
        parts = [one for one in raws if one.measure in keys]
        shown = {one.measure for one in parts if _told(decided, one) is not None}
        for key in shown - together(keys, parts, shown):
            decided[key][COMPANY] = None
    figures = []
    for measure in registry.ALL.values():
        told = decided[measure.key]
        figures += [
            {
                "measure": one.measure,
                "partition": one.partition,
                "version": measure.version,
                "value": one.value,
                "numerator": one.numerator,
                "denominator": one.denominator,
                "people": one.people,
                "others": one.others,
                "told": told[one.partition],
            }
            for one in held[measure.key]
            if one.partition in told
        ]
    return figures


def _told(decided: Mapping[str, Mapping[str, float | None]], one: Raw) -> float | None:
    return decided.get(one.measure, {}).get(one.partition)
