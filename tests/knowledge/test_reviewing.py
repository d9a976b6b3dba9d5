"""A colleague's look at a draft: who reads it, until when, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.drafting import Base, Form
from knowledge.drafts import draft
from knowledge.editing import Editor
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge.hints import About
from knowledge.learning_settings import AskSettings
from knowledge.people import Profile
from knowledge.reviewing import MAX_COMMENT, MAX_WISH, Review, Reviewing, State
from knowledge.store.teaching_tables import draft_reviews
from knowledge.types import ANYONE, EVERYONE, Audience, Kind, Principal
from tests.builders import disable, document, settings, wired

MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA, BEN, CLEO = range(1, 4)
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)


class Company:
    """Three colleagues, a draft of Ada's, and a clock that passes when it is told to."""

    def __init__(self, data: Path) -> None:
        self.now = MONDAY
        given = replace(settings(data), ask=AskSettings(weekly=2))
        self.services = wired(given, now=lambda: self.now)
        for name in ("Ada Field", "Ben Osei", "Cleo Marsh"):
            self.services.directory.put(Profile(name, f"{name.split()[0].lower()}@example.org"))
        self.reviewing: Reviewing = self.services.reviewing
        self.draft = self.make("Firing kilns", "Slowly.")

    def who(self, key: int = ADA) -> Principal:
        return self.services.principal(f"{('ada', 'ben', 'cleo')[key - 1]}@example.org")

    def make(self, title: str, body: str) -> int:
        made = draft(title=title, body=body, kind=Kind.NOTE, audience=[[EVERYONE]])
        return self.services.drafting.create(Form.NOTE, made, self.who()).id

    def ask(self, of: int = BEN, draft_id: int | None = None, wish: str = "") -> Review:
        return self.reviewing.ask(draft_id or self.draft, of, wish, self.who())

    def of_the_vault(self) -> int:
        """A draft of Ada's that changes what only she and Ben read."""
        for name in ("Ada Field", "Ben Osei"):
            mail = f"{name.split()[0].lower()}@example.org"
            self.services.directory.put(Profile(name, mail, groups=("vault",)))
        closed = document("vault", "The code is 4711.", audience=Audience.of("group:vault"))
        self.services.capture.save(closed)
        made = draft(title="vault", body="The code is 4711.", kind=Kind.NOTE, audience=[[EVERYONE]])
        based = Base(1, 1, 1)
        return self.services.drafting.create(Form.NOTE, made, self.who(), base=based).id

    def rows(self) -> list[Any]:
        with self.services.database.read() as connection:
            return list(connection.execute(select(draft_reviews)).all())


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path)
    yield made
    made.services.close()


def test_from_asking_to_what_the_author_is_told(company: Company) -> None:
    asked = company.ask(wish="  Is it  right? ")
    assert (asked.state, asked.other and asked.other.name) == (State.OPEN, "Ben Osei")
    (waiting,) = company.reviewing.waiting(company.who(BEN))
    assert (waiting.wish, waiting.mine) == ("Is it right?", False)
    told = company.reviewing.show(asked.id, company.who(BEN))
    assert (told.title, told.body, told.review.other and told.review.other.id) == (
        "Firing kilns",
        "Slowly.",
        ADA,
    )
    company.reviewing.give(
        asked.id, " Good.\r\nMore? ", [About.TITLE, About.ACRONYMS], company.who(BEN)
    )
    (done,) = company.reviewing.asked_for(company.who(), company.draft)
    assert (done.state, done.comment, done.found) == (State.GIVEN, "Good.\nMore?", (About.TITLE,))
    assert not done.changed
    kept = company.services.drafting.get(company.draft, company.who())
    company.services.drafting.save(company.draft, kept.draft, company.who(), None)
    assert company.reviewing.asked_for(company.who())[0].changed


def test_only_whoever_is_asked_reads_the_draft_and_only_while_it_waits(company: Company) -> None:
    drafting = company.services.drafting
    file = drafting.attach(company.draft, "p.png", PICTURE, company.who())
    key = company.ask().id
    show, content = company.reviewing.show, company.reviewing.content
    assert content(key, file.number, company.who(BEN))[1] == PICTURE
    assert [one.href for one in show(key, company.who(BEN)).files] == [file.href]
    for other in (CLEO, ADA):
        for read in (
            lambda other=other: show(key, company.who(other)),
            lambda other=other: content(key, file.number, company.who(other)),
            lambda other=other: company.reviewing.give(key, "x", [], company.who(other)),
            lambda other=other: company.reviewing.decline(key, company.who(other)),
        ):
            with pytest.raises(NotFound):
                read()
        assert company.reviewing.waiting(company.who(other)) == []
    with pytest.raises(NotFound):
        drafting.get(company.draft, company.who(BEN))
    with pytest.raises(NotFound):
        company.reviewing.withdraw(key, company.who(BEN))
    company.reviewing.decline(key, company.who(BEN))
    for after in (show, lambda key, who: content(key, file.number, who)):
        with pytest.raises(NotFound):
            after(key, company.who(BEN))
    with pytest.raises(NotAllowed):
        company.reviewing.waiting(ANYONE)


def test_one_waits_at_a_time(company: Company) -> None:
    first = company.ask()
    with pytest.raises(Conflict):
        company.ask(CLEO)
    company.reviewing.withdraw(first.id, company.who())
    with pytest.raises(Conflict):
        company.reviewing.withdraw(first.id, company.who())
    with pytest.raises(NotFound):
        company.reviewing.show(first.id, company.who(BEN))
    assert company.ask(CLEO).state is State.OPEN
    assert [one.state for one in company.reviewing.asked_for(company.who())] == [
        State.OPEN,
        State.WITHDRAWN,
    ]


