"""What people are told by mail, when, and what they are not told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.drafting import Form
from knowledge.drafts import draft
from knowledge.editing import Editor
from knowledge.meeting import Plan
from knowledge.notices import Matter, Pace, State
from knowledge.people import Profile
from knowledge.routing import due
from knowledge.store import mail as store
from knowledge.types import OPERATOR, Audience, Contributor, Kind, Role
from tests.api.mail.company import ADA, BEN, CLEO, DAN, MONDAY, SITE, TITLE, Company, company
from tests.builders import disable, document, settings

QUESTION = f"Question for you: {TITLE}"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Company]:
    with company(settings(tmp_path / "data")) as made:
        yield made


def test_whoever_is_asked_is_told_once_and_soon(told: Company) -> None:
    key = told.ask(of=(BEN, CLEO))
    assert told.subjects() == {}
    told.now += timedelta(minutes=5)
    found = told.look()
    assert {who: len(letters) for who, letters in found.items()} == {"ben": 1, "cle": 1}
    (letter,) = found["ben"]
    assert letter["Subject"] == QUESTION
    assert letter["From"] == "whoknows <whoknows@example.org>"
    assert letter["To"] == "Ben Osei <ben@example.org>"
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    for text in (plain.get_content(), html.get_content()):
        assert TITLE in text
        assert "from Ada Field" in text
        assert f"{SITE}/questions/{key}" in text
    told.now += timedelta(hours=3)
    assert told.subjects() == {}


def test_what_comes_meanwhile_goes_with_it(told: Company) -> None:
    told.ask()
    told.subjects()
    told.now += timedelta(minutes=4)
    told.ask("How hot is a kiln?", of=(BEN,))
    told.subjects()
    told.now += timedelta(minutes=1)
    assert told.subjects() == {"ben": ["2 questions for you"]}
    told.now += timedelta(minutes=9)
    assert told.subjects() == {}


@pytest.mark.parametrize("how", ["withdrawn", "answered", "handed on", "left", "left the group"])
def test_what_is_theirs_no_more_is_not_told(told: Company, how: str) -> None:
    questions = told.services.questions
    key = told.ask(of=(BEN,), audience=Audience.of("group:kilns"))
    told.subjects()
    if how == "withdrawn":
        questions.withdraw(key, told.who(ADA))
    elif how == "answered":
        told.choose(ADA, Matter.ANSWERS, Pace.NEVER)
        questions.answer(key, "It cools too fast.", told.who(BEN))
    elif how == "handed on":
        questions.hand_on(key, told.who(BEN))
    elif how == "left":
        disable(told.services, BEN)
    else:
        told.services.directory.put(Profile("Ben Osei", "ben@example.org", groups=()))
    assert told.later() == {}
    status = told.services.outbox.status()
    assert (status.counts[State.VOID], status.counts[State.WAITING]) == (1, 0)


def test_who_asks_anonymously_is_not_told(told: Company) -> None:
    told.ask(anonymous=True)
    told.later()
    (raw,) = told.box.raw
    told.ask("And openly?")
    told.later()
    named = told.box.raw[-1]
    assert b"Ada" not in raw
    assert b"Ada" in named


def test_a_letter_to_who_asks_anonymously_does_not_say_what(told: Company) -> None:
    """Whoever runs the mail server, or reads somebody's mail for them, could tell."""
    key = told.ask(anonymous=True)
    told.later()
    told.services.questions.answer(key, "It cools too fast.", told.who(BEN))
    assert told.later() == {"ada": ["1 answer"]}
    raw = told.box.raw[-1]
    assert b"kiln" not in raw
    assert b"Ben" not in raw
    assert f"{SITE}/questions\r\n".encode() in raw
    assert f"/questions/{key}".encode() not in raw


def test_an_answer_and_silence_are_told_to_who_asks(told: Company) -> None:
    key = told.ask()
    told.later()
    told.services.questions.answer(key, "It cools too fast.", told.who(BEN))
    assert told.later() == {"ada": [f"Answer: {TITLE}"]}
    told.services.questions.answer(key, "It cools much too fast.", told.who(BEN))
    assert told.later(hours=1) == {}
    told.ask("What is a cone?")
    told.later()
    told.now = due(told.now, 4 * 48)
    assert told.later(minutes=10) == {"ada": ["No answer yet: What is a cone?"]}


def test_silence_does_not_say_whether_somebody_could_be_asked(tmp_path: Path) -> None:
    """In one company Ben cannot be asked, in the other he can and says nothing."""
    found = []
    for name, agrees in (("one", True), ("other", False)):
        with company(settings(tmp_path / name)) as told:
            told.services.privacy.decide(BEN, consents={"consent_written": agrees})
            told.ask(of=(), to=BEN)
            seen = []
            for _ in range(12):
                told.now += timedelta(days=1)
                seen.append((told.now, told.subjects().get("ada")))
            found.append(seen)
    assert found[0] == found[1]
    assert [at for at, one in found[0] if one] == [MONDAY + timedelta(days=11)]


def test_questions_go_on_by_themselves(told: Company) -> None:
    told.ask(of=(BEN, CLEO, DAN))
    assert told.later() == {"ben": [QUESTION], "cle": [QUESTION]}
    told.now += timedelta(days=3)
    assert told.later() == {"dan": [QUESTION]}


def test_never_holds_for_what_waits(told: Company) -> None:
    told.ask()
    told.subjects()
    told.choose(BEN, Matter.QUESTIONS, Pace.NEVER)
    assert told.later() == {}
    told.choose(BEN, Matter.QUESTIONS, Pace.SOON)
    assert told.later(hours=1) == {}


