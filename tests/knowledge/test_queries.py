"""The query log: what is kept, for how long, and that a search never suffers for it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from knowledge.asked import AskedQuery, Term
from knowledge.queries import BATCH, QueryLog, pseudonym, terms
from knowledge.store import appearances, erasing, people
from knowledge.store.database import Database
from knowledge.store.identity_tables import pseudonym_keys
from knowledge.store.tables import queries
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
        "asker": None,
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


def askers(database: Database) -> dict[str, str | None]:
    with database.read() as connection:
        return {row.id: row.asker for row in connection.execute(select(queries))}


def colleagues(database: Database) -> None:
    """People with the ids 1 to 9."""
    with database.write() as connection:
        for number in range(1, 10):
            assert people.create(connection, f"Ada {number}") == number


def test_what_somebody_asked_who_is_gone_or_shut_out_is_not_kept(database: Database) -> None:
    colleagues(database)
    with database.write() as connection:
        erasing.disable(connection, [7], NOW)
    log = QueryLog(database, 30, lambda: NOW)
    log.record(asked("shut out"), 7)
    log.record(asked("gone"), 10)
    log.flush()
    with database.read() as connection:
        assert connection.execute(select(pseudonym_keys)).all() == []
    log.record(asked("here"), 8)
    log.record(asked("nobody"))
    log.close()
    assert kept(database) == ["here", "nobody"]
    assert log.dropped == 0


def test_who_asked_is_a_pseudonym_for_a_week_and_nobodys_after(database: Database) -> None:
    colleagues(database)
    clock = [NOW]
    log = QueryLog(database, 30, lambda: clock[0])
    log.record(asked("a"), 7)
    log.record(asked("b"), 7)
    log.record(asked("c"), 8)
    log.record(asked("d"))
    log.flush()
    told = askers(database)
    assert told["a"] == told["b"]
    assert len({told["a"], told["c"], None}) == 3
    assert told["d"] is None
    assert {len(one) for one in told.values() if one} == {32}
    with database.read() as connection:
        (key,) = connection.execute(select(pseudonym_keys)).all()
    assert (key.period, pseudonym(key.key, 7)) == ("2026-W19", told["a"])
    clock[0] = NOW + timedelta(days=7)
    # Asked while the old key held, written when it is gone.
    log.record(asked("late", NOW), 7)
    log.record(asked("e", clock[0]), 7)
    log.close()
    told |= askers(database)
    assert told["late"] is None
    assert told["e"] not in (None, told["a"], told["c"])
    with database.read() as connection:
        assert [one.period for one in connection.execute(select(pseudonym_keys))] == ["2026-W20"]


def test_a_key_is_thrown_away_though_nobody_asks_any_more(database: Database) -> None:
    colleagues(database)
    clock = [NOW]
    log = QueryLog(database, 30, lambda: clock[0])
    log.record(asked("a"), 7)
    log.flush()
    with database.read() as connection:
        assert len(connection.execute(select(pseudonym_keys)).all()) == 1
    clock[0] += timedelta(days=7)
    log.flush()
    log.close()
    with database.read() as connection:
        assert connection.execute(select(pseudonym_keys)).all() == []


def test_terms_are_told_from_five_people_of_one_week_on(database: Database) -> None:
    colleagues(database)
    clock = [NOW]
    log = QueryLog(database, 90, lambda: clock[0])

    def ask(text: str, who: int | None, answers: int = 1, at: datetime = NOW) -> None:
        key = uuid.uuid4().hex
        log.record(AskedQuery(key, text, "answer", answers, bool(answers), at), who)

    for who in range(1, 6):
        ask("  Kiln\n fire", who)
        ask("four of them", who % 4 + 1, at=NOW + timedelta(minutes=who))
        ask("nobody in particular", None, at=NOW + timedelta(minutes=who))
    ask("kiln FIRE", 1, answers=0)
    log.flush()
    # The same four people are others in the next week, and are not counted together.
    clock[0] += timedelta(days=7)
    for who in range(1, 5):
        ask("four of them", who, at=clock[0])
    ask("kiln fire", 1, at=clock[0])
    log.close()
    with database.read() as connection:
        assert terms(connection) == [Term("kiln fire", 5, 6, 1, 1)]
        told = {term.text for term in terms(connection, at_least=4)}
    assert told == {"kiln fire", "four of them"}


def test_being_shown_is_counted_by_day_and_forgotten(database: Database) -> None:
    with database.write() as connection:
        ada, ben = (people.create(connection, name) for name in ("Ada", "Ben"))
    clock = [NOW]
    log = QueryLog(database, 0, lambda: clock[0], appearance_days=10)
    log.record(asked("a"), ben, [ada, ben])
    log.record(asked("b"), None, [ada, ada, 10**9])
    log.record(asked("c", NOW + timedelta(days=1)), None, [ada])
    log.flush()

    def counted() -> dict[int, list[tuple[str, int]]]:
        with database.read() as connection:
            return {who: appearances.of(connection, who) for who in (ada, ben)}

    assert kept(database) == []
    assert counted() == {ada: [("2026-05-05", 1), ("2026-05-04", 2)], ben: []}
    clock[0] += timedelta(days=11)
    log.flush()
    log.close()
    assert counted() == {ada: [("2026-05-05", 1)], ben: []}


def test_nobody_is_counted_where_that_is_not_wanted(database: Database) -> None:
    with database.write() as connection:
        ada = people.create(connection, "Ada")
    log = QueryLog(database, 30, lambda: NOW, appearance_days=0)
    log.record(asked("a"), None, [ada])
    log.close()
    assert kept(database) == ["a"]
    with database.read() as connection:
        assert appearances.of(connection, ada) == []
