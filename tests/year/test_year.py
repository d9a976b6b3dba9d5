"""A year of a company of three hundred: whatever is told of it is what happened in it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.knowledge.test_routing import gini
from tests.year.acts import (
    ASKERS_MISSING,
    CHANGED,
    LEAVES,
    MISSING,
    READS,
    READS_THEN,
    TREATED,
    WRITTEN,
    first_of,
    year,
)
from tests.year.attack import left_over
from tests.year.company import Company
from tests.year.expected import COMPANY, SEARCHES, Counting, Figures
from tests.year.playing import Played, playing
from tests.year.words import ALONE, MISSED

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.sqlite("one year is enough")]
SEED = 1
CURATOR = 40
FEWEST, MANY = 5, 100


@dataclass
class Watched:
    """A year that was played, and what was looked at while it passed."""

    played: Played
    seen: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    truth: Figures = field(default_factory=dict)

    @property
    def measures(self) -> dict[str, Any]:
        """Definitions by key, as the interface tells them."""
        return {one["key"]: one for one in self.seen["measures"]["measures"]}

    def value(self, measure: str, month: int, partition: str = COMPANY) -> float | None:
        """What is told."""
        for line in self.told[measure]["lines"]:
            if line["partition"] == partition:
                for one in line["figures"]:
                    if one["month"] == f"2025-{month:02}":
                        return one["value"]
        return None


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Watched]:
    """The year, played once for all of them."""
    company = Company.of(SEED)
    with playing(tmp_path_factory.mktemp("year") / "data", year(company, SEED)) as played:
        watched = Watched(played)
        # What is looked at before the log forgets who missed it.
        soon = first_of(WRITTEN).replace(day=9)
        looks = ((MISSING, first_of(MISSING + 1)), (WRITTEN, soon), (LEAVES - 1, first_of(LEAVES)))
        for month, when in looks:
            played.play(when)
            for state in ("open", "closed"):
                answer = played.call("GET", "/gaps", CURATOR, admin=True, params={"state": state})
                watched.seen[f"{state} gaps after {month}"] = answer["gaps"]
        leaver = played.ids[company.leaver.number]
        path = f"/people/{leaver}/leaving"
        watched.seen["leaving"] = played.call("GET", path, CURATOR, admin=True)
        topics = played.call("GET", "/topics", CURATOR)["topics"]
        watched.seen["risks"] = {
            one["name"]: played.call("GET", f"/topics/{one['id']}/risk", CURATOR, admin=True)
            for one in topics
        }
        played.play()
        watched.seen["measures"] = played.call("GET", "/measures", CURATOR, admin=True)
        for key in watched.measures:
            watched.told[key] = played.call("GET", f"/measures/{key}", CURATOR, admin=True)
        watched.truth = Counting(played.facts, played.published).all_of_them()
        yield watched


def test_something_happens_every_month(whole: Watched) -> None:
    facts = whole.played.facts
    for happened, least in (
        (facts.searched, 100),
        (facts.opened, 80),
        (facts.written, 10),
        (facts.asked, 20),
        (facts.held, 2),
        (facts.felt, 20),
    ):
        counted = Counter(one.at.month for one in happened if one.at.year == 2025)
        assert min(counted[month] for month in range(1, 13)) >= least
    assert sorted(whole.played.published) == list(range(1, 13))


def test_what_is_searched_for_and_written_is_found_and_nothing_else(whole: Watched) -> None:
    searched = [one for one in whole.played.facts.searched if MISSED[0] not in one.text]
    meant = [one for one in searched if one.meant]
    assert sum(one.confident for one in meant) > 0.9 * len(meant)
    other = [one for one in searched if not one.meant]
    assert sum(one.confident for one in other) < 0.01 * len(other)


def test_what_many_miss_is_a_gap_until_it_is_written(whole: Watched) -> None:
    (gap,) = whole.seen[f"open gaps after {MISSING}"]
    assert gap["text"] == " ".join(MISSED[:3])
    # Three of the week after are not told.
    assert gap["askers"] == ASKERS_MISSING
    assert [(one["askers"], one["searches"]) for one in gap["weeks"]] == [(9, 9)]
    assert whole.seen[f"closed gaps after {MISSING}"] == []
    assert whole.seen[f"open gaps after {WRITTEN}"] == []
    (closed,) = whole.seen[f"closed gaps after {WRITTEN}"]
    assert (closed["id"], closed["by"]) == (gap["id"], "answer")


def test_what_one_alone_knows_is_seen_before_they_leave(whole: Watched) -> None:
    leaver = whole.played.year.company.leaver
    told = whole.seen["leaving"]
    assert told["person"]["name"] == leaver.name
    wrote = {
        one.document
        for one in whole.played.facts.written
        if one.who == leaver.number and one.at < first_of(LEAVES)
    }
    assert {one["id"] for one in told["alone"]} == wrote
    (loss,) = told["losses"]
    assert (loss["effective_holders"], loss["effective_holders_after"]) == (1.0, 0.0)
    assert {one["id"] for one in loss["documents"]} == wrote


def test_questions_are_spread_at_nearly_the_same_quality(whole: Watched) -> None:
    """Against whoever is held to be likeliest getting every question; the truth is who knows."""
    people, facts = whole.played.year.company.people, whole.played.facts
    asked = [one for one in facts.asked if one.first]
    known = [one.number for one in people if one.knows.keys() - {ALONE}]
    assert known
    top = [max(sorted(one.likely), key=lambda who, one=one: one.likely[who]) for one in asked]
    load, of_top = Counter(who for one in asked for who in one.first), Counter(top)
    uneven = gini([of_top[who] for who in known])
    assert gini([load[who] for who in known]) <= uneven / 2
    best = [people[who].knows.get(one.area, 0.0) for who, one in zip(top, asked, strict=True)]
    got = [max(people[who].knows.get(one.area, 0.0) for who in one.first) for one in asked]
    assert sum(got) >= 0.9 * sum(best)


def test_every_measure_is_what_happened(whole: Watched) -> None:
    """Each told figure of the company and of every team, every month, within its rounding."""
    wrong, compared = [], Counter[str]()
    for key, told in whole.told.items():
        for line in told["lines"]:
            for one in line["figures"]:
                truth = whole.truth.get((key, int(one["month"][5:]), line["partition"]))
                if one["value"] is None or key == "at_risk":
                    continue
                assert truth is not None, (key, line["partition"], one)
                compared[key] += 1
                if not within(whole.measures[key], one["value"], truth.value, truth.people):
                    wrong.append((key, line["partition"], one["month"], one["value"], truth))
    assert wrong == []
    # There was something to compare: everything is found by some likeness, few are new, and how
    # many were told nothing sure is kept back with that.
    few = {key for key in whole.told if compared[key] < 5}
    assert few - {"abstention"} == {"at_risk", "first_sharers", "zero_result"}


def within(measure: dict[str, Any], told: float, truth: float, people: int) -> bool:
    """Whether a value is what docs/measures.md says is told of the truth."""
    unit = measure["unit"]
    if measure["key"] == "stories":
        return told == truth
    if unit == "count":
        return told == math.floor(truth / 5) * 5
    fine = people >= MANY or measure["key"] in ("verified", "stale")
    step = {
        "hours": 6.0 if truth > 24 else 1.0,
        "score": 0.1,
        "share": 0.01 if fine else 0.05,
        "mean": 0.1 if fine else 0.5,
    }[unit]
    return abs(told - truth) <= step / 2 + 1e-9


def test_days_with_reading_are_not_documents_that_were_read(whole: Watched) -> None:
    """So that a figure of one would be wrong as one of the other."""
    depth = whole.measures["depth"]
    for month in range(1, 13):
        told = whole.value("frequency", month)
        documents = whole.truth["depth", month, COMPANY]
        assert told is not None
        assert not within(depth, told, documents.value, documents.people), month


def test_the_large_are_told_and_whoever_is_few_is_not(whole: Watched) -> None:
    for month in range(1, 13):
        for key in ("contributors", "readers", "teachers", "answer_hours", "first_sharers"):
            truth = whole.truth[key, month, COMPANY]
            assert (whole.value(key, month) is not None) == (truth.people >= FEWEST), (key, month)
        # Of what becomes of searches, as much as leaves no part of few.
        parts = [key for key in SEARCHES if whole.value(key, month) is not None]
        assert parts, month
        assert all(whole.truth[key, month, COMPANY].people >= FEWEST for key in parts), month
        told = {(key, COMPANY, f"2025-{month:02}"): whole.value(key, month) for key in parts}
        assert left_over(told, whole.truth) == []
    small = {"Archive", "Press", "Board", "Garden", "Legal"}
    for key, told in whole.told.items():
        partitions = {line["partition"] for line in told["lines"]}
        assert not partitions & {f"team:{name}" for name in small}, key
        assert whole.measures[key]["teams"] or partitions <= {COMPANY}


def test_what_was_tried_is_seen_inside_its_interval(whole: Watched) -> None:
    sizes = {name: len(whole.played.year.company.team(name)) for name in TREATED}
    planted = (READS_THEN - READS) * sum(sizes.values()) / len(sizes)
    effect = tried(whole, "readers", CHANGED, [f"team:{name}" for name in TREATED])
    assert effect["low"] <= planted <= effect["high"]
    assert effect["low"] > 0
    assert effect["control"]


@pytest.mark.parametrize(
    ("measure", "month", "partitions"),
    [
        ("success", CHANGED, [COMPANY]),
        ("useful", CHANGED, [COMPANY]),
        ("depth", CHANGED, ["team:Assembly"]),
        ("readers", 4, ["team:Assembly"]),
    ],
)
def test_what_was_not_tried_did_nothing(
    whole: Watched, measure: str, month: int, partitions: list[str]
) -> None:
    effect = tried(whole, measure, month, partitions)
    assert effect["low"] <= 0 <= effect["high"]


def test_where_nothing_was_tried_an_interval_seldom_says_so(whole: Watched) -> None:
    """One in twenty misses by chance; those of teams have each other for comparison, so that one
    miss brings another with it."""
    missed = []
    teams = [f"team:{name}" for name in ("Assembly", "Design", "Logistics", "Platform")]
    for measure in ("frequency", "depth"):
        for team in teams:
            effect = tried(whole, measure, CHANGED, [team])
            assert effect["low"] is not None, (measure, team)
            if not effect["low"] <= 0 <= effect["high"]:
                missed.append((measure, team))
    assert len(missed) <= 2, missed


def tried(whole: Watched, measure: str, month: int, partitions: list[str]) -> Any:
    """What is told of an intervention."""
    given = {
        "name": f"Reading hour, {measure} from {month}",
        "measure": measure,
        "start": f"2025-{month:02}",
        "partitions": partitions,
    }
    made = whole.played.call("POST", "/interventions", CURATOR, admin=True, json=given)
    path = f"/interventions/{made['id']}"
    return whole.played.call("GET", path, CURATOR, admin=True)["effect"]