def test_never_holds_for_what_is_about_to_be_sent(told: Company) -> None:
    told.ask()
    told.subjects()
    told.now += timedelta(minutes=5)
    (found,) = told.services.outbox.due()
    told.choose(BEN, Matter.QUESTIONS, Pace.NEVER)
    assert told.services.outbox.compose(found) is None
    assert told.subjects() == {}


def test_the_day_s_letter(told: Company) -> None:
    """Reviews that are due, sessions of the next working day, drafts, and wishes."""
    services = told.services
    author = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
    made = services.capture.save(document("a", "Fire slowly.", contributors=(author,)))
    assert made.document_id is not None
    at = told.now + timedelta(hours=1)
    services.care.review(made.document_id, at, None, Editor(OPERATOR, admin=True))
    starts = datetime(2026, 6, 3, 9, tzinfo=UTC)
    session = services.meetings.create(Plan("Glazes", starts_at=starts), told.who(ADA))
    services.meetings.join(session, told.who(BEN))
    services.meetings.create(Plan("Far", starts_at=starts + timedelta(days=1)), told.who(BEN))
    kept = services.drafting.create(
        Form.NOTE,
        draft(title="Lamps", body="Look.", kind=Kind.NOTE, audience=[["everyone"]]),
        told.who(ADA),
    )
    services.reviewing.ask(kept.id, BEN, "Is it clear?", told.who(ADA))
    services.wishes.add(BEN, "kilns")
    services.wishes.add(BEN, "salaries")
    services.wishes.looked_at(dict.fromkeys(services.wishes.of(BEN), True))
    assert told.later(hours=6) == {}
    told.now = datetime(2026, 6, 2, 8, tzinfo=UTC)
    found = told.look()
    assert list(found) == ["ben", "ada"] or list(found) == ["ada", "ben"]
    (letter,) = found["ben"]
    assert letter["Subject"] == (
        "2 wishes that can be answered, 1 document to look at again, 1 session soon, "
        "1 draft that waits for your look"
    )
    plain = letter.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert "Glazes (with Ada Field, Wednesday, 3 June 2026, 09:00 UTC)" in text
    assert "Lamps (by Ada Field)" in text
    assert f"{SITE}/documents/{made.document_id}" in text
    assert "Far" not in text
    # What they wait for is theirs alone, and others read mailboxes.
    assert "kilns" not in text
    assert "salaries" not in text
    assert text.count("* What you waited for") == text.count(f"{SITE}/me#wishes") == 1
    assert [one["Subject"] for one in found["ada"]] == ["1 session soon"]
    told.now += timedelta(days=1)
    assert told.subjects() == {"ben": ["1 session soon"]}
    # A review that is due is told again in the next week.
    told.now = datetime(2026, 6, 8, 8, tzinfo=UTC)
    assert told.subjects() == {"ben": ["1 document to look at again"]}


@pytest.mark.parametrize("how", ["closed to them", "passed on", "put off", "replaced", "still due"])
def test_a_review_that_is_theirs_no_more_is_not_told(told: Company, how: str) -> None:
    services, editor = told.services, Editor(OPERATOR, admin=True)
    author = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
    made = services.capture.save(document("a", "Fire.", contributors=(author,)))
    newer = services.capture.save(document("b", "Fire slowly.", contributors=(author,)))
    assert made.document_id is not None
    assert newer.document_id is not None
    services.care.review(made.document_id, told.now + timedelta(hours=1), None, editor)
    # Found in the morning, and taken from them before it is sent.
    told.now = datetime(2026, 6, 2, 8, tzinfo=UTC)
    services.outbox.gather()
    (found,) = services.outbox.due()
    if how == "closed to them":
        board = Audience.of("group:board")
        services.capture.save(document("a", "Fire.", contributors=(author,), audience=board))
    elif how == "passed on":
        services.care.pass_on(made.document_id, CLEO, editor)
    elif how == "put off":
        services.care.review(made.document_id, told.now + timedelta(days=90), None, editor)
    elif how == "replaced":
        services.succession.supersede(made.document_id, newer.document_id, editor)
    assert (services.outbox.compose(found) is not None) is (how == "still due")


def test_who_left_gets_no_answer(told: Company) -> None:
    key = told.ask()
    told.later()
    told.services.questions.answer(key, "It cools too fast.", told.who(BEN))
    told.subjects()
    disable(told.services, ADA)
    assert told.later() == {}
    assert told.services.outbox.status().counts[State.VOID] == 1


def test_a_wish_is_looked_at_for_who_is_told(told: Company) -> None:
    services = told.services
    services.wishes.add(BEN, "kilns that crack")
    services.wishes.add(CLEO, "kilns that crack")
    told.choose(CLEO, Matter.WISHES, Pace.NEVER)
    assert services.outbox.hoping() == [BEN]
    services.wishing.look_for([BEN])
    assert services.outbox.hoping() == []
    told.now += timedelta(hours=5)
    assert services.outbox.hoping() == [BEN]


def test_who_is_erased_gets_nothing(told: Company) -> None:
    told.ask()
    told.subjects()
    told.choose(BEN, Matter.WISHES, Pace.SOON)
    told.services.erasing.erase(BEN)
    assert told.later() == {}
    with told.services.database.read() as connection:
        assert store.waiting(connection) == {}


def test_who_was_merged_is_told_once(told: Company) -> None:
    told.ask()
    assert told.later() == {"ben": [QUESTION]}
    told.services.merging.merge(CLEO, BEN, force=True)
    assert told.later(hours=1) == {}


def test_who_is_merged_before_it_is_sent_is_told_once(told: Company) -> None:
    told.ask(of=(BEN, CLEO))
    told.subjects()
    told.services.merging.merge(CLEO, BEN, force=True)
    assert told.later() == {"cle": [QUESTION]}
    assert told.services.outbox.status().counts[State.SENT] == 2
    assert told.later(hours=1) == {}
