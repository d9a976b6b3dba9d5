"""What may be told: nobody is found in a small group, nor by taking groups from the whole."""

from __future__ import annotations

import itertools
import random

import pytest

from knowledge.measures import registry
from knowledge.measures.context import FEWEST, UNPLACED
from knowledge.measures.deciding import decide, together
from knowledge.measures.findability import PARTS
from knowledge.measures.kinds import COMPANY, Raw

READERS = registry.get("readers")
SUCCESS = registry.get("success")


def raws(*counts: int, size: int = 100, unplaced: int = 0) -> list[Raw]:
    """Readers of as many teams."""
    total = sum(counts) + unplaced
    named = [(f"team:{number}", count) for number, count in enumerate(counts)]
    made = [Raw("readers", place, n, n, 1, n, size - n) for place, n in named]
    if unplaced:
        made.append(Raw("readers", UNPLACED, unplaced, unplaced, 1, unplaced))
    return [Raw("readers", COMPANY, total, total, 1, total), *made]


def shown(given: list[Raw]) -> set[str]:
    return {place for place, value in decide(READERS, given).items() if value is not None}


def test_five_people_are_told_in_fives_and_four_are_not() -> None:
    assert decide(READERS, raws(12, 9)) == {COMPANY: 20, "team:0": 10, "team:1": 5}
    assert decide(READERS, [Raw("readers", COMPANY, 4, 4, 1, 4)]) == {COMPANY: None}


def test_it_takes_five_who_did_not_as_well() -> None:
    team = Raw("readers", "team:0", 7, 7, 1, 7, 4)
    assert decide(READERS, [team]) == {"team:0": None}
    rate = Raw("success", COMPANY, 0.9, 90, 100, 30, 4)
    assert decide(SUCCESS, [rate]) == {COMPANY: None}


def test_one_hidden_team_hides_the_smallest_of_the_others() -> None:
    assert shown(raws(30, 20, 12, 3)) == {COMPANY, "team:0", "team:1"}


def test_what_two_hide_is_five_people_or_more() -> None:
    assert shown(raws(30, 20, 2, 2)) == {COMPANY, "team:0"}
    assert shown(raws(30, 20, 3, 2)) == {COMPANY, "team:0", "team:1"}


def test_a_team_in_which_nobody_did_it_is_hidden_as_a_small_one_is() -> None:
    assert shown(raws(30, 20, 0)) == shown(raws(30, 20, 4)) == {COMPANY, "team:0"}


def test_who_is_of_no_team_is_hidden_among_others_too() -> None:
    assert shown(raws(30, 20, unplaced=1)) == {COMPANY, "team:0"}
    assert shown(raws(30, 20)) == {COMPANY, "team:0", "team:1"}


def test_without_a_total_nothing_is_taken_from_it() -> None:
    teams = [one for one in raws(30, 3) if one.partition != COMPANY]
    assert shown(teams) == {"team:0"}


@pytest.mark.parametrize("seed", range(50))
def test_no_difference_of_what_is_told_is_a_group_below_five(seed: int) -> None:
    chance = random.Random(seed)
    counts = [chance.choice([0, 1, 2, 4, 5, 6, 9, 20, 60]) for _ in range(chance.randint(1, 7))]
    given = raws(*counts, size=chance.choice([60, 64, 100]), unplaced=chance.choice([0, 0, 1, 3]))
    told = shown(given)
    people = {one.partition: one.people or 0 for one in given}
    parts = told - {COMPANY}
    assert all(people[one] >= FEWEST for one in told)
    if COMPANY in told:
        for number in range(len(parts) + 1):
            for some in itertools.combinations(sorted(parts), number):
                rest = people[COMPANY] - sum(people[one] for one in some)
                assert rest == 0 or rest >= FEWEST, (counts, some)


def part(key: str, people: int) -> Raw:
    return Raw(key, COMPANY, 0.25, 5, 20, people, 9)


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ({"success": 30, "zero_result": 9, "abstention": 12}, "success zero_result abstention"),
        # What is left is told of nobody, so a second one is not told either.
        ({"success": 30, "zero_result": 3, "abstention": 12}, "success"),
        ({"success": 30, "zero_result": 0, "abstention": 12}, "success"),
        ({"success": 30, "zero_result": 3, "abstention": 3}, "success"),
        # Whether searches find is told wherever it can be, however few find.
        ({"success": 6, "zero_result": 3, "abstention": 40}, "success"),
        ({"success": 6, "zero_result": 40, "abstention": 3}, "success"),
        ({"success": 3, "zero_result": 6, "abstention": 40}, "abstention"),
        ({"success": 3, "zero_result": 40, "abstention": 6}, "abstention"),
        ({"success": 3, "zero_result": 40, "abstention": 4}, "zero_result"),
    ],
)
def test_parts_of_a_whole_do_not_tell_the_part_that_is_left(
    people: dict[str, int], told: str
) -> None:
    parts = [part(key, count) for key, count in people.items()]
    shown = {key for key, count in people.items() if count >= FEWEST}
    assert together(PARTS, parts, shown) == set(told.split())
