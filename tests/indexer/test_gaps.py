"""Gaps: found in the log, the same from one look to the next, closed and opened again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from api.services import Services
from indexer.gaps import CLOSED_FOR, FRESH, ShownGap
from knowledge import gapped
from knowledge.asked import GapState, Week
from knowledge.editing import Editor
from knowledge.errors import DataUnavailable, NotFound
from knowledge.gaps import LOOKED_BACK
from knowledge.people import Profile
from knowledge.roles import Standing
from knowledge.store import access, erasing, queries
from knowledge.store.tables import queries as logged
from knowledge.types import Audience, Contributor, Principal, Role
from tests.builders import document, settings, wired
from tests.indexer.searching import log

MONDAY = datetime(2026, 5, 4, 12, tzinfo=UTC)
ADMIN = Editor(Principal(signed_in=True), True, "person:1")
ANSWER = "# Oven\n\nThe heraldic oven is descaled with vinegar, once a month, in the kitchen."
ASKED = "how is the heraldic oven descaled"
FIVE = "abcde"


@dataclass
class World:
    """An installation with a clock."""

    services: Services
    clock: list[datetime] = field(default_factory=lambda: [MONDAY])

    def log(self, text: str, askers: Any = FIVE, **more: Any) -> None:
        self.pass_on(timedelta(seconds=1))
        log(self.services.database, text, askers, self.clock[0], **more)

    def pass_on(self, by: timedelta = FRESH) -> None:
        self.clock[0] += by

    def look(
        self, state: GapState = GapState.OPEN, editor: Editor = ADMIN, **more: Any
    ) -> list[ShownGap]:
        """After as long as what was found before holds."""
        self.pass_on()
        return self.services.gap_finder.page(editor, state=state, **more)[0]

    def states(self) -> dict[str, str]:
        return {gap.text: f"{gap.state.value} by {gap.by}" for gap in self.services.gaps.kept()}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = [MONDAY]
    services = wired(settings(tmp_path), now=lambda: clock[0])
    yield World(services, clock)
    services.close()


def test_what_five_people_miss_is_one_gap_from_look_to_look(world: World) -> None:
    world.log("who knows the heraldic oven", "abc")
    world.log("heraldic oven?", FIVE)
    world.log("harpsichord tuning", "abcd")
    (first,) = world.look()
    assert (first.gap.text, first.gap.state) == ("heraldic oven?", GapState.OPEN)
    assert first.cluster is not None
    assert (first.askers, first.failed) == (5, 8)
    # Another text is searched for most by now; it is the gap that it was.
    world.log("the heraldic oven", "fghijklmno")
    (again,) = world.look()
    assert again.cluster is not None
    assert again.cluster.text == "the heraldic oven"
    assert again.gap.id == first.gap.id
    assert again.gap.text == "heraldic oven?"
    assert again.gap.first_seen == first.gap.first_seen


def test_another_process_finds_the_same(world: World) -> None:
    world.log("heraldic oven")
    (first,) = world.look()
    with_same = wired(world.services.settings, now=lambda: world.clock[0])
    ((other,), _) = with_same.gap_finder.page(ADMIN)
    with_same.close()
    assert other == first
    assert len(world.services.gaps.kept()) == 1


def test_what_was_found_holds_for_a_while_or_until_documents_change(world: World) -> None:
    assert world.look() == []
    world.log("heraldic oven")
    assert world.services.gap_finder.look() == {}
    world.services.capture.save(document("1", "Something else."))
    assert list(world.services.gap_finder.look()) == [1]


def test_it_closes_when_all_may_read_an_answer(world: World) -> None:
    world.log(ASKED)
    assert len(world.look()) == 1
    save = world.services.capture.save
    save(document("1", ANSWER, audience=Audience.of("group:vault")))
    assert len(world.look()) == 1
    save(document("1", ANSWER))
    assert world.look() == []
    assert world.states() == {ASKED: "closed by answer"}
    (closed,) = world.look(GapState.CLOSED)
    assert closed.people == ()
    world.pass_on(CLOSED_FOR)
    assert world.look(GapState.CLOSED) == []


def test_what_was_answered_before_anybody_looked_is_no_open_gap(world: World) -> None:
    world.log(ASKED)
    world.services.capture.save(document("1", ANSWER))
    assert world.look() == []
    assert world.states() == {ASKED: "closed by answer"}


def test_it_closes_when_five_find_it_and_opens_when_five_fail_again(world: World) -> None:
    world.log("heraldic oven")
    assert len(world.look()) == 1
    world.log("the heraldic oven", "fghi", sure=True)
    assert len(world.look()) == 1
    world.log("heraldic oven", "j", sure=True)
    assert world.look() == []
    assert world.states() == {"heraldic oven": "closed by searches"}
    world.log("heraldic oven", "abcd")
    assert world.look() == []
    world.log("heraldic oven", "e", sure=True, rejected=True)
    assert len(world.look()) == 1
    assert world.states() == {"heraldic oven": "open by searches"}


def test_an_answer_that_is_rejected_closes_nothing(world: World) -> None:
    world.services.capture.save(document("1", ANSWER))
    world.log(ASKED, sure=True, rejected=True)
    assert len(world.look()) == 1
    assert world.states() == {ASKED: "open by searches"}


def test_a_curator_dismisses_and_reopens_it(world: World) -> None:
    world.log(ASKED)
    (shown,) = world.look()
    gaps, number = world.services.gaps, shown.gap.id
    gaps.dismiss(number, ADMIN)
    assert world.look() == []
    world.log(ASKED, "fghij")
    assert world.look() == []
    assert [one.gap.id for one in world.look(GapState.DISMISSED)] == [number]
    world.services.capture.save(document("1", ANSWER))
    gaps.reopen(number, ADMIN)
    # To the curator what is found is no answer: only searches close it.
    assert [one.gap.id for one in world.look()] == [number]
    world.log(ASKED, "klmno", sure=True)
    assert world.look() == []
    actions = [one.action for one in world.services.journal.newest(9)]
    assert actions[:2] == ["gap-reopened", "gap-dismissed"]
    gaps.reopen(number, ADMIN)
    gaps.reopen(number, ADMIN)
    assert [one.action for one in world.services.journal.newest(9)].count("gap-reopened") == 2


def test_only_who_looks_after_something_is_told(world: World) -> None:
    world.log("heraldic oven")
    page, gaps = world.services.gap_finder.page, world.services.gaps
    member = Editor(Principal(signed_in=True), False, "person:2")
    assert page(member) == ([], False)
    (shown,) = page(member, Standing(topics=frozenset({"ovens"})))[0]
    assert page(member, Standing(sources=frozenset({"wiki"})))[0] == [shown]
    for move in (gaps.dismiss, gaps.reopen):
        with pytest.raises(NotFound):
            move(shown.gap.id, member)
        with pytest.raises(NotFound):
            move(99, ADMIN)
    assert world.states() == {"heraldic oven": "open by searches"}


def test_topic_and_people_are_those_that_the_curator_may_read(world: World) -> None:
    put = world.services.directory.put
    put(Profile("Ada Field", "ada@example.org", groups=("vault",)))
    put(Profile("Ben Osei", "ben@example.org"))
    ben = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")
    save = world.services.capture.save
    save(document("1", "The oven was bought.", contributors=(ben,), tags=("purchases",)))
    secret = "The heraldic oven. How the oven is descaled: see Ada."
    save(document("2", secret, audience=Audience.of("group:vault"), tags=("acquisition",)))
    world.log("heraldic oven")

    def seen_by(email: str) -> tuple[str | None, list[str]]:
        with world.services.database.read() as connection:
            principal = access.principal_for(connection, email)
        (shown,) = world.look(editor=Editor(principal, True, "person:1"))
        return shown.topic, sorted(hit.person.name for hit in shown.people)

    assert seen_by("ben@example.org") == ("purchases", ["Ben Osei"])
    assert seen_by("ada@example.org") == ("acquisition", ["Ada Field", "Ben Osei"])
    # Who does not want to be asked is not suggested.
    until = world.clock[0] + timedelta(days=30)
    world.services.privacy.decide(1, paused_until=until)
    assert seen_by("ada@example.org") == ("acquisition", ["Ben Osei"])


def test_what_most_people_miss_comes_first_and_in_pages(world: World) -> None:
    names = ["heraldic oven", "harpsichord tuning", "zeppelin moorings"]
    for number, name in enumerate(names):
        world.log(name, range(5 + number))
    page = world.services.gap_finder.page
    first, more = page(ADMIN, limit=2)
    assert ([one.gap.text for one in first], more) == (names[:0:-1], True)
    rest, more = page(ADMIN, offset=2, limit=2)
    assert ([one.gap.text for one in rest], more) == (names[:1], False)


def test_the_words_of_one_person_are_nowhere(world: World) -> None:
    world.log("heraldic oven", "abcd")
    world.log("heraldic oven says quirina", "e")
    (shown,) = world.look()
    assert shown.gap.text == "heraldic oven"
    assert shown.cluster is not None
    assert (shown.cluster.texts, shown.cluster.words) == ((), ("heraldic", "oven"))
    assert "quirina" not in repr(shown)
    assert all("quirina" not in gap.text for gap in world.services.gaps.kept())


def test_it_is_forgotten_a_year_after_it_was_last_seen(world: World) -> None:
    world.log("heraldic oven")
    assert len(world.look()) == 1
    with world.services.database.write() as connection:
        queries.forget_before(connection, world.clock[0])
    world.pass_on(timedelta(days=364))
    assert world.look() == []
    assert len(world.services.gaps.kept()) == 1
    world.pass_on(timedelta(days=1))
    assert world.look() == []
    assert world.services.gaps.kept() == []


def forgotten(world: World) -> None:
    """The week is over, somebody looked, and then the log forgot its searches."""
    world.pass_on(timedelta(days=8))
    assert len(world.look()) == 1
    with world.services.database.write() as connection:
        queries.forget_before(connection, world.clock[0])
    world.pass_on(timedelta(days=60))


def test_it_is_told_until_it_closes_though_the_log_forgets(world: World) -> None:
    world.log("heraldic oven", "abcdefg")
    world.log("harpsichord tuning", "abcd")
    forgotten(world)
    (shown,) = world.look()
    assert (shown.gap.text, shown.cluster) == ("heraldic oven", None)
    assert shown.weeks == (Week("2026-W19", 7, 7),)
    # What is missed now comes before what was, and is the same gap.
    world.log("harpsichord tuning", "abcde")
    assert [one.gap.text for one in world.look()] == ["harpsichord tuning", "heraldic oven"]
    world.log("the heraldic oven", "abcde")
    again = world.look()[0]
    assert again.gap.id == shown.gap.id
    assert [(week.askers, week.searches) for week in again.weeks] == [(7, 7), (5, 5)]
    assert world.states()["heraldic oven"] == "open by searches"


def test_only_what_is_missed_since_it_opened_again_counts(world: World) -> None:
    world.log("heraldic oven", range(30))
    assert len(world.look()) == 1
    world.pass_on(timedelta(days=7))
    world.log("heraldic oven", FIVE, sure=True)
    assert world.look() == []
    world.pass_on(timedelta(days=7))
    world.log("harpsichord tuning", range(7))
    world.log("heraldic oven")
    # Who looks when the week is over is told of it, too.
    world.pass_on(timedelta(days=8))
    first, second = world.look()
    assert [one.gap.text for one in (first, second)] == ["harpsichord tuning", "heraldic oven"]
    assert (second.askers, second.failed) == (5, 5)
    assert second.weeks == (Week("2026-W21", 5, 5),)
    assert second.gap.changed_at == datetime(2026, 5, 18, tzinfo=UTC)  # when nobody searched
    # What a curator opens never was closed, to them.
    world.services.gaps.dismiss(second.gap.id, ADMIN)
    world.services.gaps.reopen(second.gap.id, ADMIN)
    assert [one.askers for one in world.look()] == [30, 7]


def test_what_the_log_forgot_closes_with_an_answer_or_is_dismissed(world: World) -> None:
    world.log(ASKED)
    forgotten(world)
    (shown,) = world.look()
    world.services.gaps.dismiss(shown.gap.id, ADMIN)
    assert world.look() == []
    world.services.gaps.reopen(shown.gap.id, ADMIN)
    assert [one.gap.id for one in world.look()] == [shown.gap.id]


def test_what_the_log_forgot_is_tried_for_an_answer(world: World) -> None:
    world.log(ASKED)
    forgotten(world)
    assert len(world.look()) == 1
    world.services.capture.save(document("1", ANSWER))
    assert world.look() == []
    assert world.states() == {ASKED: "closed by answer"}


def test_a_rejected_answer_closes_nothing_though_the_log_forgets(world: World) -> None:
    world.services.capture.save(document("1", ANSWER))
    world.log(ASKED, sure=True, rejected=True)
    forgotten(world)
    assert len(world.look()) == 1


def test_a_week_is_kept_when_nobody_can_tell_any_more_whose_its_searches_were(
    world: World,
) -> None:
    world.log("heraldic oven")
    kept = world.services.gaps.kept
    sunday = timedelta(days=6, hours=23)
    world.pass_on(sunday)
    assert len(world.look()) == 1
    assert kept()[0].weeks == ()
    world.pass_on(timedelta(hours=13))
    assert len(world.look()) == 1
    assert kept()[0].weeks == (Week("2026-W19", 5, 5),)
    # The log forgets a week day by day.
    with world.services.database.write() as connection:
        connection.execute(delete(logged).where(logged.c.asker == "a"))
    world.log("heraldic oven", "vwxyz")
    assert len(world.look()) == 1
    assert kept()[0].weeks == (Week("2026-W19", 5, 5),)


def test_what_cannot_be_written_keeps_nobody_from_what_was_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.log("heraldic oven")
    assert len(world.look()) == 1

    def full(*_: object, **__: object) -> None:
        raise DataUnavailable("the disk is full")

    world.log("harpsichord tuning")
    monkeypatch.setattr(world.services.gaps, "settle", full)
    assert [one.gap.text for one in world.look()] == ["heraldic oven"]
    # Who was told nothing yet is not told that there is none.
    world.services.gap_finder._found_at = None
    with pytest.raises(DataUnavailable):
        world.look()


def test_texts_with_the_name_of_who_is_erased_go(world: World) -> None:
    put = world.services.directory.put
    put(Profile("Quirina Vask", "quirina@example.org"))
    world.log("who is quirina vask")
    world.pass_on(timedelta(days=8))
    assert len(world.look()) == 1
    assert world.services.gaps.kept()[0].weeks
    with world.services.database.write() as connection:
        erasing.forget_reports(connection, erasing.called(connection, [1]))
    assert world.services.gaps.kept() == []


def test_the_threshold_is_five() -> None:
    assert gapped.ASKERS == 5


def test_only_what_was_searched_for_lately_is_read(world: World) -> None:
    world.log(ASKED)
    assert len(world.services.gaps.searches()) == 5
    world.pass_on(LOOKED_BACK)
    world.log("who feeds the zeppelin", "a")
    assert [one.text for one in world.services.gaps.searches()] == ["who feeds the zeppelin"]
