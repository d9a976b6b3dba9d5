"""The query log: what is kept, for how long, and that a search never suffers for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from knowledge.queries import BATCH, QueryLog
from knowledge.store.database import Database
from knowledge.store.tables import queries
from knowledge.types import AskedQuery
from tests.builders import storage, writing_elsewhere

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def asked(key: str, at: datetime = NOW) -> AskedQuery:
    return AskedQuery(key, f"what is {key}", "answer", 3, True, at)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(storage(tmp_path, lock_timeout_s=0.01))
    yield made
    made.close()


def kept(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(queries.c.id)).scalars())


def test_what_was_asked_is_kept_and_nothing_says_by_whom(database: Database) -> None:
    log = QueryLog(database, 30, lambda: NOW)
    log.record(asked("a"))
    assert log.known("a")
    assert not log.known("b")
    log.close()
    with database.read() as connection:
        (row,) = connection.execute(select(queries)).mappings()
    assert dict(row) == {
        "id": "a",
        "text": "what is a",
        "intent": "answer",
        "answers": 3,
        "confident": True,
        "at": NOW,
    }


@pytest.mark.postgresql
def test_what_another_process_was_asked_is_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.queries.OTHERS_S", 60.0)
    mine, other = (QueryLog(database, 30, lambda: NOW) for _ in range(2))
    with other._writing:
        other.record(asked("a"))
        monkeypatch.setattr(mine, "flush", other._writing.release)  # it was looked for in vain
        assert mine.known("a")
        other._writing.acquire()
    other.close()


def test_closing_writes_what_waits_and_takes_no_more(database: Database) -> None:
    log = QueryLog(database, 30, lambda: NOW)
    for number in range(5):
        log.record(asked(f"q{number}"))
    log.close()
    log.record(asked("late"))
    assert kept(database) == [f"q{number}" for number in range(5)]


def test_a_full_batch_is_written_by_itself_in_few_transactions(database: Database) -> None:
    begun = [0]
    full = threading.Event()

    def begin(_connection: Any) -> None:
        begun[0] += 1

    def written(_connection: Any) -> None:
        if len(kept(database)) >= 2 * BATCH:
            full.set()

    event.listen(database._writer, "begin", begin)
    event.listen(database._writer, "checkin", lambda *_: written(None))
    log = QueryLog(database, 30, lambda: NOW)
    threads = [
        threading.Thread(
            target=lambda n=n: [log.record(asked(f"{n}-{k}")) for k in range(BATCH)]  # type: ignore[misc]
        )
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert full.wait(30)
    log.close()
    assert len(kept(database)) == 2 * BATCH
    assert begun[0] < 20


def test_what_is_too_old_is_forgotten(database: Database) -> None:
    clock = [NOW]
    log = QueryLog(database, 7, lambda: clock[0])
    log.record(asked("old", NOW - timedelta(days=8)))
    log.record(asked("young", NOW - timedelta(days=6)))
    log.flush()
    assert kept(database) == ["young"]
    clock[0] = NOW + timedelta(days=2)
    log.flush()
    log.close()
    assert kept(database) == []


def test_no_days_keep_nothing_and_delete_what_was_kept(database: Database) -> None:
    before = QueryLog(database, 30, lambda: NOW)
    before.record(asked("a", NOW - timedelta(hours=1)))
    before.close()
    log = QueryLog(database, 0, lambda: NOW)
    log.record(asked("b"))
    assert log.known("whatever")
    log.close()
    assert kept(database) == []


def test_what_the_database_does_not_take_is_dropped_and_counted(database: Database) -> None:
    log = QueryLog(database, 30, lambda: NOW)
    with writing_elsewhere(database.directory):
        log.record(asked("a"))
        log.flush()
    assert log.dropped == 1
    log.record(asked("b"))
    log.close()
    assert kept(database) == ["b"]


def test_a_queue_that_nobody_empties_drops_the_oldest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.queries._WAITING", 3)
    log = QueryLog(database, 30, lambda: NOW)
    with log._writing:
        for number in range(5):
            log.record(asked(f"q{number}"))
    log.close()
    assert log.dropped == 2
    assert kept(database) == ["q2", "q3", "q4"]


def test_a_query_that_no_database_takes_costs_no_other(database: Database) -> None:
    log = QueryLog(database, 30, lambda: NOW)
    log.record(asked("a"))
    log.record(replace(asked("b"), text="what\x00 is \ud800"))
    log.close()
    with database.read() as connection:
        texts = connection.execute(select(queries.c.text).order_by(queries.c.id)).scalars().all()
    assert texts == ["what is a", "what? is ?"]
    assert log.dropped == 0
