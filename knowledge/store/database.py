"""Engine and transactions. Everything that only SQLite needs is in this file.

On SQLite every write transaction and every checkpoint, of any process, runs under the file lock
``DATA/write.lock`` with automatic checkpoints off: SQLite before 3.51.3 can lose committed pages
when a checkpoint that resets the log meets a writer. Readers use read-only connections.
"""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from knowledge.errors import (
    DataLocked,
    DataUnavailable,
    InvalidSettings,
    OutOfSpace,
    SchemaTooNew,
)
from knowledge.settings import StorageSettings
from knowledge.store import migrations
from knowledge.store.tables import state

_CHECKPOINT_BYTES = 16 * 2**20


class Database:
    """One process's way to the truth. Safe to share between threads; not across a fork.

    Raises DataUnavailable when the database cannot be opened, SchemaTooNew when a later version
    of whoknows wrote it.
    """

    def __init__(self, settings: StorageSettings) -> None:
        self.directory = settings.data
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataUnavailable(
                f"cannot use the data directory {self.directory}: {error}"
            ) from error
        self._lock = FileLock(self.directory / "write.lock", timeout=settings.lock_timeout_s)
        self._closing = threading.Lock()
        self._reserve = int(settings.reserve_mb * 2**20)
        self._file = self.directory / "whoknows.db" if settings.database_url is None else None
        url = settings.database_url or f"sqlite:///{self._file}"
        if self._file is None and make_url(url).get_backend_name() == "sqlite":
            self._file = Path(make_url(url).database or "")
        try:
            if self._file is None:
                self._writer = create_engine(url)
                self._reader = create_engine(url, isolation_level="REPEATABLE READ")
            else:
                self._writer = _sqlite_writer(url)
                self._reader = _sqlite_reader(self._file)
            self._migrate()
        except ArgumentError as error:
            raise InvalidSettings(f"WHOKNOWS_DATABASE_URL is no database URL: {error}") from error
        except ImportError as error:
            raise InvalidSettings(f"WHOKNOWS_DATABASE_URL needs a driver: {error}") from error
        except (SQLAlchemyError, OSError) as error:
            raise DataUnavailable(f"cannot open the database: {_cause(error)}") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot of the database."""
        try:
            with self._reader.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise DataUnavailable(f"the database cannot be read: {_cause(error)}") from error

    @contextmanager
    def write(self, frees: bool = False) -> Iterator[Connection]:
        """One write transaction: durable when the block has ended, gone if it raises.

        ``frees``: what is written makes room in the end, so it may use the reserve. Raises
        DataLocked when another process keeps the lock, OutOfSpace when the disk is full.
        """
        if not frees:
            self.need_space()
        with self._exclusive():
            try:
                with self._writer.begin() as connection:
                    yield connection
            except OperationalError as error:
                if "disk is full" in str(error.orig) or "No space" in str(error.orig):
                    raise OutOfSpace("the disk is full; nothing of this write was kept") from error
                raise DataUnavailable(f"the database refused: {_cause(error)}") from error
            except SQLAlchemyError as error:
                raise DataUnavailable(f"the database refused: {_cause(error)}") from error
            self._checkpoint_when_large()

    def need_space(self, size: int = 0) -> None:
        """Raises OutOfSpace unless ``size`` bytes fit beside the reserve.

        The indexes need room to take in what was written, or searches would fail with it.
        """
        if shutil.disk_usage(self.directory).free < self._reserve + size:
            raise OutOfSpace(
                f"the disk with {self.directory} is nearly full; nothing of this write was kept"
            )

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        if self._file is None:
            yield
            return
        try:
            self._lock.acquire()
        except Timeout as error:
            raise DataLocked(
                "another process is writing to this data directory; try again in a moment"
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    def _checkpoint_when_large(self) -> None:
        if self._file is None:
            return
        log = self._file.with_name(self._file.name + "-wal")
        if log.exists() and log.stat().st_size > _CHECKPOINT_BYTES:
            # The raw connection, because a checkpoint cannot run inside a transaction.
            connection = self._writer.raw_connection()
            try:
                cursor = connection.cursor()
                # Never wait for a reader here: the write lock is held.
                cursor.execute("PRAGMA busy_timeout=0").fetchall()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                cursor.execute("PRAGMA busy_timeout=30000").fetchall()
            finally:
                connection.close()

    def _migrate(self) -> None:
        config = migrations.config()
        head = ScriptDirectory.from_config(config).get_current_head()
        with self._exclusive(), self._writer.begin() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            if current == head:
                return
            known = {s.revision for s in ScriptDirectory.from_config(config).walk_revisions()}
            if current is not None and current not in known:
                raise SchemaTooNew(
                    "this data directory was written by a later version of whoknows; "
                    "install that version, or restore a backup made by this one"
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.execute(select(state.c.id)).first() is None:
                connection.execute(insert(state).values(id=1, epoch=uuid.uuid4().hex, sequence=0))

    def close(self) -> None:
        """Release every connection; the last one to leave an SQLite file checkpoints it."""
        with self._closing, self._exclusive():
            self._reader.dispose()
            self._writer.dispose()


def _cause(error: Exception) -> str:
    """What the database itself said, without the statement."""
    return str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]


def next_sequence(connection: Connection) -> int:
    """Draw the next change number. Must be the last statement but the change row itself.

    One counter row, because its row lock is held until the commit: so numbers are in commit
    order on every database, which a PostgreSQL sequence does not promise.
    """
    statement = (
        update(state).where(state.c.id == 1).values(sequence=state.c.sequence + 1)
    ).returning(state.c.sequence)
    return int(connection.execute(statement).scalar_one())


def position(connection: Connection) -> tuple[str, int]:
    """The database's epoch and its newest change number."""
    row = connection.execute(select(state.c.epoch, state.c.sequence)).one()
    return str(row.epoch), int(row.sequence)


def mint_epoch(connection: Connection) -> str:
    """Declare that history was replaced (a restore): every snapshot made before is refused."""
    epoch = uuid.uuid4().hex
    connection.execute(update(state).where(state.c.id == 1).values(epoch=epoch))
    return epoch


def _sqlite_writer(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 30},
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
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sqlite_reader(file: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///file:{os.path.abspath(file)}?mode=ro&uri=true",
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 30},
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
