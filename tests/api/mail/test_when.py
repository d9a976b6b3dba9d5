"""When people are told by mail: hours, weekends, pauses, and what is too old by then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.server import _tidy
from knowledge.editing import Editor
from knowledge.notices import FRESH, Matter, Pace, State
from knowledge.settings import ServeSettings
from knowledge.types import OPERATOR, Contributor, Role
from tests.api.mail.company import BEN, TITLE, Company, company
from tests.builders import UNLIMITED, document, settings

QUESTION = f"Question for you: {TITLE}"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Company]:
    with company(settings(tmp_path / "data")) as made:
        yield made


@pytest.mark.parametrize(
    ("hour", "day", "sent"),
    [(18, 1, True), (19, 1, False), (6, 2, False), (7, 2, True), (12, 6, False)],
)
def test_nothing_is_sent_in_quiet_hours_and_at_weekends(
    told: Company, hour: int, day: int, sent: bool
) -> None:
    told.now = datetime(2026, 6, day, hour, 30, tzinfo=UTC)
    told.ask()
    assert told.later() == ({"ben": [QUESTION]} if sent else {})
    told.now = datetime(2026, 6, 8, 7, tzinfo=UTC)
    assert told.subjects() == ({} if sent else {"ben": [QUESTION]})


def test_hours_are_those_of_the_zone(tmp_path: Path) -> None:
    given = settings(tmp_path / "data")
    there = replace(given, serve=ServeSettings(**UNLIMITED, time_zone="America/New_York"))
    with company(there) as told:
        told.now = datetime(2026, 6, 1, 10, 30, tzinfo=UTC)  # half past six there
        told.ask()
        assert told.later() == {}
        assert told.later(minutes=30) == {"ben": [QUESTION]}


def test_who_is_paused_is_asked_afterwards(told: Company) -> None:
    told.ask()
    told.subjects()
    ends = told.now + timedelta(days=8)
    told.services.privacy.decide(BEN, paused_until=ends)
    assert told.later(days=7) == {}
    told.now = ends
    assert told.subjects() == {"ben": [QUESTION]}


def test_what_can_be_told_once_a_day_is_told_in_the_morning(told: Company) -> None:
    told.choose(BEN, Matter.QUESTIONS, Pace.DAILY)
    told.ask()
    told.ask("What is a cone?")
    assert told.later(hours=6) == {}
    told.now = datetime(2026, 6, 2, 8, tzinfo=UTC)
    assert told.subjects() == {"ben": ["2 questions for you"]}


@pytest.mark.parametrize("how", ["paused", "quiet hours"])
def test_what_is_about_to_be_sent_waits_for_a_better_time(told: Company, how: str) -> None:
    """Others' letters took that long."""
    told.ask()
    told.subjects()
    told.now += timedelta(minutes=5)
    (found,) = told.services.outbox.due()
    ends = datetime(2026, 6, 2, 9, tzinfo=UTC)
    if how == "paused":
        told.services.privacy.decide(BEN, paused_until=ends)
    else:
        told.now = datetime(2026, 6, 1, 20, tzinfo=UTC)
    assert told.services.outbox.compose(found) is None
    told.now = ends
    assert told.subjects() == {"ben": [QUESTION]}


@pytest.mark.parametrize(
    ("day", "hour", "sent_at"),
    [(6, 12, 8), (7, 23, 8), (5, 20, 8), (8, 3, 8), (8, 7, 7)],
)
def test_a_review_is_told_once_whenever_it_is_found(
    told: Company, day: int, hour: int, sent_at: int
) -> None:
    """Due on a Friday at noon, and first looked for when the postman starts again."""
    services = told.services
    author = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
    made = services.capture.save(document("a", "Fire slowly.", contributors=(author,)))
    assert made.document_id is not None
    at = datetime(2026, 6, 5, 12, tzinfo=UTC)
    services.care.review(made.document_id, at, None, Editor(OPERATOR, admin=True))
    told.now = datetime(2026, 6, day, hour, 30, tzinfo=UTC)
    found = []
    while told.now < datetime(2026, 6, 12, tzinfo=UTC):
        if letters := told.subjects().get("ben"):
            found.append((told.now.day, told.now.hour, letters))
        told.now += timedelta(minutes=30)
    assert found == [(8, sent_at, ["1 document to look at again"])]


def test_what_happened_long_ago_is_not_told(told: Company) -> None:
    told.ask()
    told.now += FRESH + timedelta(days=1)
    assert told.later() == {}


@pytest.mark.parametrize("pace", [Pace.SOON, Pace.DAILY])
@pytest.mark.parametrize(("days", "sent"), [(2, True), (7, False)])
def test_what_was_left_when_mail_was_turned_off_is_told_while_it_is_fresh(
    told: Company, pace: Pace, days: int, sent: bool
) -> None:
    told.choose(BEN, Matter.QUESTIONS, pace)
    told.ask()
    assert told.subjects() == {}
    told.now += timedelta(days=days)
    told.restart()
    assert told.subjects() == ({"ben": [QUESTION]} if sent else {})
    state = State.SENT if sent else State.VOID
    assert told.services.outbox.status().counts[state] == 1


@pytest.mark.parametrize("begun", [timedelta(hours=-1), timedelta(hours=1)])
def test_who_was_paused_meanwhile_is_asked_afterwards(told: Company, begun: timedelta) -> None:
    """Whether mail is turned on again before the pause ends or after it."""
    told.ask()
    told.subjects()
    ends = told.now + timedelta(days=8)
    told.services.privacy.decide(BEN, paused_until=ends)
    told.now = ends + begun
    told.restart()
    found = told.subjects()
    told.now = ends + timedelta(hours=1)
    assert (found | told.subjects())["ben"] == [QUESTION]


def test_what_waits_is_forgotten_a_month_after_it_ended(told: Company) -> None:
    told.ask()
    told.later()
    told.now += timedelta(days=31)
    # As what tidies does, also where mail is off by now.
    _tidy(told.services)
    assert set(told.services.outbox.status().counts.values()) == {0}
