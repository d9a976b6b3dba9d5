"""Safe access to what users hand in: a folder, a zip archive or a single file.

Everything is hostile until proven otherwise. What endangers the whole (too many entries,
overlapping entries, a damaged archive) raises UnreadableExport; a single bad entry becomes a
ReadFailure with a reason its owner can act on, and the rest goes on.
"""

from __future__ import annotations

import io
import os
import posixpath
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeVar, cast
from urllib.parse import unquote, urlsplit

from knowledge import archives, parts
from knowledge.archives import Limits, Refused
from knowledge.errors import UnreadableExport
from knowledge.history import FileHistory, History
from knowledge.streams import Counted, Stream, megabytes, refusing, too_big
from knowledge.texts import check_text, decode
from knowledge.types import ReadFailure

__all__ = ["Entry", "Export", "Limits", "Refused", "check_text", "decode"]

SKIPPED = frozenset(("__macosx", "node_modules", "__pycache__", "thumbs.db", "desktop.ini"))
_BLOCK = 1 << 20
_T = TypeVar("_T")


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
    def limits(self) -> Limits:
        """What the export may cost."""
        return self._export.limits

    @property
    def history(self) -> FileHistory | None:
        """Who wrote it and when, where the export lies in a git checkout."""
        return self._export.history.get(self.name)

    def check_size(self) -> None:
        """Refuse it before it is opened, if it says itself that it is too large."""
        limit = self._export.limits.page
        if self.size > limit:
            raise Refused(too_big(limit))

    def name_beside(self, href: str) -> str | None:
        """The entry's name that a link in this file means, whether there is one or not; None for
        what leads elsewhere, or nowhere but to a place in this file."""
        try:
            parts = urlsplit(href)
        except ValueError:
            return None
        if parts.scheme or parts.netloc or not parts.path:
            return None
        path = unquote(parts.path)
        folder = "" if path.startswith("/") else posixpath.dirname(self.name)
        name = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
        return None if name == "." or name.startswith("..") or "\0" in name else name

    def beside(self, href: str) -> Entry | None:
        """The entry that a link in this file means; wikis leave out ``.md``."""
        name = self.name_beside(href)
        if name is None:
            return None
        return self._export.get(name) or self._export.get(f"{name}.md")

    def shared(self, build: Callable[[Export], _T]) -> _T:
        """What ``build`` makes of the whole export; made once, for all who ask with it."""
        made = self._export.shared(build)
        # Whatever was opened for it, this is the entry that is being read.
        self._export.opening(self.name)
        return made

    def spend(self, count: int) -> None:
        """Account for bytes that came out of this file, which is itself an archive."""
        self._export.afford(count)

    @contextmanager
    def open(self, *, dump: bool = False, counted: bool = True) -> Iterator[Stream]:
        """Stream the bytes. ``dump`` is for an export's main file, which has its own limit; not
        ``counted`` as consumed when it is read another time."""
        limits = self._export.limits
        self._export.opening(self.name)
        with refusing(), self._opener() as raw:
            yield Counted(
                raw,
                limits.dump if dump else limits.page,
                self._export.spend if not dump else self._export.pass_over if counted else _free,
            )

    def read(self) -> bytes:
        """The whole content, at most ``Limits.page`` bytes."""
        self.check_size()
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


