"""What PostgreSQL alone does: how it is reached, what it promises, what its errors mean."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select, text

from knowledge.errors import (
    Busy,
    DataDamaged,
    DataLocked,
    DataUnavailable,
    InvalidSettings,
    OutOfSpace,
    WhoknowsError,
)
from knowledge.settings import StorageSettings
from knowledge.store import changes, postgresql
from knowledge.store.database import Database, next_sequence, position
from knowledge.store.tables import changes as changes_table
from knowledge.store.tables import sources, state
from tests.builders import document, opened, storage
from tests.postgres import Server

pytestmark = pytest.mark.postgresql


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(storage(tmp_path))
    yield made
    made.close()


def add(connection: Connection, name: str) -> None:
    connection.execute(sources.insert().values(name=name, speakers_consented=False))


def add_and_say(database: Database, statement: str) -> None:
    with database.write() as connection:
        add(connection, "half")
        connection.execute(text(statement))


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(sources.c.name)).scalars())


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_every_way_to_write_the_url_means_our_driver(tmp_path: Path, scheme: str) -> None:
    url = str(storage(tmp_path).database_url).replace("postgresql+psycopg", scheme)
    database = Database(StorageSettings(data=tmp_path, database_url=url))
    assert names(database) == []
    database.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "looks like postgresql://"),
        ("postgresql://u:secret@host:port/name", "looks like postgresql://"),
        ("mysql://u:secret@host/name", "names mysql"),
        ("sqlite://", "names sqlite"),
        ("sqlite:///:memory:", "names sqlite"),
    ],
)
def test_a_url_that_cannot_be_used_says_why_and_keeps_its_secret(
    tmp_path: Path, url: str, reason: str
) -> None:
    with pytest.raises(InvalidSettings, match=reason) as told:
        Database(StorageSettings(data=tmp_path, database_url=url))
    assert "secret" not in str(told.value)


def test_a_missing_driver_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = storage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(InvalidSettings, match=r"whoknows\[postgres\]"):
            Database(settings)


def test_a_server_that_is_not_there_is_named_to_the_operator(tmp_path: Path) -> None:
    url = "postgresql://u:secret@127.0.0.1:1/name"
    with pytest.raises(DataUnavailable, match=r"cannot open.*127\.0\.0\.1") as told:
        Database(StorageSettings(data=tmp_path, database_url=url))
    assert "secret" not in str(told.value)


def test_a_database_that_cannot_hold_every_text_is_refused(tmp_path: Path, server: Server) -> None:
    url = server.empty("ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    with pytest.raises(InvalidSettings, match="ENCODING 'UTF8'"):
        Database(StorageSettings(data=tmp_path, database_url=url))
    server.drop(url)


def test_an_empty_database_is_migrated_once_whoever_comes(tmp_path: Path, server: Server) -> None:
    url = server.empty()
    made: list[Database] = []

    def open_it() -> None:
        made.append(Database(StorageSettings(data=tmp_path, database_url=url)))

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    epochs = set()
    for database in made:
        with database.read() as connection:
            epochs.add(position(connection))
        database.close()
    assert len(made) == 4
    assert len(epochs) == 1
    server.drop(url)


@pytest.mark.parametrize(
    ("configured", "used"), [("off", "on"), ("on", "on"), ("remote_apply", "remote_apply")]
)
def test_a_commit_is_durable_however_the_server_is_set_up(
    tmp_path: Path, server: Server, configured: str, used: str
) -> None:
    url = str(storage(tmp_path).database_url)
    name = url.partition("@/")[2].partition("?")[0]
    server.run(f"ALTER DATABASE {name} SET synchronous_commit = {configured}")
    database = Database(storage(tmp_path))
    with database.write() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == used
    database.close()
    server.run(f"ALTER DATABASE {name} RESET synchronous_commit")


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.read() as connection:
        before = position(connection)
        with database.write() as writer:
            next_sequence(writer)
        assert position(connection) == before
    with database.read() as connection:
        assert position(connection)[1] == before[1] + 1


@pytest.mark.parametrize(
    ("sqlstate", "named"),
    [
        ("53100", OutOfSpace),
        ("55P03", DataLocked),
        ("57P01", DataUnavailable),
        ("08006", DataUnavailable),
        ("XX000", DataUnavailable),
        ("XX001", DataDamaged),
    ],
)
def test_what_the_server_says_is_named(
    database: Database, sqlstate: str, named: type[WhoknowsError]
) -> None:
    with pytest.raises(WhoknowsError) as told:
        add_and_say(database, f"DO $$ BEGIN RAISE 'no' USING ERRCODE = '{sqlstate}'; END $$")
    assert type(told.value) is named
    assert names(database) == []


def test_a_restart_of_the_server_is_not_noticed_between_two_requests(
    tmp_path: Path, server: Server
) -> None:
    with opened(tmp_path) as services:
        services.capture.save(document("a", "The canary sings."))
        services.index.catch_up()
        server.stop()
        with pytest.raises(DataUnavailable, match="cannot be reached now"):
            services.index.catch_up()
        with pytest.raises(DataUnavailable, match="cannot be reached now"):
            services.capture.save(document("b", "The canary is silent."))
        server.start()
        services.capture.save(document("b", "The canary is silent."))
        assert services.index.catch_up() == 1
        assert services.index.verify() == []


def test_a_write_that_loses_its_connection_leaves_nothing_and_no_lock(database: Database) -> None:
    with pytest.raises(DataUnavailable, match="cannot be reached now"):
        add_and_say(database, "SELECT pg_terminate_backend(pg_backend_pid())")
    with database.write() as connection:
        add(connection, "whole")
    assert names(database) == ["whole"]


def test_more_readers_than_connections_are_told_so(tmp_path: Path) -> None:
    database = Database(storage(tmp_path, lock_timeout_s=0.05))
    with pytest.raises(Busy, match="at once"):
        nested(database, 20)
    assert names(database) == []
    database.close()


def nested(database: Database, depth: int) -> None:
    """So many readers at a time."""
    if depth:
        with database.read():
            nested(database, depth - 1)


def test_more_writers_than_one_wait_or_are_told_so(tmp_path: Path) -> None:
    database = Database(storage(tmp_path, lock_timeout_s=0.05))
    with (
        database.write(),
        pytest.raises(DataLocked, match="another process"),
        database.write(),
    ):
        pass
    database.close()


def test_change_numbers_are_in_commit_order_without_the_lock(database: Database) -> None:
    """Whoever goes round the lock still waits at the counter until the number before is kept."""
    event.remove(database._writer, "begin", lockless(database))
    slow, quick = database._writer.connect(), database._writer.connect()
    begun = slow.begin()
    first = changes.record(slow, [1])
    told: list[int] = []

    def overtake() -> None:
        with quick.begin():
            told.append(changes.record(quick, [2]))

    thread = threading.Thread(target=overtake)
    thread.start()
    wait_until_somebody_waits(database)
    with database.read() as connection:
        assert position(connection)[1] == 0
        assert changes.documents_after(connection, 0) == []
    assert told == []
    begun.commit()
    thread.join()
    assert told == [first + 1]
    with database.read() as connection:
        assert position(connection)[1] == first + 1
        kept = connection.execute(select(changes_table.c.sequence)).scalars()
        assert sorted(kept) == [1, 2]
    slow.close()
    quick.close()


def lockless(database: Database) -> object:
    """What takes the lock when a transaction begins."""
    (begin,) = database._writer.dispatch.begin
    return begin


def wait_until_somebody_waits(database: Database) -> None:
    """For a lock of another transaction."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"
    )
    while True:
        with database.read() as connection:
            if connection.execute(waiting).scalar_one():
                return


