"""A PostgreSQL server. Everything that only PostgreSQL needs is here.

One write transaction at a time, as on SQLite: each begins by taking an advisory lock, which ends
with it. So no unit of work can meet half of another, whatever it looks up before it inserts, and
none of them needs to be retried. Readers take no lock and wait for nobody.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from knowledge.errors import (
    DataDamaged,
    DataLocked,
    DataUnavailable,
    InvalidSettings,
    OutOfSpace,
    WhoknowsError,
)
from knowledge.store import patience
from knowledge.store.among import Given, gathered
from knowledge.store.tables import metadata

# "whok": advisory locks are numbers, and belong to one database of the server.
_WRITING = 0x77686F6B
# A server that is gone is noticed in about a minute, on both sides.
_CONNECTION = {
    "application_name": "whoknows",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_IDLE_MS = 300_000
_READING_MS = 300_000
_CROWDED_S = 10.0
# Of one process: one writes, and one waits at the server for its turn among all processes.
_WRITERS = 2
# Whoever waits to write a table anew keeps all who come after waiting, so: not for long.
_PURGING_MS = 1000
_PURGES = 10
_LOCKED = "55P03"  # lock_not_available
# Set for the transaction only, so that a pooler in between may give the session to others. A
# role or database may be set to acknowledge commits before they are durable; ours are not.
_BEGIN = text(
    "SELECT set_config('lock_timeout', :wait, true),"
    f" set_config('idle_in_transaction_session_timeout', '{_IDLE_MS}', true),"
    " set_config('synchronous_commit',"
    "  CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
    "  ELSE current_setting('synchronous_commit') END, true),"
    f" pg_advisory_xact_lock({_WRITING})"
)


@compiles(Given, "postgresql")
def _rows(given: Given, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT unnest({compiler.process(given.clauses, **options)}))"


@compiles(gathered, "postgresql")
def _array(column: gathered, compiler: SQLCompiler, **options: Any) -> str:
    return f"array_agg({compiler.process(column.clauses, **options)})"


class PostgresServer:
    """The engines over one database of a server."""

    def __init__(self, url: URL, lock_timeout_s: float) -> None:
        """Connects to nothing yet. Raises InvalidSettings when the driver is missing."""
        self._timeout_s = lock_timeout_s
        self._places = threading.BoundedSemaphore(_WRITERS)
        options = {k: v for k, v in _CONNECTION.items() if k not in url.query}
        try:
            self.writer = _writer(url, options, lock_timeout_s)
            self.reader = _reader(url, options, lock_timeout_s)
            self._purger = _purger(url, options)
        except ImportError as error:
            raise InvalidSettings(
                "PostgreSQL needs its driver; install it: pip install 'whoknows[postgres]'"
            ) from error

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """A place to write from; the transaction takes the lock itself. Raises DataLocked."""
        if not self._places.acquire(timeout=patience.of(self._timeout_s)):
            raise DataLocked("too much is written to the database at once; try again in a moment")
        try:
            yield
        finally:
            self._places.release()

    def written(self) -> None:
        """Nothing: the server looks after its log."""

    def named(self, error: DBAPIError) -> WhoknowsError | None:
        """The error of ours that says best what the database said, if there is one."""
        state = getattr(error.orig, "sqlstate", None) or ""
        if state == "53100":  # disk_full
            return OutOfSpace("the disk of the database is full; nothing of this write was kept")
        if state == _LOCKED:
            return DataLocked(
                "another process is writing to this database for long; try again in a moment"
            )
        if state in ("XX001", "XX002"):  # data_corrupted, index_corrupted
            return DataDamaged(f"the database is damaged: {str(error.orig).splitlines()[0]}")
        unreachable = isinstance(error, OperationalError) and not state
        if error.connection_invalidated or unreachable or state.startswith(("08", "57P")):
            # Where it is concerns the operator only, who reads it in the log.
            return DataUnavailable("the database cannot be reached now; try again in a moment")
        return None

    def purge(self) -> None:
        """Write every table anew, with what the planner remembers of its values. The server's own
        log, and archives of it, keep what they keep. Raises DataLocked."""
        with self._purger.connect() as connection:
            connection.execute(text(f"SET lock_timeout = {_PURGING_MS}"))
            for table in metadata.sorted_tables:
                self._write_anew(connection, table.name)

    def _write_anew(self, connection: Connection, table: str) -> None:
        for _ in range(_PURGES):
            try:
                connection.execute(text(f'VACUUM (FULL, ANALYZE) "{table}"'))
                return
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != _LOCKED:
                    raise
            _let_others()
        raise DataLocked(
            "somebody uses the database for long, so what was deleted is still in its files; "
            "repeat the command"
        )

    def check(self, connection: Connection) -> None:
        """Raises InvalidSettings when the database cannot hold every text."""
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise InvalidSettings(
                f"the database has the encoding {encoding}; make one with ENCODING 'UTF8'"
            )

    def close(self) -> None:
        """Release every connection."""
        self.reader.dispose()
        self.writer.dispose()


def counters(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The last id that each of these tables gave, where there is one."""
    statement = text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, 'id')::regclass)")
    last = {name: connection.execute(statement, {"name": name}).scalar() for name in names}
    return {name: int(value) for name, value in last.items() if value is not None}


def advance(connection: Connection, name: str, last: int) -> None:
    """Let the next id of a table come after ``last``.

    Never backwards: a counter does not take part in the transaction, which may still fail.
    """
    connection.execute(
        text(
            "SELECT setval(counter, greatest(nextval(counter), :next), false)"
            " FROM (SELECT pg_get_serial_sequence(:name, 'id')::regclass AS counter) AS found"
        ),
        {"name": name, "next": last + 1},
    )


def _writer(url: URL, options: dict[str, Any], lock_timeout_s: float) -> Engine:
    engine = create_engine(
        url,
        connect_args=options,
        pool_pre_ping=True,
        pool_size=_WRITERS,
        max_overflow=0,
        pool_timeout=lock_timeout_s,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        wait_s = patience.of(lock_timeout_s)
        connection.execute(_BEGIN, {"wait": f"{max(1, int(wait_s * 1000))}"})

    return engine


def _purger(url: URL, options: dict[str, Any]) -> Engine:
    """Connections that are closed after use, with what was set for them."""
    return create_engine(
        url, connect_args=options, poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )


def _let_others() -> None:
    """Those who waited behind us go first."""
    time.sleep(_PURGING_MS / 1000)


def _reader(url: URL, options: dict[str, Any], lock_timeout_s: float) -> Engine:
    engine = create_engine(
        url,
        connect_args=options,
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=4,
        pool_timeout=min(lock_timeout_s, _CROWDED_S),
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(f"SET lock_timeout = {max(1, int(lock_timeout_s * 1000))}")
        connection.execute(f"SET statement_timeout = {_READING_MS}")
        connection.autocommit = False
        connection.read_only = True

    return engine