class Export:
    """What was handed in, as named entries in a fixed order. Use it as a context manager.

    ``consumed`` counts the bytes that were read so far, of ``size``. ``opening`` is told the name
    of each entry before it is opened, and may raise Refused; ``moving`` how far reading is.
    """

    def __init__(
        self, path: Path, limits: Limits, name: str | None = None, record: str | None = None
    ) -> None:
        self.path = path
        self._record = record
        self.name = name or path.name
        self.shown = name or str(path)
        self.limits = limits
        self.consumed = 0
        self.opening: Callable[[str], None] = lambda name: None
        self.moving: Callable[[int], None] = lambda consumed: None
        self._archive: archives.Archive | parts.Parts | None = None
        self._spent = 0
        self._shared: dict[object, object] = {}

    @staticmethod
    def open(
        path: Path | str,
        limits: Limits | None = None,
        name: str | None = None,
        record: str | None = None,
    ) -> Export:
        """Open a folder, a ``.zip`` or any other single file.

        ``name`` is what its owner calls it, where that is not the path's last part; ``record`` a
        session record, which then lies beside a single file. Raises UnreadableExport when it is
        missing, or an archive that is damaged or attacks.
        """
        export = Export(Path(path), limits or Limits(), name, record)
        shown = export.shown
        try:
            mode = export.path.stat().st_mode
        except OSError as error:
            raise UnreadableExport(f"{shown}: {error.strerror or 'cannot be opened'}") from error
        except ValueError as error:
            raise UnreadableExport("the path holds a NUL character") from error
        if stat.S_ISREG(mode) and export.name.lower().endswith(".zip"):
            export._archive = parts.opened(export.path, export.limits, export.name)
            export._spent = export._archive.unpacked
        elif not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise UnreadableExport(f"{shown} is neither a file nor a folder")
        if record is not None and (export._archive is not None or export.is_folder):
            raise UnreadableExport(
                "a session record is of one transcript; of several, put each one's beside it"
            )
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
            if self._record is not None:
                yield self._beside(self._record)

    def _beside(self, record: str) -> Entry:
        data = record.encode("utf-8", "replace")
        suffix = "json" if record.lstrip().startswith("{") else "yaml"
        name = f"{posixpath.splitext(self.name)[0]}.session.{suffix}"
        return Entry(self, name, len(data), None, lambda: io.BytesIO(data))

    def get(self, name: str) -> Entry | None:
        """The entry of exactly this name, if there is one that is not refused."""
        found = self._by_name.get(name)
        # A copy, because an entry keeps its text and this table lives as long as the export.
        return copy(found) if found else None

    def shared(self, build: Callable[[Export], _T]) -> _T:
        """See ``Entry.shared``."""
        if build not in self._shared:
            self._shared[build] = build(self)
        return cast(_T, self._shared[build])

    def keeps(self, folder: str) -> bool:
        """Whether a tool left its own folder, which is hidden, at the top or one below it."""
        if self._archive is not None:
            return any(folder in m.name.split("/")[:-1][:2] for m in self._archive.members)
        children = self.path.iterdir() if self.is_folder else ()
        tops = (child for child in children if not child.is_symlink())
        return any(os.path.isdir(top / folder) for top in (self.path, *tops))

    @cached_property
    def history(self) -> History:
        """Who wrote what; empty outside a git checkout. Only a folder is looked up."""
        return History.of(self.path) if self.is_folder else History.empty()

    @cached_property
    def _by_name(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries() if isinstance(entry, Entry)}

    @cached_property
    def size(self) -> int:
        """Bytes of all entries that can be read."""
        return sum(entry.size for entry in self._by_name.values())

    def pass_over(self, count: int) -> None:
        """Account for bytes of a main file, whose own limit holds."""
        self.consumed += count
        self.moving(self.consumed)

    def spend(self, count: int) -> None:
        """Account for bytes that are read. Raises UnreadableExport beyond what may be."""
        self.pass_over(count)
        self.afford(count)

    def afford(self, count: int) -> None:
        """Account for bytes that came out of the archive. Raises UnreadableExport beyond."""
        if self._archive is None:
            return
        self._spent += count
        if self._spent > self.limits.expanded:
            raise UnreadableExport(
                f"{self.name} unpacks to more than {megabytes(self.limits.expanded)};"
                " split it into several archives"
            )

    def _zipped(self, archive: archives.Archive | parts.Parts) -> Iterator[Entry | ReadFailure]:
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
        for where, target in sorted(found, key=lambda pair: pair[0]):
            name = "/".join(where)
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


def _free(count: int) -> None:
    """Account for nothing."""


def hidden(name: str) -> bool:
    """Whether a path is a tool's own and not knowledge: ``.git``, ``__MACOSX`` and the like."""
    return any(p.startswith(".") or p.lower() in SKIPPED for p in name.split("/") if p)
