"""Notes that nobody waits for: kept soon, once, and dropped rather than waited for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from api.services import Services
from knowledge import later as module
from knowledge.audit import Action, record
from knowledge.errors import DataUnavailable
from knowledge.later import MOST, Later
from knowledge.store import audit as store
from tests.builders import opened, writing_elsewhere


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        yield made


def kept(services: Services) -> int:
    with services.database.read() as connection:
        return store.head(connection)[0]


def note(connection: Connection) -> None:
    record(connection, "nobody", Action.DENIED)


def test_of_those_with_one_key_one_is_kept(services: Services) -> None:
    later = Later(services.database)
    for _ in range(3):
        later.put("a", note)
    later.put("b", note)
    later.close()
    assert kept(services) == 2
    later.put("c", note)
    later.flush()
    assert (kept(services), later.dropped) == (2, 0)


def test_the_thread_writes_by_itself(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.0)
    written = threading.Event()
    later = Later(services.database)

    def noted(connection: Connection) -> None:
        note(connection)
        written.set()

    later.put("a", noted)
    assert written.wait(60)
    later.close()
    assert kept(services) == 1


@pytest.mark.sqlite("another process holds the lock of a file")
def test_whoever_hands_over_waits_for_nobody_who_writes(services: Services, tmp_path: Path) -> None:
    later = Later(services.database)
    with writing_elsewhere(tmp_path / "data"):
        later.put("a", note)  # returns although nothing can be written now
        assert kept(services) == 0
    later.close()
    assert kept(services) == 1


def test_too_many_are_dropped_and_counted(services: Services) -> None:
    later = Later(services.database)
    with services.database.write():  # so that the thread empties nothing meanwhile
        for number in range(MOST + 5):
            later.put(str(number), lambda connection: None)
    assert later.dropped >= 4
    later.close()


def test_what_the_database_does_not_take_is_dropped(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_connection: Connection) -> None:
        raise DataUnavailable("no")

    later = Later(services.database)
    later.put("a", note)
    later.put("b", refuse)
    later.put("c", note)
    later.close()
    assert (kept(services), later.dropped) == (2, 1)
    assert "1 notes were not kept: no" in caplog.text


def test_half_a_note_is_none(services: Services) -> None:
    def half(connection: Connection) -> None:
        note(connection)
        raise ValueError("broken off")

    later = Later(services.database)
    later.put("a", half)
    later.put("b", note)
    later.close()
    assert (kept(services), later.dropped) == (1, 1)
    assert services.journal.verify().problem == ""


def test_no_error_whatever_ends_the_writing(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    later = Later(services.database)

    def full() -> None:
        raise OSError(5, "no such device any more")

    with monkeypatch.context() as broken:
        broken.setattr(services.database, "need_space", full)
        later.put("a", note)
        later.put("b", note)
        later.flush()
    assert (kept(services), later.dropped) == (0, 2)
    assert "no such device any more" in caplog.text
    later.put("a", note)
    later.close()
    assert (kept(services), later.dropped) == (1, 2)


def test_a_thread_that_has_ended_is_replaced(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY_S", 0.0)
    later = Later(services.database)
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()
    later._thread = ended
    written = threading.Event()
    later.put("a", lambda _connection: written.set())
    assert written.wait(60)
    later.close()
