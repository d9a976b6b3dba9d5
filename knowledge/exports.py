"""Safe access to what users hand in: a folder, a zip archive or a single file.

Everything is hostile until proven otherwise. What endangers the whole (too many entries,
overlapping entries, a damaged archive) raises UnreadableExport; a single bad entry becomes a
ReadFailure with a reason its owner can act on, and the rest goes on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from knowledge import archives
from knowledge.archives import Limits, Refused
from knowledge.errors import UnreadableExport
from knowledge.history import FileHistory, History
from knowledge.types import ReadFailure

__all__ = ["Entry", "Export", "Limits", "Refused", "check_text", "decode"]

SKIPPED = frozenset(("__macosx", "node_modules", "__pycache__", "thumbs.db", "desktop.ini"))
_BLOCK = 1 << 20


class Entry:
    """One file of an export. ``name`` is its relative path with forward slashes.

    Everything that reads raises Refused when this file cannot be used.
    """

    __slots__ = ("_export", "_opener", "_text", "modified_at", "name", "size")

    def __init__(
        self,
        export: Export,
        name: str,
        size: int,
        modified_at: datetime | None,
        opener: Callable[[], BinaryIO],
    ) -> None:
        self.name = name
        self.size = size
        self.modified_at = modified_at
        self._export = export
        self._opener = opener
        self._text: str | Refused | None = None

    @property
    def suffix(self) -> str:
        """The file name's extension, lower case and with its dot; "" without one."""
        return os.path.splitext(self.name)[1].lower()

    @property
    def history(self) -> FileHistory | None:
        """Who wrote it and when, where the export lies in a git checkout."""
        return self._export.history.get(self.name)

    @contextmanager
    def open(self, *, dump: bool = False) -> Iterator[Stream]:
        """Stream the bytes. ``dump`` is for an export's main file, which has its own limit."""
        limits = self._export.limits
        with _refusing(), self._opener() as raw:
            yield _Counted(
                raw, limits.dump if dump else limits.page, None if dump else self._export.spend
            )

    def read(self) -> bytes:
        """The whole content, at most ``Limits.page`` bytes."""
        limit = self._export.limits.page
        if self.size > limit:
            raise Refused(_too_big(limit))
        with self.open() as stream:
            blocks = iter(lambda: stream.read(_BLOCK), b"")
            return b"".join(blocks)

    def text(self) -> str:
        """The content as text, exactly as it came but for a byte order mark."""
        if self._text is None:
            try:
                self._text = decode(self.read())
            except Refused as refusal:
                self._text = refusal
        if isinstance(self._text, Refused):
            raise self._text
        return self._text


