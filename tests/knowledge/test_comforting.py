"""The monthly form: once a person and month, counted in whole fives, of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge import comfort
from knowledge.comforting import KEYS
from knowledge.errors import Conflict, InvalidInput, NotAllowed
from knowledge.measures.kinds import after
from knowledge.people import Profile
from knowledge.store.pulse_tables import comfort_answers, comfort_marks
from knowledge.types import ANYONE, Principal
from tests.knowledge.test_meetings import ADA, BEN, NAMES, Company

GOOD = {"asking": 5, "mistakes": 4, "sharing": 3, "time": 2}
MORE = ("Fay Holt", "Gus Imre", "Hal Jung", "Ivy Kerr", "Jon Lamb", "Kit Moss")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path / "data")
    for name in MORE:
        made.services.directory.put(Profile(name, f"{name[:3].lower()}@example.org"))
    yield made
    made.services.close()


def everybody(company: Company) -> list[Principal]:
    return [company.services.principal(f"{name[:3].lower()}@example.org") for name in NAMES + MORE]


def counted(company: Company, month: str) -> list[int]:
    """How many answers to each question are counted."""
    with company.services.database.read() as connection:
        held = comfort.of_month(connection, month)
    return [
        sum(sum(one.counts) for one in held if one.question == number)
        for number in range(1, len(KEYS) + 1)
    ]


def test_answers_are_counted_in_whole_fives(company: Company) -> None:
    form, seen = company.services.comforting, []
    for one in everybody(company):
        form.answer(GOOD, one)
        seen.append(counted(company, form.month()))
    assert [set(one) for one in seen] == [{0}] * 4 + [{5}] * 5 + [{10}] * 2
    with company.services.database.read() as connection:
        held = comfort.of_month(connection, form.month())
        (left,) = connection.execute(select(comfort_answers)).all()
    assert {one.counts for one in held if one.question == 1} == {(0, 0, 0, 0, 5)}
    assert {one.counts for one in held if one.question == 4} == {(0, 5, 0, 0, 0)}
    assert len(left.drawn) == 32


def test_no_row_says_whose_an_answer_is_nor_when_it_came() -> None:
    assert set(comfort_answers.c.keys()) == {"drawn", "month", *KEYS}
    assert set(comfort_marks.c.keys()) == {"person_id", "month", "answered"}


def test_one_answers_once_a_month(company: Company) -> None:
    form, ada = company.services.comforting, company.who(ADA)
    assert form.answered(ada) is None
    form.answer(GOOD, ada)
    assert form.answered(ada) is True
    with pytest.raises(Conflict):
        form.answer(GOOD, ada)
    form.put_away(ada)
    assert form.answered(ada) is True
    assert form.answered(company.who(BEN)) is None


def test_what_is_put_away_can_be_answered_all_the_same(company: Company) -> None:
    form, ada = company.services.comforting, company.who(ADA)
    form.put_away(ada)
    assert form.answered(ada) is False
    form.answer(GOOD, ada)
    assert form.answered(ada) is True


def test_the_next_month_begins_anew_and_knows_nobody_of_the_last_one(company: Company) -> None:
    form, people = company.services.comforting, everybody(company)
    month = form.month()
    for one in people[:7]:
        form.answer(GOOD, one)
    company.now += timedelta(days=31)
    assert form.month() == after(month)
    assert form.answered(people[0]) is None
    form.answer(GOOD, people[0])
    with company.services.database.read() as connection:
        marks = connection.execute(select(comfort_marks)).all()
        waiting = connection.execute(select(comfort_answers.c.month)).scalars().all()
    assert [(one.month, one.person_id) for one in marks] == [(form.month(), people[0].person_id)]
    assert waiting == [form.month()]
    assert counted(company, month) == [5] * 4


def test_who_became_one_person_answers_once(company: Company) -> None:
    form, people = company.services.comforting, everybody(company)
    form.answer(GOOD, people[1])
    company.services.merging.merge(people[0].person_id or 0, people[1].person_id or 0, force=True)
    ada = company.who(ADA)
    assert form.answered(ada) is True
    with pytest.raises(Conflict):
        form.answer(GOOD, ada)


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"asking": 1},
        GOOD | {"time": 0},
        GOOD | {"time": 6},
        {**GOOD, "more": 1},
    ],
)
def test_what_is_no_answer_is_refused(company: Company, scores: dict[str, int]) -> None:
    form, ada = company.services.comforting, company.who(ADA)
    with pytest.raises(InvalidInput):
        form.answer(scores, ada)
    assert form.answered(ada) is None


def test_nobody_in_particular_is_not_asked(company: Company) -> None:
    form = company.services.comforting
    for call in (lambda: form.answer(GOOD, ANYONE), lambda: form.put_away(ANYONE)):
        with pytest.raises(NotAllowed):
            call()


def test_of_who_is_erased_the_answer_stays_and_the_mark_goes(company: Company) -> None:
    form, ada = company.services.comforting, company.who(ADA)
    form.answer(GOOD, ada)
    assert ada.person_id is not None
    company.services.erasing.erase(ada.person_id)
    with company.services.database.read() as connection:
        assert len(connection.execute(select(comfort_answers)).all()) == 1
        assert not connection.execute(select(comfort_marks)).all()
