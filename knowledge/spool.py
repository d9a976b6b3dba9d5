"""Files that were handed in and wait to be read: in DATA/imports, whole and durable or not there.

A file that is being received ends in ``.part``; keeping it is fsync, rename and fsync of the
directory. Whoever is told that a file was taken in can pull the plug.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from knowledge.archives import MB, printable
from knowledge.errors import OutOfSpace, TooLarge
from knowledge.store.database import Database

_PART = ".part"
_LABEL = 200
_LOOK_EVERY = 8 * MB
_FORGOTTEN_S = 24 * 3600


class Upload:
    """One file while it is received; a context manager that removes what was not kept."""

    def __init__(self, database: Database, directory: Path, key: str, limit: int) -> None:
        self.key = key
        self.size = 0
        self._database = database
        self._limit = limit
        self._directory = directory
        self._digest = hashlib.sha256()
        self._part = directory / (key + _PART)
        self._looked_at = 0
        self._kept = False
        with _writing():
            self._file: BinaryIO = self._part.open("xb")

    def __enter__(self) -> Upload:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Be done with it: what was not kept is removed."""
        self._file.close()
        if not self._kept:
            self._part.unlink(missing_ok=True)
            (self._directory / self.key).unlink(missing_ok=True)

    @property
    def digest(self) -> str:
        """SHA-256 in hex of what was received so far."""
        return self._digest.hexdigest()

    def expect(self, size: int) -> None:
        """Refuse a file of ``size`` bytes before it is sent. Raises TooLarge, OutOfSpace."""
        if size > self._limit:
            raise TooLarge(
                f"the file is larger than {_amount(self._limit)}; import it in several parts"
            )
        self._database.need_space(size)

    def write(self, data: bytes) -> None:
        """Take in the next piece. Raises TooLarge, OutOfSpace."""
        self.size += len(data)
        if self.size > self._limit or self.size - self._looked_at > _LOOK_EVERY:
            self._looked_at = self.size
            self.expect(self.size if self.size > self._limit else 0)
        self._digest.update(data)
        with _writing():
            self._file.write(data)

    def keep(self) -> None:
        """Make the file durable under its key. Raises OutOfSpace."""
        with _writing():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.rename(self._directory / self.key)
            _sync(self._directory)
        self._kept = True

    def drop(self) -> None:
        """Do not keep it after all; it is gone when the context ends."""
        self._kept = False


class Spool:
    """The directory of the files that wait."""

    def __init__(self, database: Database, limit: int) -> None:
        """``limit``: bytes of the largest file."""
        self.limit = limit
        self._database = database
        self._directory = database.directory / "imports"

    def receive(self, key: str) -> Upload:
        """Begin to take in a file. Raises OutOfSpace."""
        with _writing():
            self._directory.mkdir(exist_ok=True)
        return Upload(self._database, self._directory, key, self.limit)

    def path(self, key: str) -> Path:
        """Where a file lies that was kept."""
        return self._directory / key

    def remove(self, key: str) -> None:
        """Give a file back; a missing one is no mistake."""
        self.path(key).unlink(missing_ok=True)

    def lend(self, key: str, to: str) -> bool:
        """Keep a file under a second key as well, durably; False where it is there no more."""
        with _writing():
            try:
                self.path(to).hardlink_to(self.path(key))
            except FileNotFoundError:
                return False
            os.utime(self.path(to))  # it is not left alone
            _sync(self._directory)
        return True

    def sweep(self, waiting: Collection[str], known: Collection[str]) -> None:
        """Remove what no import waits for: at once if its import is ``known`` to have ended,
        otherwise, as it may still be on its way, when it was left alone for a day."""
        if not self._directory.is_dir():
            return
        for path in self._directory.iterdir():
            if path.name in waiting:
                continue
            try:
                left_alone = time.time() - path.stat().st_mtime > _FORGOTTEN_S
            except FileNotFoundError:
                continue
            if left_alone or path.name in known:
                path.unlink(missing_ok=True)


def label(file_name: str) -> str:
    """What an uploaded file is called: the last part of its name, fit to be shown and stored."""
    last = printable(re.split(r"[/\\]", file_name)[-1][-300:]).strip().lstrip(".")
    stem, suffix = os.path.splitext(last)
    return stem[: _LABEL - len(suffix[:20])] + suffix[:20]


def _sync(directory: Path) -> None:
    held = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutOfSpace("the disk is full; nothing of the file was kept") from error
        raise


def _amount(size: int) -> str:
    return f"{size // MB:,} MB" if size >= MB else f"{size:,} bytes"
