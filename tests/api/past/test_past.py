"""The demo's past is played through the use cases, equal each time, and fills every page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from api import directory, past, samples
from api.past.telling import Past, read
from api.services import Services
from indexer.search.results import Request
from knowledge.editing import Editor
from knowledge.meeting import Box as Sessions
from knowledge.roles import EVERYTHING
from knowledge.settings import load_settings
from knowledge.types import OPERATOR
from tests.builders import opened, settings, wired

SOURCE = Path(__file__).parents[3] / "data" / "samples"
NOW = datetime(2026, 11, 28, 10, 30, tzinfo=UTC)
DEFAULT = "nadia.okafor@fennmoor.example"
Told = dict[tuple[str, str, str], float | None]


def quiet(*_: object) -> None:
    """Progress that nobody looks at."""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Few of the sample company's documents, and the first month of its past, in which somebody
    acts whom nobody knows."""
    folder = tmp_path_factory.mktemp("company")
    shutil.copytree(SOURCE / "past", folder / "past")
    for name in (
        "people.csv",
        "handbook/platform/quiet-pager.md",
        "notes/move-the-antenna-six-centimetres.md",
        "sessions/2026-04-16-month-end-and-stock.srt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOURCE / name, folder / name)
    file = folder / "past" / "past.yaml"
    file.write_text(yaml.safe_dump(first_month(yaml.safe_load(file.read_text("utf-8")))), "utf-8")
    return folder


def first_month(told: dict[str, Any]) -> dict[str, Any]:
    """The same past, one month long, and with a note by nobody."""
    for habit in ("reads", "comfort"):
        told[habit] = {key: counts[:1] for key, counts in told[habit].items()}
    for name, items in told.items():
        if isinstance(items, list):
            told[name] = [one for one in items if one.get("at", [one.get("month", 1)])[0] == 1]
    told["notes"][-1]["by"] = "Nobody"
    return told


@contextmanager
def lived(services: Services, clock: past.Clock, source: Path) -> Iterator[list[str]]:
    """While services of a demo are open whose past was played; gives what was refused."""
    try:
        samples.load(services, source, quiet)
        yield past.play(services, clock, source, quiet)
    finally:
        services.close()


def told(services: Services) -> Told:
    """All that is told of measures, by measure, partition and month."""
    return {
        (series.measure.key, line.partition, figure.month): figure.value
        for series in services.measures.all_series(EVERYTHING)
        for line in series.lines
        for figure in line.figures
    }


def written(services: Services) -> list[Any]:
    """What documents there are, by whom and of when."""
    held = services.editing.page(Editor(OPERATOR), limit=500).documents
    return [(one.id, one.title, one.created_at, one.contributions) for one in held]


@pytest.mark.slow
@pytest.mark.sqlite("the demo has a file of its own")
def test_a_past_is_equal_each_time_and_told_of(company: Path, tmp_path: Path) -> None:
    seen = []
    for name in ("one", "other"):
        clock = past.Clock(lambda: NOW)
        services = wired(settings(tmp_path / name), now=clock)
        with lived(services, clock, company) as refused:
            (left_out,) = refused
            assert left_out.endswith(": nobody is called Nobody")
            assert clock() == NOW
            seen.append((told(services), written(services)))
            assert not past.wanted(services, company)
            assert not past.broken_off(services, company)
            assert services.publishing.due() == []
    assert seen[0] == seen[1]
    figures, documents = seen[0]
    month = "2026-10"
    assert {key[2] for key in figures} == {month}
    assert {
        key for (key, partition, _), value in figures.items() if value and partition == "company"
    } >= {"readers", "teachers", "useful", "response_rate", "answer_hours", "comfort_sharing"}
    assert figures["readers", "team:Platform", month] == 5
    assert all(at is None or at <= NOW for _, _, at, _ in documents)
    assert "Find a gasket by the colour of its tag" in {title for _, title, _, _ in documents}


@pytest.mark.sqlite("the demo has a file of its own")
def test_a_past_that_was_broken_off_is_not_played_again(company: Path, tmp_path: Path) -> None:
    with opened(tmp_path) as services:
        assert past.wanted(services, company)
        assert not past.broken_off(services, company)
        (_, first), *_ = directory.rows(company / past.FOLDER / "colleagues.csv")
        services.directory.put(directory.profile(first))
        assert not past.wanted(services, company)
        assert past.broken_off(services, company)


def test_what_is_told_by_month_is_told_of_each() -> None:
    told = yaml.safe_load((SOURCE / "past" / "past.yaml").read_text("utf-8"))
    months = Past.model_validate(told).months
    for counts in (
        told["reads"]["Platform"],
        told["comfort"]["time"],
        told["searches"][0]["people"],
    ):
        last = counts.pop()
        with pytest.raises(ValueError, match=f"of all {months} months"):
            Past.model_validate(told)
        counts.append(last)


def test_whoever_acts_in_the_past_is_in_the_directory() -> None:
    names = set()
    for file in (SOURCE / "people.csv", SOURCE / "past" / "colleagues.csv"):
        names |= {line.split(",")[0] for line in file.read_text("utf-8").splitlines()[1:]}
    assert len(names) == 28 + 25
    past_told = read(SOURCE / "past" / "past.yaml")
    acting = {one.by for one in (*past_told.notes, *past_told.questions, *past_told.verified)}
    acting |= {one.host for one in past_told.sessions} | {one.to for one in past_told.questions}
    assert acting <= names


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.timeout(600)
@pytest.mark.sqlite("the demo has a file of its own")
def test_every_page_of_the_demo_has_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOKNOWS_DATA", str(tmp_path))
    clock = past.Clock(lambda: NOW)
    services = Services(load_settings(), now=clock)
    with lived(services, clock, SOURCE) as refused:
        assert refused == []
        administrator = services.principal(samples.ADMINISTRATOR)
        months = [one.month for one in services.measures.months(EVERYTHING)]
        assert months == [f"2026-{number:02}" for number in range(5, 11)]
        figures = told(services)
        for key in ("contributors", "readers", "success", "zero_result", "comfort_time", "useful"):
            assert all(figures[key, "company", month] is not None for month in months), key
        assert figures["readers", "team:Field Service", months[-1]] == 10
        review = services.reviews.show(months[-1], administrator, EVERYTHING)
        assert review.due
        assert review.changes
        assert services.reviews.stories(administrator, EVERYTHING, 5)
        assert [goal.over for goal in services.goals.all_of_them(EVERYTHING)] == [True, False]
        (tried,) = services.interventions.all_of_them(EVERYTHING)
        assert tried.effect.low is not None
        assert tried.effect.low > 0
        editor = Editor(administrator, admin=True)
        ((gap,), _) = services.gap_finder.page(editor, EVERYTHING)
        assert gap.gap.text == "how do i get a company credit card"
        topics = services.topics.all_of_them(administrator, admin=True)
        risks = [services.topics.risk(one.id, administrator, admin=True) for one in topics]
        alone = [one for one in risks if one.topic.documents >= 3 and one.effective < 1.5]
        assert [one.holders[0].person.name for one in alone] == ["Davor Babic"]
        assert services.care.overdue(administrator)
        assert services.duplicates.stretch(administrator).pairs
        visitor = services.principal(DEFAULT)
        assert services.questions.count_waiting(visitor) == 2
        assert services.care.reviews(visitor)
        assert services.reviewing.waiting(visitor)
        assert services.milestones.of(visitor)
        held, _ = services.meetings.listed(visitor, Sessions.PAST)
        (own,) = [one for one in held if one.hosted]
        assert services.polls.result(own.id, visitor).count == 5
        assert services.gallery.shown(visitor)
        found = services.search(Request("how do I restore a backup"), visitor).result
        assert found.answers[0].document.title == "Restoring a backup of the Tideline database"
        assert found.people[0].person.name == "Priya Raman"
