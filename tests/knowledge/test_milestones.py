"""What people set themselves, how long they teach, and for whom they want texts to be written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from knowledge import teaching_time
from knowledge.drafts import Draft
from knowledge.editing import Editor
from knowledge.errors import InvalidInput, NotAllowed, NotFound
from knowledge.milestones import MOST, Deed
from knowledge.people import Profile
from knowledge.store.meeting_tables import meeting_people, meetings
from knowledge.store.question_tables import question_answers, questions
from knowledge.store.teaching_tables import draft_reviews
from knowledge.teaching_time import USUAL, Act
from knowledge.types import ANYONE, Audience, Contributor, Kind, Level, Principal, Role
from tests.builders import document, settings, wired

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
ADA, BEN, AUNT = 1, 2, 3
JUNE, MAY = date(2026, 6, 30), date(2026, 5, 2)


class Company:
    """Ada, Ben and a second record of Ada's, with a clock that passes when it is told to."""

    def __init__(self, data: Path) -> None:
        self.now = NOW
        self.services = wired(settings(data), now=lambda: self.now)
        for name in ("Ada Field", "Ben Osei", "Ada Ahn"):
            mail = "".join(word[0] for word in name.lower().split())
            self.services.directory.put(Profile(name, f"{mail}@example.org"))

    def who(self, key: int = ADA) -> Principal:
        mail = {ADA: "af", BEN: "bo", AUNT: "aa"}[key]
        return self.services.principal(f"{mail}@example.org")

    def note(self, name: str, at: datetime, who: int = ADA, **more: Any) -> None:
        mail = {ADA: "af", BEN: "bo", AUNT: "aa"}[who]
        by = Contributor("Ada", Role.AUTHOR, email=f"{mail}@example.org")
        more = {"kind": Kind.NOTE, "contributors": (by,), "created_at": at} | more
        self.services.capture.save(document(name, f"The {name}.", **more))

    def done(self, at: datetime, who: int = ADA) -> None:
        """A session that one held and Ben came to, an answer and a review."""
        with self.services.database.write() as connection:
            add = connection.execute
            made = {"kind": "talk", "state": "held", "title": "x", "description": "", "place": ""}
            made |= {"minutes": 45, "sequence": 0, "audience_id": 1}
            times = {"starts_at": at, "ends_at": at, "created_at": at, "changed_at": at}
            key = add(insert(meetings).values(host_id=who, **made, **times)).inserted_primary_key
            for one, came in ((BEN, True), (AUNT, False)):
                add(
                    insert(meeting_people).values(
                        meeting_id=key[0], person_id=one, joined_at=at, came=came, answered=False
                    )
                )
            text = {"title": "x", "title_key": "x", "body": "", "query": "", "audience": []}
            text |= {"anonymous": False, "state": "open", "created_at": at}
            key = add(insert(questions).values(person_id=BEN, **text)).inserted_primary_key
            add(
                insert(question_answers).values(
                    question_id=key[0], person_id=who, body="x", at=at, accepted=False
                )
            )
            looked = {"wish": "", "comment": "", "points": [], "asked_at": at, "ended_at": at}
            for state in ("given", "declined"):
                add(
                    insert(draft_reviews).values(
                        author_id=BEN, reviewer_id=who, state=state, **looked
                    )
                )


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path)
    made.note("first", NOW - timedelta(days=30))
    yield made
    made.services.close()


def counted(company: Company, who: int = ADA) -> dict[str, tuple[int, int]]:
    found = company.services.milestones.of(company.who(who))
    return {one.deed.value: (one.done, one.number) for one in found}