def test_nobody_is_asked_more_often_than_they_should(company: Company) -> None:
    for title in ("one", "two"):
        company.ask(BEN, company.make(title, "x"))
    with pytest.raises(InvalidInput) as refused:
        company.ask(BEN)
    company.services.privacy.decide(CLEO, paused_until=MONDAY + timedelta(days=1))
    with pytest.raises(InvalidInput) as paused:
        company.ask(CLEO)
    # Which of the reasons it is, is not told.
    assert str(refused.value).replace("Ben Osei", "X") == str(paused.value).replace(
        "Cleo Marsh", "X"
    )
    company.now += timedelta(days=8)
    assert company.ask(BEN).state is State.OPEN


def test_who_does_not_read_a_document_reviews_no_change_of_it(company: Company) -> None:
    secret = company.of_the_vault()
    with pytest.raises(InvalidInput, match="can read the document"):
        company.ask(CLEO, secret)
    key = company.ask(BEN, secret).id
    assert "4711" in company.reviewing.show(key, company.who(BEN)).body
    number = company.services.drafting.attach(secret, "p.png", PICTURE, company.who()).number
    company.services.directory.put(Profile("Ben Osei", "ben@example.org", groups=()))
    ben = company.who(BEN)
    assert company.reviewing.waiting(ben) == []
    for gone in (
        lambda: company.reviewing.show(key, ben),
        lambda: company.reviewing.content(key, number, ben),
        lambda: company.reviewing.give(key, "Good.", [], ben),
        lambda: company.reviewing.decline(key, ben),
    ):
        with pytest.raises(NotFound):
            gone()
    company.reviewing.withdraw(key, company.who())


def test_asking_and_withdrawing_tells_nothing_of_others(company: Company) -> None:
    made = draft(title="Mine", body="x", kind=Kind.NOTE, audience=[[EVERYONE]])
    own = company.services.drafting.create(Form.NOTE, made, company.who(CLEO)).id

    def asks() -> int:
        """How often Ada may ask Ben and withdraw."""
        for count in range(9):
            try:
                key = company.ask(BEN).id
            except InvalidInput:
                return count
            company.reviewing.withdraw(key, company.who())
        return 9

    theirs = company.reviewing.ask(own, BEN, "", company.who(CLEO)).id
    assert asks() == 2
    company.reviewing.decline(theirs, company.who(BEN))
    # What Ada withdrew is nothing to others, and what they asked is no less than it was.
    assert company.reviewing.ask(own, BEN, "", company.who(CLEO)).state is State.OPEN
    company.now += timedelta(days=8)
    assert asks() == 2


def test_who_cannot_look_at_it_is_not_asked(company: Company) -> None:
    with pytest.raises(InvalidInput, match="somebody else than you"):
        company.ask(ADA)
    with pytest.raises(NotFound):
        company.ask(99)
    disable(company.services, CLEO)
    with pytest.raises(InvalidInput):
        company.ask(CLEO)
    with pytest.raises(NotFound):
        company.reviewing.ask(company.draft, CLEO, "", company.who(BEN))


@pytest.mark.parametrize(("title", "body"), [("", "x"), ("x", " ")])
def test_there_is_something_to_look_at(company: Company, title: str, body: str) -> None:
    with pytest.raises(InvalidInput):
        company.ask(BEN, company.make(title, body))


def test_what_is_no_text_is_refused(company: Company) -> None:
    for wish in ("x" * (MAX_WISH + 1), "\0"):
        with pytest.raises(InvalidInput):
            company.ask(wish=wish)
    key = company.ask().id
    for comment in (" ", "x" * (MAX_COMMENT + 1), "\0"):
        with pytest.raises(InvalidInput):
            company.reviewing.give(key, comment, [], company.who(BEN))
    assert company.reviewing.show(key, company.who(BEN)).review.state is State.OPEN


@pytest.mark.parametrize("publish", [True, False])
def test_of_a_draft_that_is_gone_no_text_is_left(company: Company, publish: bool) -> None:
    given = company.ask(wish="Secretly?")
    company.reviewing.give(given.id, "A secret.", [About.TITLE], company.who(BEN))
    waits = company.ask(CLEO)
    if publish:
        company.services.drafting.publish(company.draft, Editor(company.who()))
    else:
        company.services.drafting.delete(company.draft, company.who())
    assert company.reviewing.asked_for(company.who()) == []
    assert company.reviewing.waiting(company.who(CLEO)) == []
    with pytest.raises(NotFound):
        company.reviewing.show(waits.id, company.who(CLEO))
    left = company.rows()
    assert [(row.draft_id, row.wish, row.comment, row.points) for row in left] == [
        (None, "", "", [])
    ] * 2
    assert {row.state for row in left} == {"given", "withdrawn"}


def test_records_that_become_one_read_as_one(company: Company) -> None:
    key = company.ask().id
    company.services.merging.merge(CLEO, BEN, force=True)
    assert company.reviewing.show(key, company.who(CLEO)).title == "Firing kilns"
    company.reviewing.give(key, "Good.", [], company.who(CLEO))
    (told,) = company.reviewing.asked_for(company.who())
    assert told.other is not None
    assert told.other.name == "Cleo Marsh"


def test_who_is_erased_leaves_no_review(company: Company) -> None:
    key = company.ask(BEN, wish="What would Cleo Marsh say?").id
    company.ask(CLEO, company.make("Other", "x"))
    company.services.erasing.erase(CLEO)
    (left,) = company.rows()
    assert (left.id, left.wish) == (key, "What would Former colleague say?")
    company.services.erasing.erase(ADA)
    assert company.rows() == []
