"""To whom questions go, one by one and over weeks."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.routing import (
    REMEMBERED,
    WEEK,
    Availability,
    Candidate,
    Load,
    available,
    due,
    load_of,
    route,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)  # a Monday
ADA, BEN, CLEO, DAN = (Candidate(key, 1 - key / 10) for key in range(1, 5))


def test_the_likeliest_are_asked_and_of_unlikely_ones_one_more() -> None:
    assert route([CLEO, ADA, BEN, DAN], {}, 5) == [1, 2]
    unsure = [Candidate(key, 0.2) for key in range(1, 6)]
    assert route(unsure, {}, 5) == [1, 2, 3]
    assert route([], {}, 5) == []


def test_who_was_asked_often_is_asked_later_and_at_last_no_more() -> None:
    assert route([ADA, BEN, CLEO], {1: Load(2, 3.0)}, 5) == [2, 3]
    assert route([ADA, BEN], {1: Load(4), 2: Load(5)}, 5) == [1]
    assert route([ADA, BEN], {1: Load(5), 2: Load(5)}, 5) == []


def test_load_is_of_a_week_and_fades() -> None:
    assert load_of([], NOW) == Load()
    assert load_of([NOW, NOW - 4 * WEEK], NOW) == Load(1, 1.5)
    assert load_of([NOW - WEEK], NOW).week == 0


def test_who_hardly_knows_is_no_relief_for_who_does() -> None:
    assert route([ADA, Candidate(9, 0.1)], {1: Load(4, 40.0)}, 5, most=1) == [1]


def test_who_holds_the_topic_relieves_who_knows_most() -> None:
    little = [Candidate(8, 0.2), Candidate(9, 0.2)]
    busy = {1: Load(4, 9.0), 2: Load(4, 9.0)}
    assert route([ADA, BEN, *little], busy, 5) == [1, 2]
    holding = [Candidate(one.person_id, one.quality, holder=True) for one in little]
    assert route([ADA, BEN, *holding], busy, 5) == [1, 8]
    # But not for a little, and not if they hardly know.
    assert route([ADA, BEN, *holding], {1: Load(1, 1.0), 2: Load(1, 0.2)}, 5) == [1, 2]
    assert route([ADA, BEN, Candidate(9, 0.01, holder=True)], busy, 5) == [1, 2]


def test_who_is_asked_knows_together_nearly_as_likely_as_the_likeliest() -> None:
    """However often the likeliest was asked: the others would likely not do without them."""
    some = [Candidate(1, 0.9), *(Candidate(key, 0.5, holder=True) for key in (2, 3, 4))]
    assert route(some, {1: Load(4, 40.0), 2: Load(1, 1.0)}, 5) == [1, 3]
    sure = [Candidate(1, 0.9), *(Candidate(key, 0.7, holder=True) for key in (2, 3, 4))]
    assert route(sure, {1: Load(4, 40.0), 2: Load(1, 1.0)}, 5) == [3, 4]


def test_who_is_named_comes_first_if_they_can_be_asked() -> None:
    named = Candidate(7, 0.0, named=True)
    assert route([ADA, BEN, named], {}, 5)[0] == 7
    assert 7 not in route([ADA, BEN, named], {7: Load(5)}, 5)


@pytest.mark.parametrize(
    "why",
    [
        Availability(enabled=False),
        Availability(agrees=False),
        Availability(reads=False),
        Availability(paused_until=NOW + timedelta(seconds=1)),
    ],
)
def test_nobody_is_asked_who_cannot_be(why: Availability) -> None:
    known = {1: why, 2: Availability(paused_until=NOW), 4: Availability()}
    assert available([ADA, BEN, CLEO, DAN], known, NOW, besides={4}) == [BEN]


@pytest.mark.parametrize(
    ("asked", "hours", "then"),
    [
        ("2026-06-01T12:00", 48, "2026-06-03T12:00"),
        ("2026-06-05T12:00", 48, "2026-06-09T12:00"),  # over a weekend
        ("2026-06-06T23:00", 24, "2026-06-09T00:00"),  # on one
        ("2026-06-05T12:00", 12, "2026-06-06T00:00"),
        ("2026-06-01T12:00", 240, "2026-06-15T12:00"),
    ],
)
def test_only_hours_of_working_days_count(asked: str, hours: float, then: str) -> None:
    begun = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    assert due(begun, hours) == datetime.fromisoformat(then).replace(tzinfo=UTC)


# A company over twenty weeks. Expertise is skewed: a few know much about whatever they know, and
# few topics are asked about often.

Router = Callable[[list[Candidate], dict[int, Load]], list[int]]
PEOPLE, TOPICS, WEEKS, A_WEEK = 60, 12, 20, 25


def over_weeks(router: Router, seed: int) -> tuple[float, float, int]:
    """How unevenly questions were spread (Gini), how likely the best of those who were asked knew,
    and how many questions the busiest got."""
    chance = random.Random(seed)
    strength = [chance.paretovariate(1.5) for _ in range(PEOPLE)]
    knows = [
        {
            person: 1 - math.exp(-1.2 * strength[person] * chance.random())
            for person in chance.sample(range(PEOPLE), 15)
        }
        for _ in range(TOPICS)
    ]
    wanted = [1 / (number + 1) for number in range(TOPICS)]
    asked: dict[int, list[datetime]] = {person: [] for known in knows for person in known}
    quality, questions = 0.0, WEEKS * A_WEEK
    for number in range(questions):
        now = NOW + WEEK * number / A_WEEK
        (known,) = chance.choices(knows, wanted)
        since = now - REMEMBERED
        load = {one: load_of([t for t in times if t > since], now) for one, times in asked.items()}
        chosen = router([Candidate(person, q) for person, q in known.items()], load)
        for person in chosen:
            asked[person].append(now)
        quality += max((known[person] for person in chosen), default=0.0)
    counts = [len(times) for times in asked.values()]
    return gini(counts), quality / questions, max(counts)


def gini(values: list[int]) -> float:
    """0 where all have the same, nearly 1 where one has everything."""
    ranked = sorted(values)
    n, total = len(ranked), sum(ranked)
    return 2 * sum((i + 1) * v for i, v in enumerate(ranked)) / (n * total) - (n + 1) / n


def test_load_is_half_as_uneven_at_nearly_the_same_quality() -> None:
    def top(given: list[Candidate], _: dict[int, Load]) -> list[int]:
        return [max(given, key=lambda one: one.quality).person_id]

    def fair(given: list[Candidate], load: dict[int, Load]) -> list[int]:
        return route(given, load, 5)

    seeds = range(6)
    of_top, of_fair = ([over_weeks(one, seed) for seed in seeds] for one in (top, fair))
    for (uneven, best, most), (even, good, busiest) in zip(of_top, of_fair, strict=True):
        assert even <= uneven / 2
        assert good >= 0.9 * best
        # Though each question goes to two, nobody gets more than before.
        assert busiest < most / 2
