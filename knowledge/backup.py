"""Backup and restore: the truth as one checked file, the same for every kind of database.

A backup is a zip of JSON lines, one member a table, read in one consistent snapshot while others
read and write; its manifest names the schema revision and each member's SHA-256. A restore is
staged and checked beside the data first; then one transaction replaces everything and mints an
epoch, so that serving processes notice, and no index of before is taken for a current one.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import logging
import os
import uuid
import zipfile
import zlib
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection

from knowledge import erasing, erasures
from knowledge.audit import Action, record
from knowledge.erasures import last
from knowledge.errors import Conflict, DataUnavailable, InvalidInput, OutOfSpace
from knowledge.importing import WORKER_LOCK
from knowledge.store import audit, copies, documents
from knowledge.store import erasing as store
from knowledge.store.database import Database
from knowledge.store.erasing import Erasure
from knowledge.store.withdrawing import withdraw_again, withdrawn
from knowledge.types import SourceDocument
from knowledge.writing import Known, Prepare, Prepared

_log = logging.getLogger(__name__)
FORMAT = 2
_READABLE = (1, FORMAT)  # 1 had no counters
_MANIFEST = "manifest.json"
# What file systems say to what they do not offer.
_UNABLE = (errno.EPERM, errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)
_PART = ".whoknows-backup-{}.part"
_SCRATCH = "restore-{}.tmp"
_LEVEL = 1  # vectors hardly shrink, texts do so at any level
# What a restore writes, as a multiple of a backup's rows: a scratch copy, on SQLite also the log of
# the one transaction and then the database itself. Measured: 1.1, 1.2 and 1.1.
_ROOM, _ROOM_ON_SQLITE = 2, 4
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Everything that bytes which are not what was written make the readers of zip and JSON, and the
# conversion of rows, raise.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    RuntimeError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One table in a backup."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``revision`` is its schema's, ``made_by`` the version.

    ``counters``: by table, the last id that was given, also to what is gone.
    """

    format: int
    revision: str
    made_by: str
    made_at: str
    tables: dict[str, Member]
    counters: dict[str, int] = field(default_factory=dict)

    @property
    def documents(self) -> int:
        """How many documents are in it."""
        return self.tables["documents"].rows


def write(database: Database, file: Path) -> Manifest:
    """Back up everything into ``file``, which exists only when it is complete and durable.

    It holds what is restricted, so only its owner may read it. Raises Conflict when the file
    exists, OutOfSpace, InvalidInput when it cannot be written.
    """
    if file.exists():
        raise Conflict(f"{file} exists; name another file, or move that one away first")
    part = file.with_name(_PART.format(uuid.uuid4().hex[:8]))
    _sweep_parts(file.parent)
    try:
        try:
            with open(part, "xb", opener=_private) as raw:
                with suppress(OSError):  # where there are no locks, nothing is swept either
                    fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
                manifest = _fill(database, raw)
                raw.flush()
                os.fsync(raw.fileno())
            _publish(part, file)
        finally:
            part.unlink(missing_ok=True)
        _sync_directory(file.parent)
    except FileExistsError as error:
        raise Conflict(f"{file} exists; name another file, or move that one away first") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutOfSpace(f"the disk is full; {file} was not written") from error
        raise InvalidInput(f"{file} cannot be written: {error}") from error
    _tell(database, manifest)
    return manifest


def _tell(database: Database, manifest: Manifest) -> None:
    try:
        with database.write(frees=True) as connection:
            record(connection, "operator", Action.BACKED_UP, documents=manifest.documents)
    except DataUnavailable as error:
        # The file is there, and needed most of all where the database takes nothing any more.
        _log.warning("the audit could not be told of a backup: %s", error)


def _publish(part: Path, file: Path) -> None:
    """Give it its name. Raises FileExistsError when something has that name."""
    try:
        os.link(part, file)
    except OSError as error:
        if error.errno not in _UNABLE:
            raise
        # FAT and many network shares have no hard links. So the name is taken first: nothing is
        # overwritten, but whoever looks at this moment sees an empty file.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            part.replace(file)
        except BaseException:
            file.unlink()
            raise


def _sweep_parts(directory: Path) -> None:
    """Remove what backups left that were killed; one that runs holds its lock."""
    for left in directory.glob(_PART.format("*")):
        with suppress(OSError), left.open("r+b") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _fill(database: Database, raw: IO[bytes]) -> Manifest:
    members: dict[str, Member] = {}
    with (
        database.read() as connection,
        zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive,
    ):
        for name in copies.names():
            digest, count = hashlib.sha256(), 0
            with archive.open(_member(name), "w", force_zip64=True) as out:
                for row in copies.rows(connection, name):
                    line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
                    digest.update(line)
                    out.write(line)
                    count += 1
            members[name] = Member(count, digest.hexdigest())
        manifest = Manifest(
            FORMAT,
            copies.revision(connection),
            version("whoknows"),
            datetime.now(UTC).isoformat(timespec="seconds"),
            members,
            copies.counters(connection),
        )
        archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def restore(
    database: Database, file: Path, *, replace: bool = False, prepare: Prepare | None = None
) -> Manifest:
    """Make the database what it was when ``file`` was made, or leave it exactly as it is. Who was
    erased since then is erased again before anybody sees them, for which texts may have to be
    prepared.

    Raises InvalidInput for a file that is no undamaged backup, OutOfSpace, Conflict when the
    database holds documents and ``replace`` was not asked for, or while an import is running: its
    report would tell of documents that are gone. Imports of this data directory are meant: one
    database with several of them is beyond the lock.
    """
    try:
        with FileLock(database.directory / WORKER_LOCK, timeout=0):
            return _restore(database, file, replace, prepare or _unprepared)
    except Timeout as error:
        raise Conflict("an import is running; restore when it has ended") from error


