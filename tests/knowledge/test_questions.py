"""Questions from the asking to the thread: who sees them, whom they go to, and who asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.search.results import Request
from knowledge.asking import Asking, Box, Question, State
from knowledge.editing import Editor
from knowledge.errors import Conflict, DataUnavailable, InvalidInput, NotAllowed, NotFound
from knowledge.people import Profile
from knowledge.questions import MAX_OPEN
from knowledge.requests import RequestKey
from knowledge.routing import REMEMBERED, Candidate
from knowledge.store import questions as store
from knowledge.store.database import Database
from knowledge.types import ANYONE, OPERATOR, Audience, Kind, Principal, Role
from tests.builders import disable, document, settings, wired

MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA, BEN, CLEO, DAN, EVE = range(1, 6)
NAMES = ("Ada Field", "Ben Osei", "Cleo Marsh", "Dan Reed", "Eve Lind")
FOUND = [Candidate(BEN, 0.9), Candidate(CLEO, 0.8), Candidate(DAN, 0.7), Candidate(EVE, 0.6)]


class Company:
    """Five colleagues, and a clock that passes when it is told to."""

    def __init__(self, data: Path) -> None:
        self.now = MONDAY
        self.services = wired(settings(data), now=lambda: self.now)
        for name in NAMES:
            groups = ("kilns",) if name[0] in "ABD" else ()
            address = f"{name[:3].lower().strip()}@example.org"
            self.services.directory.put(Profile(name, address, groups=groups))
        self.questions = self.services.questions

    def who(self, person: int) -> Principal:
        return self.services.principal(f"{NAMES[person - 1][:3].lower()}@example.org")

    def ask(self, title: str = "Why does the kiln crack?", by: int = ADA, **more: object) -> int:
        found = [one for one in FOUND if one.person_id != by]
        return self.questions.create(Asking(title, **more), self.who(by), found)  # type: ignore[arg-type]

    def sees(self, question: int) -> set[int]:
        """Who sees a question."""
        seen = set()
        for person in range(1, 6):
            try:
                self.questions.show(question, self.who(person))
            except NotFound:
                continue
            seen.add(person)
        return seen

    def of(self, person: int, box: Box) -> list[Question]:
        return self.questions.listed(self.who(person), box)[0]


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path / "data")
    yield made
    made.services.close()


def test_from_the_question_to_the_thread_that_is_found(company: Company) -> None:
    questions = company.questions
    key = company.ask(body="Every second firing.", query="kiln cracks")
    assert [one.title for one in company.of(BEN, Box.TO_ANSWER)] == ["Why does the kiln crack?"]
    shown = questions.show(key, company.who(BEN))
    assert (shown.body, shown.query, shown.mine) == ("Every second firing.", "", False)
    assert shown.asker is not None
    assert shown.asker.name == "Ada Field"
    questions.answer(key, "It cools too fast.", company.who(BEN))
    questions.answer(key, "It cools too fast: open the damper late.", company.who(BEN))
    own = questions.show(key, company.who(ADA))
    assert (own.query, own.mine, own.asker) == ("kiln cracks", True, None)
    (answer,) = own.answers
    made = questions.accept(key, answer.id, company.who(ADA))
    assert questions.accept(key, answer.id, company.who(ADA)) == made
    told = company.services.editing.show(made, Editor(company.who(EVE)))
    assert (told.document.kind, told.document.title) == (Kind.THREAD, "Why does the kiln crack?")
    assert [(c.person_id, c.role) for c in told.document.contributions] == [(BEN, Role.ANSWERER)]
    assert told.body == (
        "Every second firing.\n\n## Answer\n\nIt cools too fast: open the damper late.\n"
    )
    found = company.services.pipeline.search(Request("kiln damper"), company.who(EVE))
    assert [hit.document.id for hit in found.answers] == [made]
    after = questions.show(key, company.who(BEN))
    assert (after.state, after.document_id) == (State.ANSWERED, made)
    assert [one.accepted for one in after.answers] == [True]
    assert company.of(BEN, Box.TO_ANSWER) == []
    with pytest.raises(Conflict):
        questions.answer(key, "Or not.", company.who(CLEO))


def test_nobody_sees_it_but_who_asks_and_who_was_asked(company: Company) -> None:
    key = company.ask()
    assert company.sees(key) == {ADA, BEN, CLEO}
    for nobody in (OPERATOR, ANYONE):
        with pytest.raises(NotAllowed):
            company.questions.show(key, nobody)
    for act in (
        lambda who: company.questions.answer(key, "x", who),
        lambda who: company.questions.hand_on(key, who),
        lambda who: company.questions.withdraw(key, who),
        lambda who: company.questions.accept(key, 1, who),
        lambda who: company.questions.note(key, who),
    ):
        with pytest.raises(NotFound):
            act(company.who(DAN))
    company.questions.withdraw(key, company.who(ADA))
    assert company.sees(key) == {ADA}
    assert [one.state for one in company.of(ADA, Box.ASKED)] == [State.WITHDRAWN]
    assert company.of(BEN, Box.TO_ANSWER) == []


def test_each_does_only_what_is_theirs(company: Company) -> None:
    key = company.ask()
    company.questions.answer(key, "So.", company.who(BEN))
    (answer,) = company.questions.show(key, company.who(ADA)).answers
    with pytest.raises(Conflict):
        company.questions.answer(key, "Myself.", company.who(ADA))
    with pytest.raises(Conflict):
        company.questions.hand_on(key, company.who(ADA))
    for act in (
        lambda: company.questions.withdraw(key, company.who(BEN)),
        lambda: company.questions.accept(key, answer.id, company.who(BEN)),
    ):
        with pytest.raises(Conflict):
            act()
    with pytest.raises(NotFound):
        company.questions.accept(key, answer.id + 1, company.who(ADA))
    with pytest.raises(InvalidInput):
        company.questions.answer(key, " ", company.who(BEN))
    company.questions.accept(key, answer.id, company.who(ADA))
    with pytest.raises(Conflict):
        company.questions.withdraw(key, company.who(ADA))


def test_who_asks_anonymously_is_told_to_nobody(company: Company) -> None:
    key = company.ask(anonymous=True)
    shown = company.questions.show(key, company.who(BEN))
    assert (shown.asker, shown.anonymous) == (None, True)
    company.questions.answer(key, "So.", company.who(BEN))
    (answer,) = company.questions.show(key, company.who(ADA)).answers
    made = company.questions.accept(key, answer.id, company.who(ADA))
    told = company.services.editing.show(made, Editor(OPERATOR, admin=True))
    assert "Ada" not in repr(told)
    # A group would tell who may have asked.
    with pytest.raises(InvalidInput, match="anonymously"):
        company.ask("And now?", anonymous=True, audience=Audience.of("group:kilns"))


def test_handing_on_never_tells_who_asks(company: Company) -> None:
    """To the very one who asks, to somebody away, to anybody: it looks the same, and somebody else
    is asked where they cannot be."""
    for number, to in enumerate((ADA, DAN, EVE)):
        company.now = MONDAY + number * (
            REMEMBERED + timedelta(days=1)
        )  # all are as free as before
        key = company.ask(f"Question {number}?", anonymous=True)
        if to == DAN:
            company.services.privacy.decide(DAN, paused_until=company.now + timedelta(days=9))
        company.questions.hand_on(key, company.who(BEN), to)
        company.services.privacy.decide(DAN, paused_until=None)
        expected = {ADA: DAN, DAN: EVE, EVE: EVE}[to]
        assert company.sees(key) == {ADA, CLEO, expected}
    with pytest.raises(NotFound):
        company.questions.hand_on(key, company.who(CLEO), 99)


def test_after_two_working_days_further_colleagues_are_asked(company: Company) -> None:
    company.now = MONDAY + timedelta(days=4)  # a Friday
    key = company.ask()
    company.now += timedelta(days=4, seconds=-1)
    assert company.sees(key) == {ADA, BEN, CLEO}
    company.now += timedelta(seconds=1)
    # Whoever opens a list lets it go on, and finds it there.
    assert [one.id for one in company.of(EVE, Box.TO_ANSWER)] == [key]
    assert company.sees(key) == {ADA, BEN, CLEO, DAN, EVE}


def test_what_is_answered_goes_to_nobody_further(company: Company) -> None:
    key = company.ask()
    company.questions.answer(key, "So.", company.who(BEN))
    company.now += timedelta(days=30)
    assert company.sees(key) == {ADA, BEN, CLEO}


def test_lists_are_read_where_nothing_can_be_written(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.ask()
    company.now += timedelta(days=30)

    def full(_database: Database, frees: bool = False) -> None:
        raise DataUnavailable("the disk is full")

    monkeypatch.setattr(Database, "write", full)
    assert len(company.of(BEN, Box.TO_ANSWER)) == 1


def test_nobody_gets_more_than_so_many_a_week(company: Company) -> None:
    asked = [company.ask(f"Question {number}?") for number in range(12)]
    seen = [company.sees(key) - {ADA} for key in asked]
    counts = {person: sum(person in one for one in seen) for person in (BEN, CLEO, DAN, EVE)}
    assert set(counts.values()) == {5}
    # Those for which nobody had time wait until somebody has it again.
    without = [key for key, found in zip(asked, seen, strict=True) if not found]
    assert without
    company.now += timedelta(days=8)
    assert len(company.sees(without[0])) > 1


def test_only_who_can_be_asked_is_asked(company: Company) -> None:
    services = company.services
    services.privacy.decide(BEN, paused_until=MONDAY + timedelta(days=1))
    services.privacy.decide(CLEO, consents={"consent_written": False})
    disable(services, DAN)
    assert company.questions.count(FOUND, company.who(ADA)) == 1
    assert company.sees(company.ask()) == {ADA, EVE}
    disable(services, EVE)
    with pytest.raises(InvalidInput, match="nobody who can be asked"):
        company.ask("Another?")
    # Somebody whom only documents know cannot sign in.
    services.capture.save(document("a", "By Ada Field.", source="elsewhere"))
    with pytest.raises(InvalidInput, match="nobody who can be asked"):
        company.questions.create(Asking("Another?"), company.who(ADA), [Candidate(ADA, 0.9)])


def test_only_who_will_read_the_answer_is_asked(company: Company) -> None:
    key = company.ask(audience=Audience.of("group:kilns"))
    assert company.sees(key) == {ADA, BEN, DAN}
    for audience in (Audience.of("group:board"), Audience.of("person:1"), Audience.of("public")):
        with pytest.raises(InvalidInput):
            company.ask("Another?", audience=audience)


def test_whoever_is_named_is_asked_first(company: Company) -> None:
    assert EVE in company.sees(company.ask(to=EVE))
    assert company.sees(company.questions.create(Asking("X?", to=EVE), company.who(ADA), [])) == {
        ADA,
        EVE,
    }
    with pytest.raises(NotFound):
        company.ask("Another?", to=99)


def test_whether_a_colleague_whom_one_means_can_be_asked_is_not_told(company: Company) -> None:
    company.services.privacy.decide(EVE, consents={"consent_written": False})
    key = company.questions.create(Asking("X?", to=EVE), company.who(ADA), [])
    assert company.sees(key) == {ADA}


def test_an_answer_that_changed_since_it_was_read_is_not_taken(company: Company) -> None:
    key = company.ask()
    company.questions.answer(key, "It cracks.", company.who(BEN))
    (read,) = company.questions.show(key, company.who(ADA)).answers
    company.now += timedelta(minutes=1)
    company.questions.answer(key, "It melts.", company.who(BEN))
    with pytest.raises(Conflict, match="changed since you read it"):
        company.questions.accept(key, read.id, company.who(ADA), read.at)
    (read,) = company.questions.show(key, company.who(ADA)).answers
    assert company.questions.accept(key, read.id, company.who(ADA), read.at)


def test_the_same_is_asked_once_and_not_too_much(company: Company) -> None:
    key = RequestKey("person:1", "k", "f")
    given, who = Asking("Why?"), company.who(ADA)
    first = company.questions.create(given, who, FOUND, key)
    assert company.questions.create(given, who, FOUND, key) == first
    assert company.questions.same(" why? ", who) == first
    assert company.questions.same("why?", company.who(BEN)) is None
    with pytest.raises(Conflict):
        company.ask(" WHY? ")
    for number in range(MAX_OPEN - 1):
        company.ask(f"Question {number}?")
    with pytest.raises(InvalidInput, match="20"):
        company.ask("One more?")
    company.questions.withdraw(first, who)
    assert company.ask("Why?") > first


@pytest.mark.parametrize(
    "given",
    [
        Asking(" "),
        Asking("x" * 301),
        Asking("x", body="x" * 20_001),
        Asking("x", query="x" * 1001),
        Asking("a\0b"),
    ],
)
def test_what_cannot_be_kept_is_not_asked(company: Company, given: Asking) -> None:
    with pytest.raises(InvalidInput):
        company.questions.create(given, company.who(ADA), FOUND)


def test_an_answer_becomes_a_draft_of_who_gave_it(company: Company) -> None:
    key = company.ask()
    company.questions.answer(key, "Open the damper.", company.who(BEN))
    made = company.questions.note(key, company.who(BEN))
    assert (made.title, made.kind) == ("Why does the kiln crack?", Kind.NOTE)
    assert made.body == "## The one thing\n\nOpen the damper.\n"
    for other in (ADA, CLEO):
        with pytest.raises(NotFound):
            company.questions.note(key, company.who(other))


def test_an_answer_that_changed_meanwhile_is_not_published(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = company.ask()
    company.questions.answer(key, "Open it.", company.who(BEN))
    (answer,) = company.questions.show(key, company.who(ADA)).answers
    save = company.services.capture.save

    def late(*given: object, **more: object) -> object:
        company.questions.answer(key, "Shut it!", company.who(BEN))
        return save(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(company.services.capture, "save", late)
    with pytest.raises(Conflict, match="changed"):
        company.questions.accept(key, answer.id, company.who(ADA))
    assert company.questions.show(key, company.who(ADA)).state is State.OPEN


def test_whoever_is_part_of_somebody_is_asked_as_them(company: Company) -> None:
    key = company.ask()
    company.services.merging.merge(EVE, BEN, force=True)
    assert company.sees(key) >= {ADA, CLEO, EVE}
    company.now += timedelta(days=10)
    company.of(ADA, Box.ASKED)
    with company.services.database.read() as connection:
        asked = {one.person_id for one in store.candidates(connection, key) if one.asked_at}
    assert asked == {BEN, CLEO, DAN}


def test_lists_go_on(company: Company) -> None:
    asked = [company.ask(f"Question {number}?") for number in range(3)]
    first, more = company.questions.listed(company.who(ADA), Box.ASKED, 0, 2)
    assert ([one.id for one in first], more) == (asked[:0:-1], True)
    rest, more = company.questions.listed(company.who(ADA), Box.ASKED, 2, 2)
    assert ([one.id for one in rest], more) == (asked[:1], False)


def test_what_one_answered_stays_with_whether_it_helped(company: Company) -> None:
    questions = company.questions
    key = company.ask()
    asked = [person for person in (BEN, CLEO, DAN, EVE) if person in company.sees(key)]
    first, second = asked[:2]
    questions.answer(key, "It cools too fast.", company.who(first))
    questions.answer(key, "No idea.", company.who(second))
    assert company.of(first, Box.ANSWERED) == []  # it is still open
    taken = questions.show(key, company.who(ADA)).answers[0]
    questions.accept(key, taken.id, company.who(ADA))
    for person, helped in ((first, True), (second, False)):
        (one,) = company.of(person, Box.ANSWERED)
        (own,) = [answer for answer in one.answers if answer.mine]
        assert (one.id, own.accepted) == (key, helped)
    assert company.of(ADA, Box.ANSWERED) == []


def test_what_one_handed_on_is_not_among_what_one_answered(company: Company) -> None:
    questions = company.questions
    key = company.ask()
    first, second = [person for person in (BEN, CLEO, DAN, EVE) if person in company.sees(key)][:2]
    for person in (first, second):
        questions.answer(key, "It cools too fast.", company.who(person))
    questions.hand_on(key, company.who(first))
    questions.accept(key, 2, company.who(ADA))
    assert company.of(first, Box.ANSWERED) == []
    assert len(company.of(second, Box.ANSWERED)) == 1
