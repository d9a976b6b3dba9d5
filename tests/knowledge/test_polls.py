"""What those who came say: once, of nobody, and told in whole fives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.people import Profile
from knowledge.polls import MAX_LINE, Opinion, Tap
from knowledge.store.meeting_tables import meeting_answers, meeting_people
from knowledge.types import Principal
from tests.knowledge.test_meetings import ADA, BEN, CLEO, DAN, EVE, NAMES, Company

GOOD = Opinion(Tap.YES, Tap.PARTLY, Tap.NO)
MORE = ("Fay Holt", "Gus Imre", "Hal Jung")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path / "data")
    for name in MORE:
        made.services.directory.put(Profile(name, f"{name[:3].lower()}@example.org"))
    yield made
    made.services.close()


def everybody(company: Company) -> dict[int, Principal]:
    found = {number: company.who(number) for number in range(1, len(NAMES) + 1)}
    for number, name in enumerate(MORE, len(NAMES) + 1):
        found[number] = company.services.principal(f"{name[:3].lower()}@example.org")
    return found


def test_answers_are_told_in_whole_fives_without_order(company: Company) -> None:
    polls, who = company.services.polls, everybody(company)
    came = range(BEN, BEN + 7)
    key = company.make()
    for one in came:
        company.meetings.join(key, who[one])
    company.now += timedelta(days=2)
    company.meetings.attended(key, came, company.who(ADA))
    counts = []
    for one in came:
        said = Opinion(Tap.YES, Tap.PARTLY, Tap.NO, f"line {one}" if one != CLEO else "")
        polls.answer(key, said, who[one])
        counts.append(polls.result(key, company.who(ADA)).count)
    # What the last two say is told when three more have.
    assert counts == [0, 0, 0, 0, 5, 5, 5]
    told = polls.result(key, company.who(ADA))
    assert told.taps["useful"] == {Tap.YES: 5, Tap.PARTLY: 0, Tap.NO: 0}
    assert told.taps["engaging"] == {Tap.YES: 0, Tap.PARTLY: 0, Tap.NO: 5}
    assert set(told.lines) == {f"line {one}" for one in (2, 4, 5, 6)}
    assert polls.result(key, company.who(ADA)) == told
    with company.services.database.read() as connection:
        drawn = connection.execute(select(meeting_answers.c.drawn)).scalars().all()
    assert len({len(one) for one in drawn}) == 1
    assert len(set(drawn)) == 7


def test_no_row_says_whose_an_answer_is_nor_when_it_came() -> None:
    assert set(meeting_answers.c.keys()) == {
        *("drawn", "meeting_id", "batch", "useful", "relevant", "engaging", "line")
    }
    assert meeting_people.c.answered.type.python_type is bool


def test_only_who_came_is_asked_and_once(company: Company) -> None:
    polls = company.services.polls
    key = company.make(company.show(company.make(), ADA).plan, ADA, BEN, CLEO)
    for person in (ADA, BEN, EVE):
        with pytest.raises(Conflict):
            polls.answer(key, GOOD, company.who(person))
    company.now += timedelta(days=2)
    company.meetings.attended(key, [BEN], company.who(ADA))
    for person in (ADA, CLEO, EVE):
        with pytest.raises(Conflict):
            polls.answer(key, GOOD, company.who(person))
    with pytest.raises(InvalidInput):
        polls.answer(key, replace(GOOD, line="x" * (MAX_LINE + 1)), company.who(BEN))
    polls.answer(key, GOOD, company.who(BEN))
    assert not company.show(key, BEN).asked
    # Nor when the host says it all anew.
    company.meetings.attended(key, [], company.who(ADA))
    company.meetings.attended(key, [BEN], company.who(ADA))
    with pytest.raises(Conflict, match="already"):
        polls.answer(key, GOOD, company.who(BEN))


def test_what_is_said_is_for_the_host_alone(company: Company) -> None:
    key = company.held(BEN)
    for person in (BEN, DAN):
        with pytest.raises(Conflict):
            company.services.polls.result(key, company.who(person))
    with pytest.raises(NotFound):
        company.services.polls.result(key + 1, company.who(ADA))


def test_what_one_would_pass_on_is_a_draft_of_ones_own(company: Company) -> None:
    key = company.held(BEN)
    said = Opinion(Tap.YES, Tap.YES, Tap.YES, pass_on="Open the damper late.")
    made = company.services.polls.answer(key, said, company.who(BEN))
    assert made is not None
    kept = company.services.drafting.get(made, company.who(BEN))
    assert (kept.draft.title, kept.draft.body) == (
        "Firing kilns",
        "## The one thing\n\nOpen the damper late.\n",
    )
    with pytest.raises(NotFound):
        company.services.drafting.get(made, company.who(ADA))
    with pytest.raises(Conflict):
        company.services.polls.answer(key, said, company.who(BEN))
    assert len(company.services.drafting.listed(company.who(BEN))) == 1


def test_who_is_erased_is_in_no_line(company: Company) -> None:
    key = company.held(BEN)
    said = Opinion(Tap.YES, Tap.YES, Tap.YES, "As Ben Osei showed.")
    company.services.polls.answer(key, said, company.who(BEN))
    company.services.erasing.erase(BEN)
    with company.services.database.read() as connection:
        (left,) = connection.execute(select(meeting_answers)).all()
        assert not connection.execute(select(meeting_people)).all()
    assert "Osei" not in left.line
    assert left.useful == "yes"
