"""A dry run becomes an import of the same file, once, for a day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from api.services import Services
from knowledge.capture import Status
from knowledge.errors import Conflict, NotFound
from knowledge.imports import Order
from knowledge.jobs import KEPT, Gone, Import, ImportState, Options
from knowledge.people import Profile
from knowledge.types import Audience
from tests.builders import settings, wired
from tests.knowledge.signing import Clock
from tests.knowledge.test_imports import FILES, zipped

OWNER = "person:1"
OPTIONS = Options(full=True, gone=Gone.KEEP, url_template="https://wiki.example/{id}")


@dataclass
class House:
    services: Services
    clock: Clock

    def hand_in(self, *, dry_run: bool = True) -> Import:
        with self.services.imports.receive() as upload:
            upload.write(zipped(FILES))
            order = Order("w.zip", "auto", "wiki", ("group:vault",), dry_run, OPTIONS)
            return self.services.imports.create(upload, order, OWNER)

    def run(self, job: Import) -> Import:
        self.services.runner(lambda: False).run(job)
        return self.services.imports.get(job.id, OWNER)

    def files(self) -> set[str]:
        folder = self.services.database.directory / "imports"
        return {path.name for path in folder.iterdir()}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock = Clock()
    with closing(wired(settings(tmp_path), now=clock)) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org"))
        yield House(services, clock)


def test_it_is_done_as_it_was_ordered_and_writes_this_time(house: House) -> None:
    tried = house.run(house.hand_in())
    assert tried.kept_until == house.clock.now + KEPT
    assert house.files() == {tried.id}
    begun = house.services.rehearsals.start(tried.id, OWNER)
    assert house.files() == {begun.id}
    assert (begun.dry_run, begun.state, begun.counts["added"]) == (False, ImportState.QUEUED, 0)
    assert (begun.source, begun.audience) == (tried.source, Audience.of("group:vault"))
    assert begun.options == OPTIONS
    done = house.run(begun)
    assert done.counts["added"] == tried.counts["added"] == 3
    assert house.files() == set()
    assert house.services.imports.get(tried.id, OWNER).kept_until is None


def test_once_and_by_its_owner_alone(house: House) -> None:
    tried = house.run(house.hand_in())
    with pytest.raises(NotFound):
        house.services.rehearsals.start(tried.id, "person:2")
    house.services.rehearsals.start(tried.id, OWNER)
    with pytest.raises(Conflict, match="hand it in again"):
        house.services.rehearsals.start(tried.id, OWNER)
    assert len(house.services.imports.of(OWNER, 9)[0]) == 2


def test_not_what_was_no_dry_run_or_is_not_done(house: House) -> None:
    real = house.run(house.hand_in(dry_run=False))
    waiting = house.hand_in()
    for job in (real, waiting):
        assert job.kept_until is None
        with pytest.raises(Conflict):
            house.services.rehearsals.start(job.id, OWNER)


def test_a_file_that_went_missing_starts_nothing(house: House) -> None:
    tried = house.run(house.hand_in())
    house.services.imports.spool.remove(tried.id)
    with pytest.raises(Conflict):
        house.services.rehearsals.start(tried.id, OWNER)
    assert len(house.services.imports.of(OWNER, 9)[0]) == 1


def test_after_a_day_it_is_swept_and_not_before(house: House) -> None:
    tried = house.run(house.hand_in())
    house.clock.now += KEPT - timedelta(seconds=1)
    house.services.imports.sweep()
    assert house.files() == {tried.id}
    house.clock.now += timedelta(seconds=1)
    house.services.imports.sweep()
    assert house.files() == set()
    with pytest.raises(Conflict):
        house.services.rehearsals.start(tried.id, OWNER)


def test_a_report_is_told_a_page_at_a_time(house: House) -> None:
    job = house.run(house.hand_in(dry_run=False))
    reports = house.services.reports
    first, more = reports.page(job.id, OWNER, 0, 2)
    rest, last = reports.page(job.id, OWNER, first[-1].number, 9)
    assert (len(first), more, len(rest), last) == (2, True, 3, False)
    refused, _ = reports.page(job.id, OWNER, 0, 9, Status.REFUSED)
    assert {one.name for one in refused} == {"c.md", "d.png"}
    reasons = reports.reasons(job.id, OWNER)
    assert sum(count for _, count in reasons) == 2
    assert sorted(reason for reason, _ in reasons) == sorted({one.reason for one in refused})
    for ask in (
        lambda: reports.page(job.id, "person:2", 0, 9),
        lambda: reports.reasons("0", OWNER),
    ):
        with pytest.raises(NotFound):
            ask()
