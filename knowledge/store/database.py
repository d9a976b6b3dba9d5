"""The truth's connections and transactions, whichever kind of database holds it.

What differs between the kinds is in ``sqlite`` and ``postgresql``. On both, write transactions
run one after the other in the whole installation, and readers see one consistent moment.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, insert, make_url, select, update
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    SQLAlchemyError,
    TimeoutError,
)

from knowledge.errors import (
    Busy,
    DataLocked,
    DataUnavailable,
    InvalidInput,
    InvalidSettings,
    OutOfSpace,
    SchemaTooNew,
    WhoknowsError,
)
from knowledge.settings import StorageSettings
from knowledge.store import migrations
from knowledge.store.postgresql import PostgresServer
from knowledge.store.sqlite import SqliteFile
from knowledge.store.tables import state

# Made once: every search asks it, twice.
_POSITION = select(state.c.epoch, state.c.sequence)


class Backend(Protocol):
    """What a kind of database does in its own way."""

    writer: Engine
    reader: Engine

    def exclusive(self) -> AbstractContextManager[None]:
        """Held around a write transaction. Raises DataLocked."""

    def written(self) -> None:
        """Called after a commit, still inside ``exclusive``."""

    def named(self, error: DBAPIError) -> WhoknowsError | None:
        """The error of ours that says best what the database said, if there is one."""

    def check(self, connection: Connection) -> None:
        """Raises InvalidSettings when the database cannot be used as it is set up."""

    def purge(self) -> None:
        """Leave nothing of what was deleted, inside ``exclusive``. Raises DataLocked."""

    def close(self) -> None:
        """Release every connection."""


class Schema(StrEnum):
    """How a database's tables compare with those of this version."""

    MISSING = "missing"
    EARLIER = "earlier"
    CURRENT = "current"