def test_what_is_done_from_then_on_until_its_day_is_counted(company: Company) -> None:
    ada, milestones = company.who(), company.services.milestones
    for deed in Deed:
        milestones.add(ada, deed, 2, JUNE)
    milestones.add(company.who(BEN), Deed.JOINED, 1, JUNE)
    assert set(counted(company).values()) == {(0, 2)}
    company.done(NOW + timedelta(days=1))
    company.note("second", NOW + timedelta(days=2))
    company.note("bens", NOW + timedelta(days=2), BEN)
    company.note("page", NOW + timedelta(days=2), kind=Kind.WRITEUP)
    company.note(
        "edited", NOW, contributors=(Contributor("A", Role.EDITOR, email="af@example.org"),)
    )
    company.note("late", NOW + timedelta(days=25))
    assert counted(company) == {
        **dict.fromkeys(("notes", "writeups", "answers", "reviews", "hosted"), (1, 2)),
        "joined": (0, 2),
    }
    assert counted(company, BEN) == {"joined": (1, 1)}
    assert milestones.of(company.who(BEN))[0].reached
    (first, *_) = milestones.of(ada)
    assert (first.due, first.over, first.reached) == (JUNE, False, False)
    company.now = datetime(2026, 7, 1, tzinfo=UTC)
    assert milestones.of(ada)[0].over


def test_what_one_may_not_read_is_not_counted(company: Company) -> None:
    company.services.milestones.add(company.who(), Deed.NOTES, 1, JUNE)
    at, closed = NOW + timedelta(days=1), Audience.of("group:vault")
    company.note("closed", at, audience=closed)
    assert counted(company) == {"notes": (0, 1)}


def test_what_is_merged_is_not_done_twice(company: Company) -> None:
    services, at = company.services, NOW + timedelta(days=1)
    company.now = at
    for who in (ADA, BEN):
        services.milestones.add(company.who(who), Deed.NOTES, 3, JUNE)
    company.now = at + timedelta(hours=1)
    one, other, third = (
        services.editing.create(
            Draft(title, f"The {title}.", Kind.NOTE, (), None, Audience.of("everyone"), None),
            Editor(company.who(who)),
        )
        for title, who in (("Kiln", ADA), ("Kilns", ADA), ("Glaze", BEN))
    )
    judge = Editor(company.who(), admin=True)
    assert (counted(company), counted(company, BEN)) == ({"notes": (2, 3)}, {"notes": (1, 3)})
    first = services.succession.merge(one, third, "Both", "The whole.", judge)
    services.succession.supersede(other, first, judge)
    # Nor is anything undone by being replaced.
    assert (counted(company), counted(company, BEN)) == ({"notes": (2, 3)}, {"notes": (1, 3)})
    services.editing.delete(one, judge)
    assert counted(company) == {"notes": (2, 3)}


def test_they_are_one_s_own(company: Company) -> None:
    milestones = company.services.milestones
    made = milestones.add(company.who(), Deed.NOTES, 1, JUNE)
    assert milestones.of(company.who(BEN)) == []
    with pytest.raises(NotFound):
        milestones.remove(company.who(BEN), made.id)
    milestones.remove(company.who(), made.id)
    assert milestones.of(company.who()) == []
    for refused in (
        lambda: milestones.of(ANYONE),
        lambda: company.services.teaching_time.of(ANYONE),
        lambda: company.services.levels.say(ANYONE, Level.EXPERT),
    ):
        with pytest.raises(NotAllowed):
            refused()


@pytest.mark.parametrize(("number", "due"), [(0, JUNE), (1001, JUNE), (1, MAY), (1, date.max)])
def test_what_cannot_be_reached_is_refused(company: Company, number: int, due: date) -> None:
    with pytest.raises(InvalidInput):
        company.services.milestones.add(company.who(), Deed.NOTES, number, due)


def test_there_is_an_end_of_them(company: Company) -> None:
    for number in range(MOST):
        company.services.milestones.add(company.who(), Deed.NOTES, number + 1, NOW.date())
    with pytest.raises(InvalidInput, match="take one back"):
        company.services.milestones.add(company.who(), Deed.NOTES, 1, JUNE)


