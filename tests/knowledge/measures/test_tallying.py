"""Searches are counted before the log forgets them, by parts of weeks, of nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from knowledge.asked import AskedQuery, Feedback, Verdict
from knowledge.measures import tallying
from knowledge.measures.findability import tally
from knowledge.store import feedback, queries
from tests.builders import settings
from tests.knowledge.measures.building import Clock, Company, founded


def search(company: Company, at: datetime, asker: str, answers: int, sure: bool) -> str:
    """Somebody, who is a pseudonym of the week, searches."""
    key = f"{at:%Y%m%d%H}{asker}{answers}{sure:d}"
    with company.services.database.write() as connection:
        one = AskedQuery(key, "kiln", "answer", answers, sure, at)
        queries.add(connection, [(one, asker)])
    return key


def test_a_week_in_two_months_is_two_parts() -> None:
    day = date(2026, 4, 30)
    assert tallying.start_of(day) == date(2026, 4, 27)
    assert (
        tallying.end_of(date(2026, 4, 27))
        == date(2026, 5, 1)
        == tallying.start_of(date(2026, 5, 3))
    )
    assert tallying.end_of(date(2026, 5, 1)) == date(2026, 5, 4)
    starts = {tallying.start_of(date(2026, 1, 1) + timedelta(days=n)) for n in range(365)}
    for start in starts:
        held = [start + timedelta(days=n) for n in range((tallying.end_of(start) - start).days)]
        assert {tallying.start_of(one) for one in held} == {start}


def test_each_part_is_counted_once_with_the_people_behind_it(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 3, 9, 23, 59, tzinfo=UTC))
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with founded(settings(tmp_path), clock) as company:
        for asker in "abc":
            search(company, monday, asker, 3, True)
        rejected = search(company, monday, "d", 3, True)
        search(company, monday, "a", 0, False)
        search(company, monday, "e", 2, False)
        search(company, monday + timedelta(days=7), "z", 1, True)  # the next week
        with company.services.database.write() as connection:
            said = Feedback(rejected, 1, None, Verdict.NOT_HELPFUL)
            feedback.add(connection, said, monday)
        publishing = company.services.publishing
        publishing.tally()
        with company.services.database.read() as connection:
            assert tally(connection, "2026-03").searches == 0  # what is said of it may come yet
        clock.at += timedelta(minutes=1)
        assert publishing.anything_due()
        publishing.tally()
        assert not publishing.anything_due()
        search(company, monday, "late", 1, True)
        publishing.tally()
        with company.services.database.read() as connection:
            found = tally(connection, "2026-03")
        assert (found.searches, found.found, found.empty, found.unsure) == (6, 3, 1, 2)
        assert (found.found_people, found.found_others) == (3, 3)
        # One was sure, and was rejected.
        assert (found.empty_people, found.unsure_people, found.unsure_others) == (1, 2, 3)
