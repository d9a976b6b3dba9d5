"""Zip archives from strangers: what may be read from one, and what is refused and why."""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from knowledge.errors import InvalidInput, UnreadableExport
from knowledge.types import ReadFailure

MB = 1_000_000
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, EOFError, RuntimeError),
)

_ARCHIVES = re.compile(r"\.(?:zip|tar|tgz|gz|bz2|tbz2?|xz|txz|zst|7z|rar|jar|lzma|cab|iso)$", re.I)
_RATIO_FLOOR = 64_000
_UTF8 = 0x800
_DIRECTORY_BYTES_PER_ENTRY = 512
_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCAL = struct.Struct("<4s5H3L2H")


class Refused(InvalidInput):
    """One input cannot be used; ``str`` is the reason in words its owner understands."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an export may cost, in bytes where nothing else is said.

    ``expanded`` counts what is read out of an archive; ``page`` bounds each file, ``dump`` an
    export's streamed main file; ``ratio`` is expanded to compressed size, of any entry.
    """

    archive: int = 500 * MB
    expanded: int = 2000 * MB
    entries: int = 50_000
    page: int = 50 * MB
    dump: int = 4000 * MB
    ratio: int = 100


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive that may be read."""

    name: str
    size: int
    modified_at: datetime | None
    info: zipfile.ZipInfo


class Archive:
    """An opened zip; ``members`` are its files and refusals in the order of their paths.

    ``source`` is where it lies, its bytes, or an open file that stays its owner's; ``name`` is
    what its owner calls it. Archives in it are refused, but for those of a name like ``inner``.

    Raises UnreadableExport when the archive is damaged, too big, has too many entries, or has
    entries that share bytes (which Python's zipfile does not notice).
    """

    unpacked = 0
    """How many bytes were unpacked already, to see what is in it."""

    def __init__(
        self,
        source: Path | bytes | BinaryIO,
        limits: Limits,
        name: str,
        inner: re.Pattern[str] | None = None,
    ) -> None:
        self._limits = limits
        self._inner = inner
        raw = BytesIO(source) if isinstance(source, bytes) else source
        size = raw.stat().st_size if isinstance(raw, Path) else raw.seek(0, SEEK_END)
        if size > limits.archive:
            raise UnreadableExport(f"{name} is larger than {limits.archive // MB} MB; split it")
        try:
            with _opened(raw) as file:
                _check_count(file, name, limits.entries)
            self._zip = zipfile.ZipFile(raw)
        except (*DAMAGED, OSError, ValueError, struct.error) as error:
            raise UnreadableExport(
                f"{name} is not a complete zip archive ({error}); export or copy it again"
            ) from error
        try:
            infos = self._zip.infolist()
            if len(infos) > limits.entries:
                raise _too_many(name, limits.entries)
            with _opened(raw) as file:
                _check_overlaps(file, name, infos)
            self.members = self._sorted(infos)
        except BaseException:
            self._zip.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def opener(self, member: Member) -> Callable[[], BinaryIO]:
        """What opens a member's expanded bytes as a stream."""
        return lambda: cast(BinaryIO, self._zip.open(member.info))

    def _sorted(self, infos: list[zipfile.ZipInfo]) -> list[Member | ReadFailure]:
        named = [(_name(info), info) for info in infos]
        copies = Counter(name for name, _ in named)
        members: list[tuple[str, Member | ReadFailure]] = []
        for name, info in named:
            if name.endswith("/") and not _unsafe(info):
                continue
            if reason := _unsafe(info) or self._refusal(name, info, copies[name]):
                members.append((name, ReadFailure(printable(name), reason)))
            else:
                members.append((name, Member(name, info.file_size, _modified(info), info)))
        return [m for _, m in sorted(members, key=lambda pair: pair[0].split("/"))]

    def _refusal(self, name: str, info: zipfile.ZipInfo, copies: int) -> str | None:
        if copies > 1:
            return "several entries of the archive have this name; keep one"
        if info.flag_bits & 0x1:
            return "encrypted; export it without a password"
        if info.file_size > _RATIO_FLOOR and info.file_size > self._limits.ratio * max(
            info.compress_size, 1
        ):
            return f"expands to more than {self._limits.ratio} times its size"
        return None if self._inner and self._inner.fullmatch(name) else nested(name)


def _opened(source: Path | BinaryIO) -> AbstractContextManager[BinaryIO]:
    return source.open("rb") if isinstance(source, Path) else nullcontext(source)


def nested(name: str) -> str | None:
    """Why a name is refused as an archive inside an export; None when it is none."""
    if _ARCHIVES.search(name):
        return "an archive inside the export; unpack it and import it on its own"
    return None


def damaged(error: Exception) -> str:
    """The reason of a refusal of what cannot be unpacked."""
    said = f" ({error})" if str(error) else ""
    return f"damaged in the archive{said}; export it again"


def printable(name: str) -> str:
    """A hostile name, fit to be shown and stored."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name[:300])
    return shown.encode(errors="replace").decode()


def _name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        # Macs write UTF-8 without saying so.
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    # Some Windows tools write backslashes; as a separator is also how one would attack.
    return name.replace("\\", "/")


def _unsafe(info: zipfile.ZipInfo) -> str | None:
    name = _name(info)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if "\0" in name:
        return "its name holds a NUL character"
    if not name.strip("/") or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "an absolute path; entries must lie inside the archive"
    if ".." in name.split("/"):
        return "its path leads out of the archive (..)"
    if kind == stat.S_IFLNK:
        return "a symbolic link; links are not followed"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "not a regular file"
    return None


def _modified(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None


def _too_many(name: str, limit: int) -> UnreadableExport:
    return UnreadableExport(f"{name} holds more than {limit:,} entries; split it")


def _check_count(raw: BinaryIO, name: str, limit: int) -> None:
    """Count the entries before zipfile builds an object for each of millions."""
    size = raw.seek(0, 2)
    tail_at = max(0, size - _END.size - 0xFFFF)
    raw.seek(tail_at)
    tail = raw.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise zipfile.BadZipFile("its directory is missing")
    directory_end = tail_at + at
    directory_size = _END.unpack_from(tail, at)[5]
    if at >= _END64_LOCATOR.size and tail[at - _END64_LOCATOR.size :][:4] == b"PK\x06\x07":
        end64_at = directory_end - _END64_LOCATOR.size - _END64.size
        raw.seek(max(end64_at, 0))
        end64 = raw.read(_END64.size)
        if len(end64) == _END64.size and end64[:4] == b"PK\x06\x06":
            directory_size, directory_end = _END64.unpack(end64)[8], end64_at
    if directory_size > limit * _DIRECTORY_BYTES_PER_ENTRY:
        raise UnreadableExport(
            f"{name} has a directory of more than {limit * _DIRECTORY_BYTES_PER_ENTRY:,} bytes,"
            " which no export needs; pack it anew"
        )
    raw.seek(max(directory_end - directory_size, 0))
    if raw.read(directory_size).count(b"PK\x01\x02") > limit:
        raise _too_many(name, limit)


def _check_overlaps(raw: BinaryIO, name: str, infos: list[zipfile.ZipInfo]) -> None:
    """Raise UnreadableExport where two entries claim the same bytes, as zip bombs do."""
    end = 0
    size = raw.seek(0, SEEK_END)
    for info in sorted(infos, key=lambda i: i.header_offset):
        if info.header_offset < end:
            raise UnreadableExport(f"{name} has overlapping entries; it was made to do harm")
        raw.seek(min(info.header_offset, size))
        header = raw.read(_LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            raise UnreadableExport(f"{name} is damaged: an entry is not where its directory says")
        *_, name_length, extra_length = _LOCAL.unpack(header)
        end = info.header_offset + _LOCAL.size + name_length + extra_length + info.compress_size
