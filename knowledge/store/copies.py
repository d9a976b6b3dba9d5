"""Whole tables out of a database and into one, for backups. Every row as plain JSON values."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeDecorator

from knowledge.errors import InvalidInput, OutOfSpace
from knowledge.store import migrations, postgresql, sqlite
from knowledge.store.identity_tables import pseudonym_keys
from knowledge.store.tables import changes, imports, metadata, queries, state

_BATCH = 500
# In a backup, what is to be thrown away would live on.
_NOT_KEPT = (pseudonym_keys.name,)
_UNFINISHED = ("queued", "running")


def revision(connection: Connection) -> str:
    """The schema revision of an open database."""
    return str(migrations.current(connection))


def names() -> list[str]:
    """The tables that a backup of this version holds, those that others refer to first."""
    return [table.name for table in metadata.sorted_tables]


def counters(connection: Connection) -> dict[str, int]:
    """By table, the last id that was given; those that never gave one are left out."""
    read = sqlite.counters if connection.dialect.name == "sqlite" else postgresql.counters
    return read(connection, _counted())


def _counted() -> list[str]:
    """The tables that give ids which are never given again."""
    return [t.name for t in metadata.sorted_tables if t.kwargs.get("sqlite_autoincrement")]


def rows(connection: Connection, name: str) -> Iterator[dict[str, Any]]:
    """Every row of a table, in no particular order, streamed."""
    table = metadata.tables[name]
    if name in _NOT_KEPT:
        return
    streamed = connection.execution_options(yield_per=_BATCH).execute(select(table))
    for row in streamed.mappings():
        yield {key: _plain(value) for key, value in row.items()}


class Staging:
    """A scratch database of the revision that a backup has, brought up to this version's.

    Raises InvalidInput for a revision that this version does not know, or rows that do not fit;
    OutOfSpace.
    """

    def __init__(self, file: Path, backup_revision: str) -> None:
        # Rows are other people's texts, which no message and no log may quote.
        self._engine = create_engine(f"sqlite:///{file}", hide_parameters=True)
        event.listen(self._engine, "connect", _speed_over_safety)
        with _sound(), self._engine.begin() as connection:
            try:
                migrations.upgrade(connection, backup_revision)
            except migrations.UnknownRevision as error:
                raise InvalidInput(
                    "the backup was made by a later version of whoknows; install that version"
                ) from error
        self._tables = MetaData()
        with _sound(), self._engine.connect() as connection:
            self._tables.reflect(connection)

    def expect(self, told: Collection[str]) -> None:
        """Raises InvalidInput unless these are the tables that a backup of its revision has."""
        missing = self._tables.tables.keys() - {"alembic_version"} - set(told)
        if missing:
            raise InvalidInput(f"the backup is damaged: it lacks {', '.join(sorted(missing))}")

    def fill(self, name: str, told: Iterable[Mapping[str, Any]]) -> int:
        """Insert rows as ``rows`` gave them. Returns how many."""
        table = self._tables.tables.get(name)
        if table is None:
            raise InvalidInput(f"the backup holds a table {name!r} that its version does not have")
        count = 0
        with _sound(), self._engine.begin() as connection:
            connection.execute(table.delete())
            for batch in _batches({k: _stored(table, k, v) for k, v in r.items()} for r in told):
                connection.execute(insert(table), batch)
                count += len(batch)
        return count

    def finish(self) -> None:
        """Upgrade to this version's schema and check that every reference holds."""
        with _sound(), self._engine.begin() as connection:
            migrations.upgrade(connection)
        with _sound(), self._engine.connect() as connection:
            broken = connection.execute(text("PRAGMA foreign_key_check")).first()
            if broken is not None:
                raise InvalidInput(f"the backup is damaged: rows of {broken[0]} refer to nothing")
            if connection.execute(select(func.count()).select_from(state)).scalar_one() != 1:
                raise InvalidInput("the backup is damaged: it has no single state row")

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """One transaction over what will be poured."""
        with _sound(), self._engine.begin() as connection:
            yield connection

    def reserve(self, name: str, last: int) -> None:
        """Give no id of a table up to ``last``."""
        with self.changing() as connection:
            sqlite.advance(connection, name, last)

    def pour(self, target: Connection, given: Mapping[str, int]) -> None:
        """Replace everything in ``target`` (one transaction of the caller) and mint an epoch.

        ``given``: as ``counters`` told; no id up to there is given again, so that an old link
        never leads to another document. The change number goes on from the higher of the two, so
        that nobody takes an old copy of an index for a current one; and uploads of unfinished
        imports are not in a backup.
        """
        newest = target.execute(select(state.c.sequence)).scalar() or 0
        for table in reversed(metadata.sorted_tables):
            target.execute(table.delete())
        with self._engine.connect() as connection:
            for table in metadata.sorted_tables:
                stream = connection.execution_options(yield_per=_BATCH).execute(select(table))
                for batch in _batches(dict(row) for row in stream.mappings()):
                    target.execute(insert(table), batch)
        target.execute(
            update(imports)
            .where(imports.c.state.in_(_UNFINISHED))
            .values(
                state="failed",
                stored_as=None,
                error="the data was restored from a backup; upload the file again",
            )
        )
        # Their key was not kept: who asks again would count as somebody else.
        target.execute(update(queries).where(queries.c.at >= _monday()).values(asker=None))
        restored = target.execute(select(state.c.sequence)).scalar_one()
        target.execute(
            update(state).values(epoch=uuid.uuid4().hex, sequence=max(newest, restored) + 1)
        )
        _advance(target, given)
        if target.dialect.name == "postgresql":
            # Without statistics the first queries would take twice as long as they need.
            target.execute(text("ANALYZE"))

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()


@contextmanager
def _sound() -> Iterator[None]:
    """What the scratch database says of rows that do not fit, or of a full disk, as our errors."""
    try:
        yield
    except SQLAlchemyError as error:
        if sqlite.disk_is_full(error):
            raise OutOfSpace("the disk is full; nothing was restored") from error
        cause = str(getattr(error, "orig", None) or type(error).__name__)
        raise InvalidInput(f"the backup is damaged: {cause}") from error


def _advance(connection: Connection, given: Mapping[str, int]) -> None:
    """Give no id again that was given, be it here or where the rows come from."""
    advance = sqlite.advance if connection.dialect.name == "sqlite" else postgresql.advance
    # The change log outlives the documents; it is all that the first backups tell.
    logged = {"documents": connection.execute(select(func.max(changes.c.document_id))).scalar()}
    for name in _counted():
        held = connection.execute(select(func.max(metadata.tables[name].c.id))).scalar()
        advance(connection, name, max(held or 0, given.get(name, 0), logged.get(name) or 0))


def _monday() -> datetime:
    """When the week began, for which a pseudonym holds."""
    now = datetime.now(UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday())


def _speed_over_safety(connection: Any, _record: Any) -> None:
    """The scratch file is thrown away after a crash."""
    connection.execute("PRAGMA journal_mode=OFF").fetchall()
    connection.execute("PRAGMA synchronous=OFF").fetchall()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _stored(table: Table, name: str, value: Any) -> Any:
    """What the reflected column, which knows none of our types, takes."""
    if name not in table.c:
        raise InvalidInput(f"the backup holds a column {table.name}.{name} that is unknown")
    kind = table.c[name].type
    kind = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=None)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) else value


def _batches(items: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