def test_two_records_of_one_person_count_once(company: Company) -> None:
    both = tuple(
        Contributor("Ada", Role.AUTHOR, email=f"{mail}@example.org") for mail in ("af", "aa")
    )
    company.note("both", NOW + timedelta(days=1), contributors=both)
    company.services.milestones.add(company.who(AUNT), Deed.NOTES, 5, JUNE)
    company.services.merging.merge(ADA, AUNT, force=True)
    company.note("aunts", NOW + timedelta(days=1), AUNT)
    assert counted(company) == {"notes": (2, 5)}
    with company.services.database.read() as connection:
        assert teaching_time.minutes(connection, JUNE) == [(ADA, 2 * USUAL[Act.NOTE])]


def test_time_is_a_session_s_length_and_what_one_says_of_the_rest(company: Company) -> None:
    time = company.services.teaching_time
    company.done(NOW - timedelta(days=1))
    told = time.of(company.who())
    usual = USUAL[Act.ANSWER] + USUAL[Act.REVIEW]
    assert [month.minutes for month in told.months[:3]] == [45 + usual, USUAL[Act.NOTE], 0]
    assert told.months[0].acts == {"hosted": 1, "answers": 1, "reviews": 1}
    assert told.months[1].first == date(2026, 5, 1)
    assert len(told.months) == 12
    assert told.minutes == 45 + usual + USUAL[Act.NOTE]
    time.say(company.who(), {Act.ANSWER: 30, Act.NOTE: None, Act.REVIEW: 0})
    again = time.of(company.who())
    assert (again.months[0].minutes, again.said) == (75, {Act.ANSWER: 30, Act.REVIEW: 0})
    time.say(company.who(), {})
    assert time.of(company.who()) == told
    assert time.of(company.who(BEN)).minutes == 0


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_no_act_takes_longer_than_a_day(company: Company, minutes: int) -> None:
    with pytest.raises(InvalidInput):
        company.services.teaching_time.say(company.who(), {Act.NOTE: minutes})


def test_of_everybody_there_are_sums_of_a_month(company: Company) -> None:
    company.done(NOW)
    company.note("bens", NOW, BEN, audience=Audience.of("group:vault"))
    company.services.teaching_time.say(company.who(BEN), {Act.NOTE: 7})
    with company.services.database.read() as connection:
        usual = 45 + USUAL[Act.ANSWER] + USUAL[Act.REVIEW]
        assert teaching_time.minutes(connection, JUNE) == [(ADA, usual), (BEN, 7)]
        assert teaching_time.minutes(connection, MAY) == [(ADA, USUAL[Act.NOTE])]
        assert teaching_time.minutes(connection, date(2025, 12, 31)) == []


def test_a_level_is_the_reader_s_own(company: Company) -> None:
    levels = company.services.levels
    assert levels.of(company.who()) is levels.of(ANYONE) is None
    levels.say(company.who(), Level.NEWCOMER)
    levels.say(company.who(), Level.EXPERT)
    assert (levels.of(company.who()), levels.of(company.who(BEN))) == (Level.EXPERT, None)
    company.services.merging.merge(BEN, ADA, force=True)
    assert levels.of(company.who(BEN)) is Level.EXPERT
    levels.say(company.who(BEN), None)
    assert levels.of(company.who(BEN)) is None


def test_it_goes_with_its_person(company: Company) -> None:
    services = company.services
    services.milestones.add(company.who(), Deed.NOTES, 1, JUNE)
    services.levels.say(company.who(), Level.NEWCOMER)
    services.teaching_time.say(company.who(), {Act.NOTE: 1})
    services.erasing.erase(ADA)
    with services.database.read() as connection:
        assert services.milestones.of(Principal(person_id=ADA, signed_in=True)) == []
        assert services.levels.of(Principal(person_id=ADA, signed_in=True)) is None
        assert [person for person, _ in teaching_time.minutes(connection, MAY)] != [ADA]