class Database:
    """One process's way to the truth. Safe to share between threads; not across a fork.

    Raises DataUnavailable when the database cannot be opened, SchemaTooNew when a later version
    of whoknows wrote it, InvalidSettings when its URL cannot be used.
    """

    def __init__(self, settings: StorageSettings, *, upgrade: bool = True) -> None:
        """``upgrade``: make the schema this version's, and the directory; without it nothing is
        made, so ask ``schema`` first."""
        self.directory = settings.data
        try:
            if upgrade:
                _make_private(self.directory)
        except OSError as error:
            raise DataUnavailable(
                f"cannot use the data directory {self.directory}: {error}"
            ) from error
        self._reserve = int(settings.reserve_mb * 2**20)
        self._backend = _backend(settings)
        self._writer, self._reader = self._backend.writer, self._backend.reader
        try:
            if upgrade:
                self._migrate()
        except BaseException:
            self._reader.dispose()
            self._writer.dispose()
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot of the database.

        Raises DataUnavailable; Busy when too many read at once; InvalidInput for a value that no
        database holds.
        """
        with self._named("the database cannot be read", Busy), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self, frees: bool = False) -> Iterator[Connection]:
        """One write transaction: durable when the block has ended, gone if it raises.

        ``frees``: what is written makes room in the end, so it may use the reserve. Raises
        DataLocked when another process keeps the lock, OutOfSpace when the disk is full, and as
        ``read``. Only when the connection to a server breaks during the commit may what is
        reported as DataUnavailable have been kept.
        """
        if not frees:
            self.need_space()
        with self._transaction("the database refused") as connection:
            yield connection

    @contextmanager
    def _transaction(self, failed: str) -> Iterator[Connection]:
        with self._backend.exclusive():
            with self._named(failed, DataLocked), self._writer.begin() as connection:
                yield connection
            self._backend.written()

    @contextmanager
    def _named(self, failed: str, crowded: type[WhoknowsError]) -> Iterator[None]:
        """What the database raises as errors of ours: ``failed`` begins those without a name,
        ``crowded`` is for when no connection gets free in time."""
        try:
            yield
        except TimeoutError as error:
            raise crowded(
                "too much is asked of the database at once; try again in a moment"
            ) from error
        except (DataError, OverflowError, UnicodeEncodeError) as error:
            if isinstance(error, OverflowError) and "SQLite" not in str(error):
                raise
            raise InvalidInput(f"a value that no database holds: {_cause(error)}") from error
        except SQLAlchemyError as error:
            named = self._backend.named(error) if isinstance(error, DBAPIError) else None
            raise named or DataUnavailable(f"{failed}: {_cause(error)}") from error

    def purge(self) -> None:
        """Leave nothing of what was deleted in the database's files.

        Takes as long as copying the database, and about as much room. Raises DataLocked while
        somebody reads for long, OutOfSpace.
        """
        with self._backend.exclusive(), self._named("the database cannot be purged", DataLocked):
            self._backend.purge()

    @property
    def on_sqlite(self) -> bool:
        """Whether it is a file, which one process should serve from."""
        return isinstance(self._backend, SqliteFile)

    def need_space(self, size: int = 0) -> None:
        """Raises OutOfSpace unless ``size`` bytes fit beside the reserve.

        The indexes need room to take in what was written, or searches would fail with it.
        """
        if shutil.disk_usage(self.directory).free < self._reserve + size:
            raise OutOfSpace(
                f"the disk with {self.directory} is nearly full; nothing of this write was kept"
            )

    def _migrate(self) -> None:
        try:
            with self._transaction("cannot open the database") as connection:
                if self._schema(connection) is Schema.CURRENT:
                    return
                migrations.upgrade(connection)
                if connection.execute(select(state.c.id)).first() is None:
                    first = {"id": 1, "epoch": uuid.uuid4().hex, "sequence": 0}
                    connection.execute(insert(state).values(first))
        except OSError as error:
            raise DataUnavailable(f"cannot open the database: {error}") from error
        except DataUnavailable as error:
            if type(error) is DataUnavailable and isinstance(error.__cause__, DBAPIError):
                cause = error.__cause__
                raise DataUnavailable(f"cannot open the database: {_cause(cause)}") from cause
            raise

    def schema(self) -> Schema:
        """What of ours is in the database. Raises SchemaTooNew, DataUnavailable."""
        with self.read() as connection:
            return self._schema(connection)

    def _schema(self, connection: Connection) -> Schema:
        self._backend.check(connection)
        current = migrations.current(connection)
        if current is None:
            return Schema.MISSING
        if current == migrations.revisions()[-1]:
            return Schema.CURRENT
        if current not in migrations.revisions():
            raise SchemaTooNew(
                "this data directory was written by a later version of whoknows; "
                "install that version, or restore a backup made by this one"
            )
        return Schema.EARLIER

    def close(self) -> None:
        """Release every connection."""
        self._backend.close()


def _make_private(directory: Path) -> None:
    """A directory that only its owner may look into; one that is there stays as it is."""
    # Not ``parents``: those would be made for everybody to read, and the default of one
    # installation is below that of another.
    if not directory.is_dir():
        _make_private(directory.absolute().parent)
        directory.mkdir(mode=0o700, exist_ok=True)


def exists(settings: StorageSettings) -> bool:
    """Whether there is a database already; whether one on a server is there, opening it tells.

    Raises InvalidSettings.
    """
    place = _place(settings)
    return not isinstance(place, Path) or place.exists()


def _place(settings: StorageSettings) -> Path | URL:
    """The file of SQLite, or where another kind of database is."""
    if settings.database_url is None:
        return settings.data / "whoknows.db"
    try:
        url = make_url(settings.database_url)
    except (ArgumentError, ValueError) as error:
        raise InvalidSettings(
            "WHOKNOWS_DATABASE_URL is no database URL; one looks like postgresql://USER@HOST/NAME"
        ) from error
    named = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if named else url


def _backend(settings: StorageSettings) -> Backend:
    url = _place(settings)
    if isinstance(url, Path):
        return SqliteFile(url, settings.lock_timeout_s)
    kind = url.get_backend_name()
    if kind in ("postgresql", "postgres"):
        # Without a driver in its name the URL would mean another than the one we come with.
        server = url.set(drivername="postgresql+psycopg")
        return PostgresServer(server, settings.lock_timeout_s)
    raise InvalidSettings(
        f"WHOKNOWS_DATABASE_URL names {kind}; whoknows works with PostgreSQL or an SQLite file"
    )


def _cause(error: Exception) -> str:
    """What the database itself said, without the statement."""
    return str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]


def next_sequence(connection: Connection, count: int = 1) -> int:
    """Draw the next change number, or so many at once, of which it is the last. Must be the last
    statement but the change rows themselves.

    One counter row, because its row lock is held until the commit: so numbers are in commit
    order on every database, which a PostgreSQL sequence does not promise.
    """
    statement = (
        update(state).where(state.c.id == 1).values(sequence=state.c.sequence + count)
    ).returning(state.c.sequence)
    return int(connection.execute(statement).scalar_one())


def position(connection: Connection) -> tuple[str, int]:
    """The database's epoch and its newest change number."""
    row = connection.execute(_POSITION).one()
    return str(row.epoch), int(row.sequence)


def mint_epoch(connection: Connection) -> str:
    """Declare that history was replaced (a restore): every snapshot made before is refused."""
    epoch = uuid.uuid4().hex
    connection.execute(update(state).where(state.c.id == 1).values(epoch=epoch))
    return epoch