def _restore(database: Database, file: Path, replace: bool, prepare: Prepare) -> Manifest:
    _sweep_scratch(database)  # what a restore left that was killed; under the lock none runs
    staging_file = database.directory / _SCRATCH.format(uuid.uuid4().hex[:8])
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            size = sum(info.file_size for info in archive.infolist())
            database.need_space(size * (_ROOM_ON_SQLITE if database.on_sqlite else _ROOM))
            staging = copies.Staging(staging_file, manifest.revision)
            try:
                staging.expect(manifest.tables)
                for name, member in manifest.tables.items():
                    with closing(_checked(archive, name, member)) as rows:
                        staging.fill(name, rows)
                staging.finish()
                with staging.changing() as connection:
                    erased = _erased(connection, database, manifest)
                staging.reserve("people", last(erased))
                with staging.changing() as connection:
                    for erasure in erased:
                        erasing.erase_in(connection, erasure, prepare)
                    erasing.keep_noted(connection, erased)
                with database.write() as connection:
                    if not replace and any(documents.counts(connection)):
                        raise Conflict(
                            "this data directory holds documents or people already; "
                            "to replace them all, add --replace"
                        )
                    entries, seal = audit.head(connection)
                    before, here = withdrawn(connection), store.installation_key(connection)
                    staging.pour(connection, _counted(manifest, erased))
                    key = store.installation_key(connection)
                    withdraw_again(connection, before, key == here)
                    record(
                        connection,
                        "operator",
                        Action.RESTORED,
                        made_at=manifest.made_at,
                        replaced_entries=entries,
                        replaced_seal=seal,
                    )
            finally:
                staging.close()
            erasures.forget_others(database.directory, key)
    except _DAMAGE as error:
        raise InvalidInput(f"{file} is no undamaged backup: {error}") from error
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error}") from error
    finally:
        _sweep_scratch(database)
    return manifest


def _erased(staged: Connection, database: Database, manifest: Manifest) -> list[Erasure]:
    """Everybody who was erased from the installation of the backup, as it tells itself, the file
    beside the database, and the database, if it is the same installation."""
    with database.read() as connection:
        here, held = store.installation_key(connection), store.noted(connection)
    if "installation" not in manifest.tables:
        # Made before installations had a name: it is taken for one of this.
        store.be_installation(staged, here)
    key = store.installation_key(staged)
    told = [*store.noted(staged), *erasures.noted(database.directory, key)]
    return erasures.merged([*told, *(held if key == here else ())])


def _counted(manifest: Manifest, erased: list[Erasure]) -> dict[str, int]:
    """The last ids that were given. Nobody new gets the id of somebody who was erased."""
    return manifest.counters | {"people": max(last(erased), manifest.counters.get("people", 0))}


def _unprepared(_documents: Sequence[SourceDocument], _known: Known) -> list[Prepared]:
    raise Conflict("somebody in this backup was erased since; restore it with: whoknows restore")


def _sweep_scratch(database: Database) -> None:
    for left in database.directory.glob(f"{_SCRATCH.format('*')}*"):
        left.unlink(missing_ok=True)


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if any(info.compress_type not in _KINDS for info in archive.infolist()):
        raise zipfile.BadZipFile("a part of it is packed in an unknown way")
    told: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if told["format"] not in _READABLE:
        raise InvalidInput("the backup was made by a later version of whoknows; install that one")
    members = {name: Member(**member) for name, member in told.pop("tables").items()}
    counters = {name: int(last) for name, last in told.pop("counters", {}).items()}
    return Manifest(**told, tables=members, counters=counters)


def _checked(archive: zipfile.ZipFile, name: str, member: Member) -> Generator[dict[str, Any]]:
    """A member's rows; what is wrong with it shows at its end, before anything is replaced."""
    digest, count = hashlib.sha256(), 0
    with archive.open(_member(name)) as lines:
        for line in lines:
            digest.update(line)
            count += 1
            yield json.loads(line)
    if (count, digest.hexdigest()) != (member.rows, member.sha256):
        raise InvalidInput(f"the backup is damaged: {name} is not what was written")


def _member(name: str) -> str:
    return f"tables/{name}.jsonl"


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network shares do not offer it for directories; the file itself is durable.
        if error.errno not in _UNABLE:
            raise
    finally:
        os.close(handle)
