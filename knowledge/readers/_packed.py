"""One compressed file as a stream: gzip and bzip2, bounded in what they expand to."""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from knowledge.exports import Entry, Refused
from knowledge.streams import Blocks

_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"
_BLOCK = 1 << 16
_FLOOR = 1 << 20
_GZIP_WINDOW = 31


@contextmanager
def unpacked(entry: Entry, *, counted: bool = True) -> Iterator[Blocks]:
    """An export's main file, unpacked where its content is compressed.

    Reading raises Refused when it is damaged, or expands beyond what a dump may be.
    """
    with entry.open(dump=True, counted=counted) as stream:
        start = stream.read(4)
        if start.startswith((_GZIP, _BZIP2)):
            yield _Unpacked(stream, start, entry.limits.dump, entry.limits.ratio)
        else:
            yield _Behind(start, stream)


class _Behind:
    """A stream of which the start was read already."""

    def __init__(self, start: bytes, stream: Blocks) -> None:
        self._start = start
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        if self._start:
            start, self._start = self._start[:size], self._start[size:]
            return start
        return self._stream.read(size)


class _Unpacked:
    def __init__(self, stream: Blocks, start: bytes, limit: int, ratio: int) -> None:
        self._stream = stream
        self._gzip = start.startswith(_GZIP)
        self._decoder = _decoder(gzip=self._gzip)
        self._packed = start
        self._limit, self._ratio = limit, ratio
        self._in, self._out = len(start), 0

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes, none at the end."""
        try:
            data = self._next(size)
        except (zlib.error, OSError, EOFError) as error:
            raise Refused(f"damaged where it is compressed ({error}); copy it again") from error
        self._out += len(data)
        if self._out > self._limit:
            raise Refused(f"unpacks to more than {self._limit // 1_000_000:,} MB; split it")
        if self._out > max(_FLOOR, self._ratio * self._in):
            raise Refused(f"expands to more than {self._ratio} times its size")
        return data

    def _next(self, size: int) -> bytes:
        while True:
            data, self._packed = _decoded(self._decoder, self._packed, size)
            if data:
                return data
            if self._decoder.eof:
                # Several compressed files one behind the other are one.
                rest = self._decoder.unused_data or self._packed or self._more()
                if not rest.strip(b"\0"):
                    return b""
                self._decoder, self._packed = _decoder(gzip=self._gzip), rest
            elif not self._packed:
                self._packed = self._more()
                if not self._packed:
                    raise EOFError("its end is missing")

    def _more(self) -> bytes:
        data = self._stream.read(_BLOCK)
        self._in += len(data)
        return data


def _decoder(*, gzip: bool) -> _Gzip | bz2.BZ2Decompressor:
    return _Gzip() if gzip else bz2.BZ2Decompressor()


def _decoded(decoder: _Gzip | bz2.BZ2Decompressor, data: bytes, size: int) -> tuple[bytes, bytes]:
    """What comes out, and what is still to be put in."""
    if decoder.eof:
        return b"", data
    if isinstance(decoder, _Gzip):
        return decoder.decode(data, size)
    return decoder.decompress(data, size), b""


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(_GZIP_WINDOW)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decode(self, data: bytes, size: int) -> tuple[bytes, bytes]:
        return self._inner.decompress(data, size), self._inner.unconsumed_tail
