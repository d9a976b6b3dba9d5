"""Dates as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from indexer.search.dates import period

TODAY = date(2026, 3, 31)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2024/2/9", "2024-02-09", "2024-02-10"),
        ("March 2024", "2024-03-01", "2024-04-01"),
        ("sept. 2024", "2024-09-01", "2024-10-01"),
        ("3rd May 2024", "2024-05-03", "2024-05-04"),
        ("today", "2026-03-31", "2026-04-01"),
        ("Yesterday", "2026-03-30", "2026-03-31"),
        ("this week", "2026-03-30", "2026-04-06"),
        ("last week", "2026-03-23", "2026-03-30"),
        ("this month", "2026-03-01", "2026-04-01"),
        ("last month", "2026-02-01", "2026-03-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("3 days ago", "2026-03-28", "2026-03-29"),
        ("two weeks ago", "2026-03-17", "2026-03-18"),
        ("a month ago", "2026-02-28", "2026-03-01"),
        ("1 year ago", "2025-03-31", "2025-04-01"),
    ],
)
def test_periods(text: str, first: str, after: str) -> None:
    assert period(text, TODAY) == (date.fromisoformat(first), date.fromisoformat(after))


@pytest.mark.parametrize(
    "text",
    ["", "noon", "5", "9am", "2.0", "12345", "3024", "2024-13", "2023-02-29", "0 May 2024", "May",
     "the release", "last release", "2024 reorg", "999 years ago x", "Monday", "9999"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert period(text, TODAY) is None


def test_the_far_past_does_not_exist() -> None:
    assert period("999 years ago", date(500, 1, 1)) is None
