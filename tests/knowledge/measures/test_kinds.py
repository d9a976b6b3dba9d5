"""Months and partitions, and how far figures are rounded."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from knowledge.errors import InvalidInput, NotFound
from knowledge.measures import kinds, registry
from knowledge.measures.rounding import rounded


def test_months_are_whole_and_go_over_the_year() -> None:
    assert kinds.bounds("2026-12") == (
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
    )
    assert [kinds.after("2026-12", n) for n in (1, -12, 0)] == ["2027-01", "2025-12", "2026-12"]
    assert kinds.month_of(datetime.fromisoformat("2026-03-01T01:00+02:00")) == "2026-02"


@pytest.mark.parametrize(
    "wrong", ["2026-13", "2026-1", "2026-W05", "2026-03-01", "1969-12", "٢٠٢٦-٠٣", ""]
)
def test_nothing_else_is_a_month(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="YYYY-MM"):
        kinds.check_month(wrong)


def test_partitions_are_the_company_and_teams_and_nothing_else() -> None:
    given = ["company", "others", "no-team", "team:A", "team:", "kind:note", ""]
    assert [kinds.is_partition(one) for one in given] == [True] * 4 + [False] * 3
    assert kinds.team("Kilns") == "team:Kilns"
    assert kinds.team(None) == kinds.team("") == kinds.NO_TEAM
    assert [kinds.label(one) for one in given[:4]] == [
        "Whole company",
        "Other teams",
        "No team",
        "A",
    ]


def test_every_measure_has_its_own_key_and_all_that_is_told_of_it() -> None:
    listed = [one for family in registry.FAMILIES for one in family.MEASURES]
    assert len({one.key for one in listed}) == len({one.name for one in listed}) == len(listed)
    for one in listed:
        assert one.formula
        assert one.source
        assert one.caveats
        assert one.better in (-1, 0, 1)
        assert len(one.key) <= 40
    with pytest.raises(NotFound):
        registry.get("nothing")


@pytest.mark.parametrize(
    ("key", "value", "people", "told"),
    [
        ("readers", 14, 14, 10),
        ("readers", 15, 15, 15),
        ("success", 0.777, 99, 0.8),
        ("success", 0.777, 100, 0.78),
        ("depth", 3.3, 20, 3.5),
        ("depth", 3.33, 200, 3.3),
        ("answer_hours", 5.4, 9, 5),
        ("answer_hours", 40.0, 9, 42),
        ("comfort_asking", 3.46, 10, 3.5),
        ("stories", 3, None, 3),
        ("verified", 0.123, None, 0.12),
    ],
)
def test_figures_are_rounded_so_far_that_one_act_does_not_show(
    key: str, value: float, people: int | None, told: float
) -> None:
    assert rounded(registry.get(key), value, people) == told
