"""Sessions from the wish to who came: who reads of them, takes part, and may do what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.errors import Conflict, DataUnavailable, InvalidInput, NotAllowed, NotFound
from knowledge.meeting import Box, Format, Meeting, Plan, State
from knowledge.meetings import MAX_OPEN
from knowledge.people import Profile
from knowledge.requests import RequestKey
from knowledge.store import meetings as store
from knowledge.store.database import Database
from knowledge.types import ANYONE, OPERATOR, Audience, Level, Principal
from tests.builders import document, settings, wired

MONDAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA, BEN, CLEO, DAN, EVE = range(1, 6)
NAMES = ("Ada Field", "Ben Osei", "Cleo Marsh", "Dan Reed", "Eve Lind")
TALK = Plan("Firing kilns", starts_at=MONDAY + timedelta(days=1), minutes=45, place="Room 3")
KILNS = Audience.of("group:kilns")


class Company:
    """Five colleagues, and a clock that passes when it is told to."""

    def __init__(self, data: Path) -> None:
        self.now = MONDAY
        self.services = wired(settings(data), now=lambda: self.now)
        for name in NAMES:
            groups = ("kilns",) if name[0] in "ABD" else ()
            self.services.directory.put(
                Profile(name, f"{name[:3].lower().strip()}@example.org", groups=groups)
            )
        self.meetings = self.services.meetings

    def who(self, person: int) -> Principal:
        return self.services.principal(f"{NAMES[person - 1][:3].lower()}@example.org")

    def make(self, plan: Plan = TALK, by: int = ADA, *joining: int) -> int:
        key = self.meetings.create(plan, self.who(by))
        for one in joining:
            self.meetings.join(key, self.who(one))
        return key

    def show(self, key: int, by: int) -> Meeting:
        return self.meetings.show(key, self.who(by))

    def listed(self, by: int, box: Box) -> list[int]:
        return [one.id for one in self.meetings.listed(self.who(by), box)[0]]

    def held(self, *came: int) -> int:
        """A session of Ada's in which these took part, and came."""
        key = self.make(TALK, ADA, *came)
        self.now += timedelta(days=2)
        self.meetings.attended(key, came, self.who(ADA))
        return key


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company(tmp_path / "data")
    yield made
    made.services.close()


def test_from_the_offer_to_who_came(company: Company) -> None:
    key = company.make(TALK, ADA, BEN, CLEO)
    assert company.listed(EVE, Box.COMING) == [key]
    shown = company.show(key, EVE)
    assert (shown.count, shown.participants, shown.joined) == (2, None, False)
    assert shown.host is not None
    assert shown.host.name == "Ada Field"
    assert shown.ends_at == MONDAY + timedelta(days=1, minutes=45)
    seen = company.show(key, BEN)
    assert [one.person.name for one in seen.participants or ()] == ["Ben Osei", "Cleo Marsh"]
    with pytest.raises(Conflict, match="not begun"):
        company.meetings.attended(key, [BEN], company.who(ADA))
    company.now += timedelta(days=2)
    assert company.listed(EVE, Box.COMING) == []
    company.meetings.attended(key, [BEN], company.who(ADA))
    assert company.show(key, ADA).state is State.HELD
    came = {one.person.id: one.came for one in company.show(key, ADA).participants or ()}
    assert came == {BEN: True, CLEO: False}
    # Each is told of themselves alone.
    assert (company.show(key, BEN).came, company.show(key, CLEO).came) == (True, False)
    assert {one.came for one in company.show(key, BEN).participants or ()} == {None}
    assert (company.show(key, BEN).asked, company.show(key, CLEO).asked) == (True, False)
    assert company.listed(EVE, Box.PAST) == [key]
    assert company.listed(BEN, Box.MINE) == [key]
    with pytest.raises(InvalidInput):
        company.meetings.attended(key, [EVE], company.who(ADA))


def test_what_somebody_wishes_for_another_holds(company: Company) -> None:
    wish = Plan("Glazing", Format.SHADOWING, audience=KILNS)
    key = company.make(wish, BEN, DAN)
    assert company.listed(ADA, Box.WANTED) == [key]
    assert company.listed(CLEO, Box.WANTED) == []
    assert (company.show(key, ADA).host, company.show(key, ADA).count) == (None, 2)
    with pytest.raises(Conflict):
        company.meetings.change(key, wish, company.who(ADA))
    # It stays for those who wished for it, whatever its host says.
    company.meetings.change(key, replace(TALK, title="Glazing"), company.who(ADA))
    shown = company.show(key, BEN)
    assert (shown.state, shown.host and shown.host.id) == (State.PLANNED, ADA)
    assert (shown.joined, shown.led, shown.plan.audience) == (True, False, KILNS)
    with pytest.raises(NotFound):
        company.show(key, CLEO)
    with pytest.raises(Conflict):
        company.meetings.cancel(key, company.who(BEN))


