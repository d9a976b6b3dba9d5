"""A month is published once, when it is over, and stays as it was told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from knowledge import comfort
from knowledge.comfort import Batch
from knowledge.errors import Conflict, InvalidInput, NotAllowed
from knowledge.measures import publishing as publishing_module
from knowledge.measures import registry
from knowledge.measures.behaviour import working_hours
from knowledge.measures.deciding import decide
from knowledge.roles import EVERYTHING, MEMBER, Standing
from knowledge.store import tables as t
from knowledge.store.measure_tables import measure_figures, reading_days, readings, search_tallies
from knowledge.store.teaching_tables import teaching_minutes
from knowledge.types import Audience, Contributor, Kind, Role
from tests.builders import disable, document, settings
from tests.knowledge.measures.building import PUBLISHED, START, Clock, Company, founded


def count(company: Company, table: object) -> int:
    with company.services.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_a_month_is_due_a_week_after_it_is_over_and_is_published_once(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 4, 7, 23, tzinfo=UTC))
    with founded(settings(tmp_path), clock) as company:
        publishing = company.services.publishing
        assert publishing.due() == []  # nobody did anything here yet
        company.read(company.team("Kilns", 20)[:12])
        assert not publishing.anything_due()
        with pytest.raises(InvalidInput, match="not over"):
            publishing.publish("2026-03")
        clock.at = PUBLISHED
        assert publishing.due() == ["2026-03"]
        assert publishing.publish() == ["2026-03"]
        assert (publishing.publish(), publishing.anything_due()) == ([], False)
        with pytest.raises(Conflict, match="published already"):
            publishing.publish("2026-03")
        assert [one.month for one in company.services.measures.months(EVERYTHING)] == ["2026-03"]
        clock.at = datetime(2026, 7, 9, tzinfo=UTC)
        assert publishing.publish() == ["2026-04", "2026-05", "2026-06"]


def test_no_month_is_published_before_an_earlier_one(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 20)
        for day in ("2026-01-05", "2026-02-05", "2026-03-05"):
            company.read(people[:12], day)
        publish = company.services.publishing.publish
        for early in ("2026-03", "2026-02"):
            with pytest.raises(Conflict, match="2026-01 is to be published before"):
                publish(early)
        assert count(company, reading_days) == 36
        with pytest.raises(Conflict, match="of 2025-12 can be published"):
            publish("2025-12")
        assert (publish("2026-01"), publish()) == (["2026-01"], ["2026-02", "2026-03"])
        assert company.told("readers", "2026-01") == company.told("readers", "2026-03")
        with pytest.raises(Conflict, match="published already"):
            publish("2026-02")
        with pytest.raises(Conflict, match="of 2025-12 can be published"):
            publish("2025-12")


def test_no_mean_tells_that_nearly_all_of_a_team_did_it(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        small, large = company.team("Five", 5), company.team("Large", 60)
        more, answering = company.team("More", 60), company.team("Answering", 60)
        for team, count_ in ((small, 5), (large, 20), (more, 20)):
            company.read(team[:count_])
            for n in range(count_):
                company.ask(team[n], answering[n % 20], title=f"{team[n]}?")
                company.ask(team[n], team[(n + 1) % count_], title=f"{team[n]} again?")
        company.services.publishing.publish()
        all_who_can = ("readers", "frequency", "depth", "teachers", "teaching_hours")
        for key in (*all_who_can, "answer_hours", "cross_team"):
            assert "team:Large" in company.told(key), key
            assert "team:Five" not in company.told(key), key
            assert company.raw(key, "team:Five")[2] == 0


def test_others_write_while_a_month_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 20)
        company.read(people[:12])

        def deciding(*given: Any) -> dict[str, float | None]:
            company.read(people[:1], "2026-04-01")
            return decide(*given)

        monkeypatch.setattr(publishing_module, "decide", deciding)
        assert company.services.publishing.publish() == ["2026-03"]
        assert company.told("readers") == {"company": 10}
        assert count(company, reading_days) == 1


def test_what_is_told_stays_whatever_happens_later(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 20)
        company.team("Glazes", 20)
        company.read(people[:12])
        company.services.publishing.publish()
        before = company.services.measures.all_series(EVERYTHING)
        assert company.told("readers") == {"company": 10}
        company.read(people, "2026-03-30")
        with company.services.database.write() as connection:
            connection.execute(update(t.people).values(team="Glazes"))
        for one in people:
            disable(company.services, one)
        assert company.services.measures.all_series(EVERYTHING) == before


def test_who_read_what_is_forgotten_when_the_month_is_published(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 12)
        company.read(people, "2026-03-31")
        company.read(people, "2026-04-01")
        company.services.publishing.publish()
        assert (count(company, reading_days), count(company, readings)) == (12, 12)  # of April


def test_only_those_who_look_after_learning_see_it(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        measures = company.services.measures
        for standing in (Standing(topics=frozenset({"learning"})), EVERYTHING):
            assert measures.months(standing) == ()
            assert measures.series("readers", standing).lines[0].figures == ()
        for ask in (
            lambda: measures.months(MEMBER),
            lambda: measures.series("readers", MEMBER),
            lambda: measures.all_series(MEMBER),
            lambda: company.services.goals.all_of_them(MEMBER),
            lambda: company.services.interventions.all_of_them(MEMBER),
        ):
            with pytest.raises(NotAllowed, match="administrators and curators"):
                ask()
        assert len(measures.definitions()) == len(registry.ALL)


def test_reading_is_counted_by_person_and_team(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        kilns, glazes = company.team("Kilns", 20), company.team("Glazes", 20)
        three, nobodys = company.team("Three", 3), company.team(None, 15)
        company.read(kilns[:10])
        company.read(kilns[:10], "2026-03-03", document=2)
        company.read(glazes[:15])
        company.read(three)
        company.read(nobodys[:5])
        company.read(kilns, "2026-02-28")
        assert company.services.publishing.publish() == ["2026-02", "2026-03"]
        assert company.raw("readers") == (33, 33, None)
        assert company.raw("readers", "team:Kilns") == (10, 10, 10)
        assert company.raw("readers", "others") == (3, 3, 0)
        # The others are three: those of no team are suppressed beside them.
        assert company.told("readers") == {"company": 30, "team:Kilns": 10, "team:Glazes": 15}
        assert company.raw("frequency") == ((20 + 23) / 33, 33, None)
        assert company.raw("depth", "team:Kilns") == (2.0, 10, 10)
        assert company.told("depth") == {"company": 1.5, "team:Kilns": 2.0, "team:Glazes": 1.0}


def test_teaching_is_told_of_five_and_of_what_all_may_read(tmp_path: Path) -> None:
    march = {"created_at": START, "kind": Kind.NOTE}
    with founded(settings(tmp_path)) as company:
        kilns, glazes = company.team("Kilns", 20), company.team("Glazes", 20)
        for number in range(9):
            by = (Contributor("A", Role.AUTHOR, email=f"p{number}@example.org"),)
            company.services.capture.save(document(f"n{number}", "x", contributors=by, **march))
            hidden = Audience.of("group:board")
            closed = document(f"h{number}", "x", contributors=by, audience=hidden, **march)
            company.services.capture.save(closed)
        for one in kilns[:7]:
            company.ask(glazes[0], one)
        for one in glazes[:3]:
            company.ask(kilns[0], one)
        with company.services.database.write() as connection:
            values = [{"person_id": one, "act": "answer", "minutes": 1440} for one in kilns[:2]]
            connection.execute(insert(teaching_minutes), values)
        company.services.publishing.publish("2026-03")
        assert company.raw("teachers") == (19, 19, None)
        assert company.raw("teachers", "team:Kilns") == (7, 7, 13)
        hours = (2 * 24 + 5 / 6) / 7
        assert company.raw("teaching_hours", "team:Kilns") == (pytest.approx(hours), 7, 13)
        assert set(company.told("teachers")) <= {"company", "team:Kilns"}


def test_contributors_are_those_of_documents_that_all_may_read(tmp_path: Path) -> None:
    def made(key: str, name: str, at: datetime, **more: object) -> object:
        by = Contributor(name, Role.AUTHOR, email=f"{name}@example.org")
        given = {"contributors": (by,), "created_at": at, "updated_at": at} | more
        return document(key, f"About {key}.", **given)

    march, before = START, START - timedelta(days=300)
    with founded(settings(tmp_path)) as company:
        given = [made(f"m{n}", f"p{n}", march) for n in range(9)]
        given += [made(f"b{n}", f"p{n}", before) for n in range(3)]
        hidden = Audience.of("group:board")
        given += [made(f"h{n}", f"q{n}", march, audience=hidden) for n in range(9)]
        given += [made(f"a{n}", f"r{n}", march + timedelta(days=40)) for n in range(9)]
        given += [made("s", "p1", march, tags=("Story",)), made("t", "p1", before, tags=("story",))]
        list(company.services.capture.ingest(given))  # type: ignore[arg-type]
        company.services.publishing.publish("2026-03")
        assert company.raw("contributors") == (9, 9, None)
        assert company.raw("first_sharers") == (6, 6, None)
        assert company.told("contributors") == {"company": 5}
        assert company.told("stories") == {"company": 1}
        reader = company.services.principal("p1@example.org")
        told = company.services.reviews.stories(reader, EVERYTHING, 5)
        assert [one.title for one in told] == ["Page s", "Page t"]


def test_questions_become_behaviour(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        kilns, glazes = company.team("Kilns", 20), company.team("Glazes", 20)
        for n in range(8):  # of another team, 2 to 9 hours
            company.ask(kilns[n], glazes[n], hours=2 + n, title="Same?")
        for n in range(6):  # of the same team, over a weekend
            friday = datetime(2026, 3, 6, 23, tzinfo=UTC)
            company.ask(glazes[n], glazes[n + 6], hours=50, title=f"Other {n}?", at=friday)
        company.ask(kilns[9], glazes[9], hours=1, title="Hidden?", anonymous=True)
        company.ask(kilns[9], title="Nobody answers?")
        company.services.publishing.publish()
        assert company.raw("repeat_questions") == (7 / 16, 7, 8)
        assert company.raw("cross_team") == (8 / 14, 8, 6)
        hours = [2.0 + n for n in range(8)] + [1.0] * 7
        assert company.raw("answer_hours")[0] == median(hours)
        assert company.raw("answer_hours", "team:Kilns") == (5.5, 8, 12)
        assert company.told("cross_team") == {"company": 0.55}
        # Whoever asked anonymously is of no team, and takes the smallest team along.
        assert company.told("answer_hours") == {"company": 2, "team:Kilns": 6}
        assert company.raw("reciprocity")[0] == 0.0


def test_what_meant_the_same_as_a_thread_was_asked_again(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 20)
        for number, asker in enumerate(people[:16]):
            company.ask(asker, title=f"What {number}?", before=7 if number < 6 else None)
        company.services.publishing.publish()
        assert company.raw("repeat_questions") == (6 / 16, 6, 10)


def test_what_was_published_by_another_definition_is_not_told(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 20)
        company.read(people[:12])
        company.services.publishing.publish()
        assert company.told("readers")["company"] == 10
        with company.services.database.write() as connection:
            connection.execute(update(measure_figures).values(version=0))
        assert company.told("readers") == {}


def test_two_records_of_one_person_count_once_whenever_they_became_one(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 20)
        company.read(people[:12])
        with company.services.database.write() as connection:
            same = t.people.c.id == people[1]
            connection.execute(update(t.people).where(same).values(merged_into=people[0]))
        company.services.publishing.publish()
        assert company.raw("readers") == (11, 11, None)
        assert company.raw("frequency") == (1.0, 11, None)


def test_who_may_not_sign_in_any_more_is_of_no_team_and_counts_in_the_whole(
    tmp_path: Path,
) -> None:
    with founded(settings(tmp_path)) as company:
        kilns, glazes = company.team("Kilns", 20), company.team("Glazes", 20)
        company.read(kilns[:10])
        company.read(glazes[:12])
        disable(company.services, kilns[0])
        company.services.publishing.publish()
        assert company.raw("readers") == (22, 22, None)
        assert company.raw("readers", "team:Kilns") == (9, 9, 10)
        # One is of no team: the smallest team hides them.
        assert company.told("readers") == {"company": 20, "team:Glazes": 10}


def test_working_hours_leave_out_the_weekend() -> None:
    friday = datetime(2026, 3, 6, 22, tzinfo=UTC)
    assert working_hours(friday, friday + timedelta(hours=1)) == 1
    assert working_hours(friday, friday + timedelta(days=3)) == 24
    assert working_hours(friday + timedelta(hours=5), friday + timedelta(hours=9)) == 0
    assert working_hours(friday, friday - timedelta(hours=9)) == 0


def test_comfort_is_the_mean_of_whole_batches(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        with company.services.database.write() as connection:
            comfort.add(connection, Batch("2026-03", 1, (0, 1, 1, 2, 1)))
            comfort.add(connection, Batch("2026-03", 1, (0, 0, 0, 3, 2)))
            comfort.add(connection, Batch("2026-03", 2, (0, 0, 0, 0, 5)))
            comfort.add(connection, Batch("2026-02", 1, (5, 0, 0, 0, 1)))
            for few in ((4, 0, 0, 0, 0), (9, -1, 0, 0, 0)):
                with pytest.raises(InvalidInput, match="5 answers"):
                    comfort.add(connection, Batch("2026-03", 1, few))
            with pytest.raises(InvalidInput, match="questions"):
                comfort.add(connection, Batch("2026-03", 5, (5, 0, 0, 0, 0)))
        company.services.publishing.publish("2026-03")
        assert company.raw("comfort_asking") == (40 / 10, 10, None)
        assert company.told("comfort_asking") == {"company": 4.0}
        assert company.told("comfort_mistakes") == {}  # all say the same


def test_searches_become_findability(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        people = company.team("Kilns", 20)
        for n in range(6):
            company.ask(people[n], title=f"What {n}?")
        numbers = {"searches": 60, "found": 45, "empty": 3, "unsure": 12}
        with company.services.database.write() as connection:
            for day in ("2026-03-01", "2026-03-02", "2026-04-01"):
                connection.execute(
                    insert(search_tallies).values(
                        day=day,
                        **numbers,
                        found_people=30,
                        found_others=9,
                        empty_people=3,
                        empty_others=31,
                        unsure_people=7,
                        unsure_others=30,
                    )
                )
        company.services.publishing.publish()
        assert company.raw("success") == (0.75, 30, 9)
        assert company.told("success") == {"company": 0.75}
        assert company.told("zero_result") == {}  # three people met it
        # What is left of success and abstention would be those.
        assert company.told("abstention") == {}
        assert company.raw("found_without_asking") == (90 / 96, 30, 6)


def test_what_holds_now_is_told_of_the_last_month_only(tmp_path: Path) -> None:
    with founded(settings(tmp_path)) as company:
        given = [document(f"{n}", f"About {n}.", updated_at=START) for n in range(4)]
        list(company.services.capture.ingest(given))
        company.read(company.team("Kilns", 1), "2026-01-05")
        company.services.publishing.publish()
        assert company.told("verified") == {"company": 0.0}
        assert company.told("verified", "2026-01") == {}
        assert company.told("at_risk") == {}