class Stream(Protocol):
    """Reading, bounded: more bytes than allowed raise Refused."""

    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class Export:
    """What was handed in, as named entries in a fixed order. Use it as a context manager."""

    def __init__(self, path: Path, limits: Limits, name: str | None = None) -> None:
        self.path = path
        self.name = name or path.name
        self.shown = name or str(path)
        self.limits = limits
        self._archive: archives.Archive | None = None
        self._spent = 0

    @staticmethod
    def open(path: Path | str, limits: Limits | None = None, name: str | None = None) -> Export:
        """Open a folder, a ``.zip`` or any other single file.

        ``name`` is what its owner calls it, where that is not the path's last part. Raises
        UnreadableExport when it is missing, or an archive that is damaged or attacks.
        """
        export = Export(Path(path), limits or Limits(), name)
        shown = export.shown
        try:
            mode = export.path.stat().st_mode
        except OSError as error:
            raise UnreadableExport(f"{shown}: {error.strerror or 'cannot be opened'}") from error
        except ValueError as error:
            raise UnreadableExport("the path holds a NUL character") from error
        if stat.S_ISREG(mode) and export.name.lower().endswith(".zip"):
            export._archive = archives.Archive(export.path, export.limits, export.name)
        elif not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise UnreadableExport(f"{shown} is neither a file nor a folder")
        return export

    def __enter__(self) -> Export:
        return self

    def __exit__(self, *_: object) -> None:
        if self._archive is not None:
            self._archive.close()

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder on disk."""
        return self._archive is None and self.path.is_dir()

    def entries(self) -> Iterator[Entry | ReadFailure]:
        """Every file by the order of its path, and in its place each that is refused."""
        if self._archive is not None:
            yield from self._zipped(self._archive)
        elif self.is_folder:
            yield from self._filed()
        else:
            yield self._on_disk(self.name, self.path)

    def get(self, name: str) -> Entry | None:
        """The entry of exactly this name, if there is one that is not refused."""
        found = self._by_name.get(name)
        # A copy, because an entry keeps its text and this table lives as long as the export.
        return copy(found) if found else None

    @cached_property
    def history(self) -> History:
        """Who wrote what; empty outside a git checkout. Only a folder is looked up."""
        return History.of(self.path) if self.is_folder else History.empty()

    @cached_property
    def _by_name(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries() if isinstance(entry, Entry)}

    def spend(self, count: int) -> None:
        """Account for bytes that came out of the archive. Raises UnreadableExport beyond."""
        if self._archive is None:
            return
        self._spent += count
        if self._spent > self.limits.expanded:
            raise UnreadableExport(
                f"{self.name} unpacks to more than {_megabytes(self.limits.expanded)};"
                " split it into several archives"
            )

    def _zipped(self, archive: archives.Archive) -> Iterator[Entry | ReadFailure]:
        for member in archive.members:
            if isinstance(member, ReadFailure):
                yield member
            elif not hidden(member.name):
                yield Entry(
                    self, member.name, member.size, member.modified_at, archive.opener(member)
                )

    def _filed(self) -> Iterator[Entry | ReadFailure]:
        found: list[tuple[list[str], Path | str]] = []
        pending = [(self.path, "")]
        while pending:
            folder, prefix = pending.pop()
            try:
                children = list(os.scandir(folder))
            except OSError as error:
                found.append((prefix.split("/"), f"cannot be opened: {error.strerror}"))
                continue
            for child in children:
                name = prefix + child.name
                if hidden(child.name):
                    continue
                if child.is_dir(follow_symlinks=False):
                    pending.append((Path(child.path), name + "/"))
                else:
                    found.append((name.split("/"), Path(child.path)))
            if len(found) > self.limits.entries:
                raise UnreadableExport(
                    f"{self.shown} holds more than {self.limits.entries:,} files;"
                    " import its folders one by one"
                )
        for parts, target in sorted(found, key=lambda pair: pair[0]):
            name = "/".join(parts)
            yield (
                ReadFailure(archives.printable(name), target)
                if isinstance(target, str)
                else self._on_disk(name, target)
            )

    def _on_disk(self, name: str, path: Path) -> Entry | ReadFailure:
        try:
            name.encode()
            about = path.lstat() if self.is_folder else path.stat()
        except UnicodeEncodeError:
            return ReadFailure(archives.printable(name), "its name is not UTF-8; rename it")
        except OSError as error:
            return ReadFailure(name, f"cannot be opened: {error.strerror}")
        if stat.S_ISLNK(about.st_mode):
            return ReadFailure(name, "a symbolic link; links are not followed, import its target")
        if not stat.S_ISREG(about.st_mode):
            return ReadFailure(name, "not a regular file")
        if self.is_folder and (reason := archives.nested(name)):
            return ReadFailure(name, reason)

        def opener() -> BinaryIO:
            # The file may have been swapped for a link or a pipe since it was listed.
            flags = os.O_RDONLY | os.O_NONBLOCK | (os.O_NOFOLLOW if self.is_folder else 0)
            return os.fdopen(os.open(path, flags), "rb")

        # A file handed in alone was mostly just saved or uploaded: its time says nothing.
        modified = datetime.fromtimestamp(about.st_mtime, UTC).replace(microsecond=0)
        return Entry(self, name, about.st_size, modified if self.is_folder else None, opener)


def hidden(name: str) -> bool:
    """Whether a path is a tool's own and not knowledge: ``.git``, ``__MACOSX`` and the like."""
    return any(p.startswith(".") or p.lower() in SKIPPED for p in name.split("/") if p)


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8, or UTF-16 with a byte order mark. Raises Refused otherwise."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data:
        raise Refused("holds NUL bytes: a binary file, or damaged; export it again as text")
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8-sig" and error.reason == "unexpected end of data":
            raise Refused(
                "ends in the middle of a character: half-written; copy it again"
            ) from error
        raise Refused("not UTF-8 text; save it as UTF-8") from error
    if not text.strip():
        raise Refused("the file is empty")
    check_text(text)
    return text


def check_text(text: str) -> None:
    """Raise Refused for text that no database takes: NULs and halves of surrogate pairs."""
    if "\0" in text:
        raise Refused("holds NUL characters; export it again as text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Refused("holds half a surrogate pair: damaged text; export it again") from error


class _Counted:
    def __init__(self, raw: BinaryIO, limit: int, spend: Callable[[int], None] | None) -> None:
        self._raw = raw
        self._left = limit
        self._limit = limit
        self._spend = spend

    def read(self, size: int, /) -> bytes:
        with _refusing():
            return self._counted(self._raw.read(size))

    def readline(self, size: int, /) -> bytes:
        with _refusing():
            return self._counted(self._raw.readline(size))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise Refused(_too_big(self._limit))
        if self._spend is not None:
            self._spend(len(data))
        return data


@contextmanager
def _refusing() -> Iterator[None]:
    """What goes wrong below while reading one file is that file's refusal."""
    try:
        yield
    except OSError as error:
        raise Refused(f"cannot be opened: {error.strerror or error}") from error
    except archives.DAMAGED as error:
        raise Refused(f"damaged in the archive ({error}); export it again") from error


def _too_big(limit: int) -> str:
    return f"larger than {_megabytes(limit)}; split it"


def _megabytes(count: int) -> str:
    return f"{count // 1_000_000:,} MB" if count >= 1_000_000 else f"{count:,} bytes"
