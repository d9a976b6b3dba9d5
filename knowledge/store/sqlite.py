"""SQLite in a file of the data directory. Everything that only SQLite needs is here.

Every write transaction and every checkpoint, of any process, runs under the file lock
``write.lock`` beside the file, with automatic checkpoints off: SQLite before 3.51.3 can lose
committed pages when a checkpoint that resets the log meets a writer. Readers use read-only
connections.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.compiler import SQLCompiler

from knowledge.errors import DataDamaged, DataLocked, OutOfSpace, WhoknowsError
from knowledge.store import patience
from knowledge.store.among import Given, gathered

_CHECKPOINT_BYTES = 16 * 2**20
_SHOWN = 5
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_OPTIONS = {"check_same_thread": False, "isolation_level": None, "timeout": 30}


class SqliteFile:
    """The engines over one file, and the lock that its writers share."""

    def __init__(self, file: Path, lock_timeout_s: float) -> None:
        self._file = file
        self._lock = FileLock(file.with_name("write.lock"))
        self._timeout_s = lock_timeout_s
        self._closing = threading.Lock()
        self.writer = _writer(file)
        self.reader = _reader(file)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep every other writer out. Raises DataLocked."""
        try:
            self._lock.acquire(timeout=patience.of(self._timeout_s))
        except Timeout as error:
            raise DataLocked(
                "another process is writing to this data directory; try again in a moment"
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def written(self) -> None:
        """After a commit, still under the lock: keep the log small."""
        log = self._file.with_name(self._file.name + "-wal")
        if log.exists() and log.stat().st_size > _CHECKPOINT_BYTES:
            # The raw connection, because a checkpoint cannot run inside a transaction.
            connection = self.writer.raw_connection()
            try:
                cursor = connection.cursor()
                # Never wait for a reader here: the write lock is held.
                cursor.execute("PRAGMA busy_timeout=0").fetchall()
                # What was committed is kept; a full disk only means that the log stays long.
                with suppress(sqlite3.OperationalError):
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                cursor.execute("PRAGMA busy_timeout=30000").fetchall()
            finally:
                connection.close()

    def named(self, error: DBAPIError) -> WhoknowsError | None:
        """The error of ours that says best what the database said, if there is one."""
        if disk_is_full(error):
            return OutOfSpace("the disk is full; nothing of this write was kept")
        # The low byte is the kind, what is above says where it was noticed.
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            return DataDamaged(f"the database is damaged: {error.orig}")
        return None

    def purge(self) -> None:
        """Write the file anew and empty the log, once nobody reads an older state. Raises
        DataLocked."""
        connection = self.writer.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM").fetchall()
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as error:
            if disk_is_full(error):
                raise OutOfSpace("the disk is full; nothing more was deleted") from error
            raise DataLocked(f"the database cannot be written anew: {error}") from error
        finally:
            connection.close()
        if busy:
            raise DataLocked("somebody reads the database for long; repeat the command")

    def check(self, connection: Connection) -> None:
        """Nothing: a file of ours is as we made it."""

    def close(self) -> None:
        """Release every connection; the last one to leave the file checkpoints it."""
        with self._closing, self.exclusive():
            self.reader.dispose()
            self.writer.dispose()


@compiles(Given, "sqlite")
def _rows(given: Given, compiler: SQLCompiler, **options: Any) -> str:
    ids = compiler.process(given.clauses, **options)
    return f"(SELECT value FROM json_each({ids}))"  # noqa: S608 - names a parameter  # nosec B608


@compiles(gathered, "sqlite")
def _array(column: gathered, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_group_array({compiler.process(column.clauses, **options)})"


def disk_is_full(error: Exception) -> bool:
    """Whether a write failed for want of room."""
    said = str(getattr(error, "orig", error))
    return "disk is full" in said or "No space" in said


def counters(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The last id that each of these tables gave, where there is one."""
    held = connection.execute(text("SELECT name, seq FROM sqlite_sequence")).all()
    last = {name: int(seq) for name, seq in held}
    return {name: last[name] for name in names if name in last}


def advance(connection: Connection, name: str, last: int) -> None:
    """Let the next id of a table come after ``last``; never backwards."""
    told = {"name": name, "last": last}
    moved = connection.execute(
        text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :name"), told
    )
    if not moved.rowcount:
        connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), told)


def damage(connection: Connection) -> list[str]:
    """What SQLite's own check finds wrong with the file, the first few of each kind."""
    told = connection.execute(text(f"PRAGMA quick_check({_SHOWN})")).scalars()
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [line for line in told if line != "ok"] + [
        f"a row of {row[0]} refers to nothing" for row in broken[:_SHOWN]
    ]


def _writer(file: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{file}",
        connect_args=_OPTIONS,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "wal_autocheckpoint=0",
            "foreign_keys=ON",
            "mmap_size=0",
            # Deleted means gone, where that costs no further page.
            "secure_delete=FAST",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _reader(file: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///file:{os.path.abspath(file)}?mode=ro&uri=true",
        connect_args=_OPTIONS,
        poolclass=QueuePool,
        pool_size=8,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA mmap_size=0").fetchall()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
