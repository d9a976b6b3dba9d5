"""Snapshots are written after many changes or some quiet, and failures only logged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.maintenance import SAVE_AFTER_SECONDS, Maintenance
from api.services import Services
from tests.builders import document, opened


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        yield made


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_snapshot_is_written_some_time_after_the_last_change(services: Services) -> None:
    clock = Clock()
    maintenance = Maintenance(services.index, clock)
    services.capture.save(document("a", "Kilns cool slowly."))
    maintenance.tick()
    assert services.index.sequence == 1
    clock.now = SAVE_AFTER_SECONDS - 1
    services.capture.save(document("b", "Kilns crack when hurried."))
    maintenance.tick()
    clock.now = 2 * SAVE_AFTER_SECONDS - 2
    maintenance.tick()
    assert services.index.saved_sequence == -1
    clock.now = 2 * SAVE_AFTER_SECONDS - 1
    maintenance.tick()
    assert services.index.saved_sequence == 2


def test_many_changes_do_not_wait(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.maintenance.SAVE_AFTER_CHANGES", 3)
    maintenance = Maintenance(services.index, Clock())
    for key in "ab":
        services.capture.save(document(key, f"Kiln {key} cools slowly."))
    services.index.catch_up()
    services.index.save()
    for key, saved in (("c", 2), ("d", 2), ("e", 5)):
        services.capture.save(document(key, f"Kiln {key} cools slowly."))
        maintenance.tick()
        assert services.index.saved_sequence == saved


def test_a_failure_is_logged_once_and_what_works_again_is_done(
    services: Services, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    maintenance = Maintenance(services.index, clock)
    services.capture.save(document("a", "Kilns cool slowly."))
    in_the_way = tmp_path / "index" / "snapshots"
    in_the_way.write_text("a file where a folder belongs")
    maintenance.tick()
    clock.now = SAVE_AFTER_SECONDS
    maintenance.tick()
    maintenance.tick()
    assert [r.levelno for r in caplog.records if r.name == "whoknows.maintenance"] == [
        logging.ERROR
    ]
    in_the_way.unlink()
    maintenance.tick()
    assert services.index.saved_sequence == 1


def test_the_index_is_saved_when_the_process_ends(services: Services) -> None:
    with Maintenance(services.index).running():
        services.capture.save(document("a", "Kilns cool slowly."))
        services.index.catch_up()
    assert services.index.saved_sequence == 1


def test_what_is_done_besides_is_done_at_once_and_every_minute(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    clock, done = Clock(), []

    def besides() -> None:
        done.append(clock.now)
        raise OSError("the disk is gone")

    maintenance = Maintenance(services.index, clock, besides)
    with maintenance.running():
        assert done == [0.0]
    for clock.now in (59.0, 60.0, 119.0, 120.0):
        maintenance.tick()
    assert done == [0.0, 60.0, 120.0]
    told = [one.getMessage() for one in caplog.records if one.name == "whoknows.maintenance"]
    assert told == ["what holds for a time only could not be looked after"]
