"""Zips written byte by byte, for what Python's zipfile rightly does not write."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.knowledge.hostile.case import GOOD, KEPT

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
DESCRIBED, UTF8 = 1 << 3, 1 << 11
NOON = (44 << 9 | 5 << 5 | 1) << 16 | 12 << 11  # 2024-05-01 12:00


@dataclass(frozen=True)
class Part:
    """An entry. What is None is as it should be; ``local_…`` differs in the local header."""

    name: bytes
    data: bytes = b""
    method: int = STORED
    packed: bytes | None = None
    flags: int | None = None
    crc: int | None = None
    size: int | None = None
    compressed: int | None = None
    moment: int = NOON
    attributes: int = 0
    system: int = 3
    extra: bytes = b""
    comment: bytes = b""
    offset: int | None = None
    disk: int = 0
    local: bool = True
    listed: bool = True
    local_name: bytes | None = None
    local_extra: bytes = b""
    local_flags: int | None = None
    local_method: int | None = None
    local_size: int | None = None
    local_compressed: int | None = None
    local_crc: int | None = None
    behind: bytes = b""

    def content(self) -> bytes:
        """The bytes behind the local header."""
        return pack(self.data, self.method) if self.packed is None else self.packed


@dataclass(frozen=True)
class End:
    """The end of the directory; what is None is as it should be."""

    count: int | None = None
    count_here: int | None = None
    size: int | None = None
    offset: int | None = None
    disk: int = 0
    comment: bytes = b""
    comment_length: int | None = None
    signature: bytes = b"PK\x05\x06"


Zip64 = Callable[[int, int, int], bytes]


def pack(data: bytes, method: int) -> bytes:
    """Data as a method compresses it; as it is where nobody knows the method."""
    if method == DEFLATED:
        maker = zlib.compressobj(9, zlib.DEFLATED, -15)
        return maker.compress(data) + maker.flush()
    if method == BZIP2:
        return bz2.compress(data)
    if method == LZMA:
        return lzma_packed(data, 1 << 20)
    return data


def lzma_packed(data: bytes, dictionary: int) -> bytes:
    """LZMA as zips hold it, saying that it needs so large a dictionary."""
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}]
    raw = lzma.compress(data, lzma.FORMAT_RAW, filters=filters)
    return b"\x09\x04\x05\x00" + struct.pack("<BI", 0x5D, dictionary) + raw


def kept(**changes: object) -> Part:
    """The good page."""
    return replace(Part(KEPT.encode(), GOOD, DEFLATED), **changes)  # type: ignore[arg-type]


def build(
    parts: Sequence[Part],
    end: End = End(),
    *,
    before: bytes = b"",
    behind: bytes = b"",
    gap: bytes = b"",
    zip64: Zip64 | None = None,
    adjusted: bool = False,
) -> bytes:
    """A zip of these parts. ``before`` and ``behind`` lie around it, ``gap`` before its directory;
    offsets count ``before`` where they are ``adjusted``."""
    out = bytearray()
    base = len(before) if adjusted else 0
    directory = bytearray()
    for part in parts:
        offset = base + len(out)
        out += _local(part) if part.local else b""
        directory += _listed(part, offset) if part.listed else b""
    out += gap
    at = base + len(out)
    count = sum(part.listed for part in parts)
    size = len(directory)
    out += directory
    if zip64 is not None:
        out += zip64(count, size, at)
    out += ending(count, size, at, end)
    return before + bytes(out) + behind


def attack(*parts: Part, end: End = End(), **more: object) -> bytes:
    """A zip of the parts and of the good page."""
    return build([*parts, kept()], end, **more)  # type: ignore[arg-type]


def ending(count: int, size: int, at: int, end: End = End()) -> bytes:
    """The record at the end of the directory."""
    count = count if end.count is None else end.count
    length = len(end.comment) if end.comment_length is None else end.comment_length
    return (
        struct.pack(
            "<4s4H2LH",
            end.signature,
            end.disk,
            end.disk,
            (count if end.count_here is None else end.count_here) & 0xFFFF,
            count & 0xFFFF,
            (size if end.size is None else end.size) & 0xFFFFFFFF,
            (at if end.offset is None else end.offset) & 0xFFFFFFFF,
            length & 0xFFFF,
        )
        + end.comment
    )


def ending64(
    count: int, size: int, at: int, *, disks: int = 1, where: int | None = None, record: int = 44
) -> bytes:
    """The same for large archives, and what says where it is."""
    head = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", record, 45, 45, 0, 0, count, count, size, at)
    return head + struct.pack("<4sLQL", b"PK\x06\x07", 0, _or(where, at + size), disks)


def field(kind: int, data: bytes) -> bytes:
    """An extra field."""
    return struct.pack("<HH", kind, len(data)) + data


def _local(part: Part) -> bytes:
    content = part.content()
    crc = zlib.crc32(part.data)
    described = _flags(part) & DESCRIBED
    name = part.name if part.local_name is None else part.local_name
    sizes = (
        _or(part.local_crc, 0 if described else _or(part.crc, crc)),
        _or(part.local_compressed, 0 if described else _or(part.compressed, len(content))),
        _or(part.local_size, 0 if described else _or(part.size, len(part.data))),
    )
    return (
        struct.pack(
            "<4s3HL3L2H",
            b"PK\x03\x04",
            20,
            _or(part.local_flags, _flags(part)),
            _or(part.local_method, part.method),
            _moment(part),
            *(size & 0xFFFFFFFF for size in sizes),
            len(name),
            len(part.local_extra),
        )
        + name
        + part.local_extra
        + content
        + part.behind
    )


def _listed(part: Part, offset: int) -> bytes:
    return (
        struct.pack(
            "<4sBB3HL3L5H2L",
            b"PK\x01\x02",
            20,
            part.system,
            20,
            _flags(part),
            part.method,
            _moment(part),
            _or(part.crc, zlib.crc32(part.data)),
            _or(part.compressed, len(part.content())) & 0xFFFFFFFF,
            _or(part.size, len(part.data)) & 0xFFFFFFFF,
            len(part.name),
            len(part.extra),
            len(part.comment),
            part.disk,
            0,
            part.attributes,
            _or(part.offset, offset) & 0xFFFFFFFF,
        )
        + part.name
        + part.extra
        + part.comment
    )


def _moment(part: Part) -> int:
    # The file holds the time before the date.
    return part.moment & 0xFFFFFFFF


def _flags(part: Part) -> int:
    return (0 if part.name.isascii() else UTF8) if part.flags is None else part.flags


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