def test_whom_it_is_not_for_finds_none(company: Company) -> None:
    key = company.make(replace(TALK, audience=KILNS), ADA)
    for act in (
        lambda: company.show(key, CLEO),
        lambda: company.meetings.join(key, company.who(CLEO)),
        lambda: company.meetings.leave(key, company.who(CLEO)),
        lambda: company.meetings.cancel(key, company.who(CLEO)),
        lambda: company.meetings.change(key, TALK, company.who(CLEO)),
        lambda: company.meetings.attended(key, [], company.who(CLEO)),
    ):
        with pytest.raises(NotFound):
            act()
    for box in Box:
        assert company.listed(CLEO, box) == []
    for nobody in (OPERATOR, ANYONE):
        with pytest.raises(NotAllowed):
            company.meetings.show(key, nobody)


def test_when_it_is_for_fewer_the_others_are_out_at_once(company: Company) -> None:
    key = company.make(TALK, ADA, BEN, CLEO)
    company.meetings.change(key, replace(TALK, audience=KILNS), company.who(ADA))
    assert company.show(key, BEN).count == 1
    with pytest.raises(NotFound):
        company.show(key, CLEO)
    assert company.listed(CLEO, Box.MINE) == []


def test_seats_are_bounded_also_when_all_want_them_at_once(company: Company) -> None:
    key = company.make(replace(TALK, seats=2), ADA)
    asking = [company.who(one) for one in (BEN, CLEO, DAN, EVE)]

    def join(who: Principal) -> bool:
        try:
            company.meetings.join(key, who)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(join, asking)) == 2
    shown = company.show(key, ADA)
    assert (shown.count, shown.full) == (2, True)
    with pytest.raises(Conflict, match="seats"):
        company.meetings.change(key, replace(TALK, seats=1), company.who(ADA))
    (first, _) = [one.person.id for one in shown.participants or ()]
    company.meetings.join(key, company.who(first))  # again is no other seat
    company.meetings.leave(key, company.who(first))
    outside = next(one for one in (BEN, CLEO, DAN, EVE) if not company.show(key, one).joined)
    company.meetings.join(key, company.who(outside))
    assert company.show(key, ADA).count == 2