def test_what_was_there_before_is_not_begun_again(tmp_path: Path) -> None:
    first = Database(storage(tmp_path))
    with first.write() as connection:
        next_sequence(connection)
        epoch = connection.execute(select(state.c.epoch)).scalar_one()
    first.close()
    again = Database(storage(tmp_path))
    with again.read() as connection:
        assert position(connection) == (epoch, 1)
    again.close()


def test_purging_waits_for_nobody_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for a table to be written anew keeps every search waiting."""
    monkeypatch.setattr(postgresql, "_PURGING_MS", 10)
    rests: list[list[str]] = []
    # Between two tries searches get through.
    monkeypatch.setattr(postgresql, "_let_others", lambda: rests.append(names(database)))
    with database.read() as reading:
        reading.execute(select(sources.c.name)).all()
        with pytest.raises(DataLocked, match="repeat the command"):
            database.purge()
    assert rests == [[]] * postgresql._PURGES
    database.purge()
    assert len(rests) == postgresql._PURGES


def test_purging_goes_on_when_the_table_is_free(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_PURGING_MS", 10)
    with ExitStack() as reading:
        connection = reading.enter_context(database.read())
        connection.execute(select(sources.c.name)).all()
        monkeypatch.setattr(postgresql, "_let_others", reading.close)
        database.purge()
