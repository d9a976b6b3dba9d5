"""What came of searches is counted week by week, for the log forgets them.

Who asked is a pseudonym of a week, so different people can be counted within one week alone. A
week that is in two months is counted in two parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from knowledge.asked import Search
from knowledge.store import measured, queries

SETTLED = timedelta(days=1)
"""After the last of its days, so that what is said of its searches is in."""


def start_of(day: date) -> date:
    """The first day of the week, or of the part of it that is in the day's month."""
    return max(day - timedelta(days=day.weekday()), day.replace(day=1))


def end_of(start: date) -> date:
    """The first day after the week, or the part of it, that begins so."""
    monday = start + timedelta(days=7 - start.weekday())
    return min(monday, (start.replace(day=1) + timedelta(days=31)).replace(day=1))


def due(connection: Connection, now: datetime) -> bool:
    """Whether there is something to count."""
    first = queries.first_asked(connection)
    done = measured.tallied(connection)
    start = start_of(first.astimezone(UTC).date()) if first else now.date()
    while _over(start) <= now:
        times = _midnight(start), _midnight(end_of(start))
        if f"{start}" not in done and queries.any_asked(connection, *times):
            return True
        start = end_of(start)
    return False


def tally(connection: Connection, now: datetime) -> None:
    """Count every part that is over and not counted."""
    for start, some in sorted(_parts(connection, now).items()):
        measured.add_tally(connection, {"day": f"{start}", **_counted(some)})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _over(start: date) -> datetime:
    return _midnight(end_of(start)) + SETTLED


def _parts(connection: Connection, now: datetime) -> dict[date, list[Search]]:
    done = measured.tallied(connection)
    found: dict[date, list[Search]] = defaultdict(list)
    last = max(done, default=None)
    first = _midnight(date.fromisoformat(last)) if last else queries.first_asked(connection)
    for one in queries.searches(connection, first) if first else ():
        start = start_of(one.at.astimezone(UTC).date())
        if _over(start) <= now and f"{start}" not in done:
            found[start].append(one)
    return found


def _counted(some: Collection[Search]) -> dict[str, int]:
    counted = {"searches": len(some)}
    for name, kind in (
        ("found", [not one.failed for one in some]),
        ("empty", [one.empty for one in some]),
        ("unsure", [one.failed and not one.empty for one in some]),
    ):
        told = list(zip(some, kind, strict=True))
        counted[name] = sum(kind)
        counted[f"{name}_people"] = len({one.asker for one, is_so in told if is_so})
        counted[f"{name}_others"] = len({one.asker for one, is_so in told if not is_so})
    return counted