def test_each_does_only_what_is_theirs_and_in_time(company: Company) -> None:
    key = company.make(TALK, ADA, BEN)
    with pytest.raises(Conflict, match="no seat"):
        company.meetings.join(key, company.who(ADA))
    theirs: list[Callable[[], object]] = [
        lambda: company.meetings.cancel(key, company.who(BEN)),
        lambda: company.meetings.change(key, TALK, company.who(BEN)),
        lambda: company.meetings.attended(key, [BEN], company.who(BEN)),
        lambda: company.meetings.recorded(key, "0" * 32, company.who(BEN)),
    ]
    for act in theirs:
        with pytest.raises(Conflict):
            act()
    with pytest.raises(InvalidInput, match="needs a time"):
        company.meetings.change(key, replace(TALK, starts_at=None), company.who(ADA))
    company.now += timedelta(days=3)
    with pytest.raises(Conflict, match="ended"):
        company.meetings.join(key, company.who(CLEO))
    company.meetings.cancel(key, company.who(ADA))
    assert company.show(key, EVE).state is State.CANCELLED
    assert company.listed(EVE, Box.PAST) == []
    late: list[Callable[[], object]] = [
        lambda: company.meetings.join(key, company.who(CLEO)),
        lambda: company.meetings.change(key, TALK, company.who(ADA)),
        lambda: company.meetings.cancel(key, company.who(ADA)),
        lambda: company.meetings.attended(key, [BEN], company.who(ADA)),
    ]
    for act in late:
        with pytest.raises(Conflict, match="over"):
            act()
    company.meetings.leave(key, company.who(BEN))
    company.now = MONDAY
    held = company.held(CLEO)
    with pytest.raises(Conflict):
        company.meetings.leave(held, company.who(CLEO))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"title": "x" * 301},
        {"description": "x" * 20_001},
        {"place": "a\0b"},
        {"minutes": 0},
        {"seats": 0},
        {"starts_at": MONDAY},
        {"starts_at": datetime(9500, 1, 1, tzinfo=UTC)},
        {"audience": Audience.of("group:board")},
        {"audience": Audience.of("person:1")},
        {"audience": Audience.of("public")},
    ],
)
def test_what_cannot_be_is_not_announced(company: Company, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        company.make(replace(TALK, **changes))  # type: ignore[arg-type]


def test_a_repeated_request_makes_one_and_nobody_too_many(company: Company) -> None:
    key, who = RequestKey("person:1", "k", "f"), company.who(ADA)
    first = company.meetings.create(TALK, who, key)
    assert company.meetings.create(TALK, who, key) == first
    for _ in range(MAX_OPEN - 1):
        company.meetings.create(Plan("Again"), who)
    with pytest.raises(InvalidInput, match=str(MAX_OPEN)):
        company.make()
    company.meetings.cancel(first, who)
    assert company.make() > first


def test_lists_go_on_in_their_order(company: Company) -> None:
    later = company.make(replace(TALK, starts_at=MONDAY + timedelta(days=3)))
    sooner = company.make(replace(TALK, level=Level.EXPERT, description="Long."))
    first, more = company.meetings.listed(company.who(EVE), Box.COMING, 0, 1)
    assert ([one.id for one in first], more) == ([sooner], True)
    assert (first[0].plan.description, first[0].plan.level) == ("", Level.EXPERT)
    rest, more = company.meetings.listed(company.who(EVE), Box.COMING, 1, 1)
    assert ([one.id for one in rest], more) == ([later], False)
    company.now += timedelta(days=9)
    assert company.listed(EVE, Box.PAST) == [later, sooner]


def test_its_transcript_is_linked_when_it_is_there_for_those_who_may_read_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = company.held(BEN)
    company.meetings.recorded(key, "f" * 32, company.who(ADA))
    assert company.show(key, BEN).document_id is None
    made = company.services.capture.save(
        document("talk", "The kiln sings.", audience=KILNS)
    ).document_id
    monkeypatch.setattr(store, "document_of", lambda *_: made)
    with monkeypatch.context() as patch:

        def full(_database: Database, frees: bool = False) -> None:
            raise DataUnavailable("the disk is full")

        patch.setattr(Database, "write", full)
        assert company.show(key, BEN).document_id is None
    assert company.show(key, BEN).document_id == made
    assert company.show(key, CLEO).document_id is None


def test_two_records_of_one_person_take_one_seat(company: Company) -> None:
    key = company.make(TALK, ADA, BEN, EVE)
    company.services.merging.merge(EVE, BEN, force=True)
    shown = company.show(key, EVE)
    assert (shown.count, shown.joined) == (1, True)
    company.meetings.leave(key, company.who(EVE))
    assert company.show(key, ADA).count == 0


def test_who_is_erased_is_in_no_session(company: Company) -> None:
    held = company.held(BEN, CLEO)
    company.now = MONDAY
    coming = company.make(TALK, ADA, CLEO)
    wish = company.make(Plan("As Ada Field does"), BEN)
    taken = company.make(Plan("Glazing"), ADA)
    company.meetings.change(taken, replace(TALK, title="Glazing"), company.who(DAN))
    company.services.erasing.erase(ADA)
    shown = company.show(held, BEN)
    assert (shown.host, shown.count) == (None, 2)
    with pytest.raises(NotFound):
        company.show(coming, CLEO)
    assert "Ada" not in company.show(wish, BEN).plan.title
    assert (company.show(taken, DAN).asker, company.show(taken, DAN).count) == (None, 0)


@pytest.mark.parametrize("with_writing", [False, True])
def test_what_others_wished_for_outlasts_its_host(company: Company, with_writing: bool) -> None:
    wish = company.make(Plan("Glazing pots"), BEN, CLEO)
    company.meetings.change(wish, replace(TALK, title="Glazing pots"), company.who(ADA))
    assert company.show(wish, CLEO).state is State.PLANNED
    company.services.erasing.erase(ADA, with_writing=with_writing)
    shown = company.show(wish, CLEO)
    assert (shown.state, shown.host, shown.plan.title) == (State.WANTED, None, "Glazing pots")
    assert (shown.plan.starts_at, shown.plan.place, shown.joined) == (None, "", True)
    assert company.listed(DAN, Box.WANTED) == [wish]


def test_with_their_writing_what_they_held_goes(company: Company) -> None:
    held = company.held(BEN)
    company.services.erasing.erase(ADA, with_writing=True)
    with pytest.raises(NotFound):
        company.show(held, BEN)
