"""To whom a question goes: a pure function of who may know, how often they were asked, and when.

Whoever knows most would be asked everything. So what a few likely know together is discounted by
how many questions went to them lately, and nobody gets more than so many a week. See
docs/decisions/0035-questions-go-to-few-and-fairly.md.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WEEK = timedelta(days=7)
FIRST = 2
"""How many are asked at once; one more where it is likely that neither knows."""
_LIKELY = 0.5
REMEMBERED = timedelta(weeks=12)
"""For how long it counts that somebody was asked."""
_HALF_LIFE = timedelta(weeks=4)
_FLOOR = 0.95
"""Those who are asked know together with at least this part of the likeliest one's probability."""
_DISCOUNT = 0.9
"""So much what some know together is worth for each question that went to them lately."""
# Whoever is less likely to know than these parts of the likeliest is no relief for them: who holds
# the topic, and who does not.
_HOLDER, _OTHER = 0.02, 0.5
# Of more who would be a relief, the likeliest are looked at: so many threes are soon compared.
_POOL = 12
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may know. ``quality``: the probability that they do, 0 to 1; ``named``: whoever
    asks, or hands on, means them; ``holder``: they hold the topic that the question is about."""

    person_id: int
    quality: float
    named: bool = False
    holder: bool = False


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
    where it is less likely than not that one of the likeliest two knows; at most ``most``. Whoever
    is named comes first.
    """
    free = [one for one in candidates if load.get(one.person_id, _NONE).week < weekly]
    free.sort(key=lambda one: (-one.quality, one.person_id))
    named = [one for one in free if one.named]
    others = [one for one in free if not one.named]
    wanted = FIRST + (_together(free[:FIRST]) < _LIKELY)
    wanted = wanted if most is None else min(wanted, most)
    chosen = [*named, *_relieving(others, load, max(0, wanted - len(named)))]
    return [one.person_id for one in chosen[:wanted]]


def _together(some: Iterable[Candidate]) -> float:
    """The probability that one of some knows, as if they were independent."""
    return 1.0 - math.prod(1.0 - one.quality for one in some)


def _relieving(
    ranked: Sequence[Candidate], load: Mapping[int, Load], count: int
) -> Sequence[Candidate]:
    """So many of them, of whom it is worth most to ask them. ``ranked``: the likeliest first."""
    if len(ranked) <= count:
        return ranked
    best = ranked[0].quality
    near = [one for one in ranked if one.quality >= best * (_HOLDER if one.holder else _OTHER)]
    pool = near[:_POOL] if len(near) >= count else ranked[:count]

    def worth(some: tuple[Candidate, ...]) -> tuple[bool, float, float]:
        together = _together(some)
        asked = sum(load.get(one.person_id, _NONE).lately for one in some)
        return (together >= _FLOOR * best, together * _DISCOUNT**asked, together)

    return max(itertools.combinations(pool, count), key=worth)


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
