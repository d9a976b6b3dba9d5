"""To whom a question goes: a pure function of who may know, how often they were asked, and when.

Whoever knows most would be asked everything. So what somebody likely knows is discounted by how
many questions went to them lately, and nobody gets more than so many a week. See
docs/decisions/0035-questions-go-to-few-and-fairly.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WEEK = timedelta(days=7)
FIRST = 2
"""How many are asked at once; one more where it is likely that neither knows."""
_LIKELY = 0.5
REMEMBERED = timedelta(weeks=12)
"""For how long it counts that somebody was asked."""
# Fitted on the invented company of the tests: half as uneven, and nearly as well answered.
_HALF_LIFE = timedelta(weeks=4)
_DISCOUNT = 0.9
# Whoever is less likely to know than this part of the likeliest is no relief for them.
_LEAST = 0.5
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may know. ``quality``: the probability that they do, 0 to 1; ``named``: whoever
    asks, or hands on, means them."""

    person_id: int
    quality: float
    named: bool = False


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether somebody can be asked at all: they may sign in (``enabled``), agree to be found
    (``agrees``), could read the answer (``reads``), and are not away, or paused, until a time."""

    enabled: bool = True
    agrees: bool = True
    reads: bool = True
    paused_until: datetime | None = None

    def at(self, now: datetime) -> bool:
        """Whether they can be asked now."""
        away = self.paused_until is not None and self.paused_until > now
        return self.enabled and self.agrees and self.reads and not away


@dataclass(frozen=True, slots=True)
class Load:
    """How many questions went to somebody: in the last ``week``, and ``lately``, where one of four
    weeks ago counts half."""

    week: int = 0
    lately: float = 0.0


_NONE = Load()


def load_of(asked: Iterable[datetime], now: datetime) -> Load:
    """The load of somebody who was asked at these times."""
    ages = [now - at for at in asked]
    return Load(sum(age < WEEK for age in ages), sum(0.5 ** (age / _HALF_LIFE) for age in ages))


def available(
    candidates: Iterable[Candidate],
    known: Mapping[int, Availability],
    now: datetime,
    besides: Collection[int] = (),
) -> list[Candidate]:
    """Those who can be asked, whatever their load; nobody ``besides``: whoever asks, and whoever
    was asked already."""
    return [
        one
        for one in candidates
        if one.person_id not in besides and one.person_id in known and known[one.person_id].at(now)
    ]


def route(
    candidates: Iterable[Candidate], load: Mapping[int, Load], weekly: int, most: int | None = None
) -> list[int]:
    """Which of those who can be asked are asked now, best first.

    Nobody is asked to whom ``weekly`` questions went in the last week. Two are asked, and a third
    where it is less likely than not that one of the two knows; at most ``most``. Whoever is named
    comes first.
    """
    free = [one for one in candidates if load.get(one.person_id, _NONE).week < weekly]
    best = max((one.quality for one in free), default=0.0)

    def worth(one: Candidate) -> tuple[bool, bool, float, float, int]:
        discounted = one.quality * _DISCOUNT ** load.get(one.person_id, _NONE).lately
        near = one.quality >= _LEAST * best
        return (one.named, near, discounted, one.quality, -one.person_id)

    ranked = sorted(free, key=worth, reverse=True)
    missed = 1.0
    for one in ranked[:FIRST]:
        missed *= 1.0 - one.quality
    wanted = FIRST + (1.0 - missed < _LIKELY)
    return [one.person_id for one in ranked[: wanted if most is None else min(wanted, most)]]


def due(asked_at: datetime, hours: float) -> datetime:
    """When nobody has answered for so many ``hours`` of Monday to Friday, in UTC."""
    left, at = timedelta(hours=hours), asked_at.astimezone(UTC)
    while True:
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        if at.weekday() >= _SATURDAY:
            at = midnight
        elif left <= midnight - at:
            return at + left
        else:
            left, at = left - (midnight - at), midnight
