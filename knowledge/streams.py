"""Reading with bounds: more bytes than allowed, or what goes wrong below, refuse the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from knowledge import archives
from knowledge.archives import Refused


class Blocks(Protocol):
    """Reading in blocks, bounded: more bytes than allowed raise Refused."""

    def read(self, size: int, /) -> bytes: ...


class Stream(Blocks, Protocol):
    """The same, also by lines."""

    def readline(self, size: int, /) -> bytes: ...


class Counted:
    """A stream of at most ``limit`` bytes; ``spend`` is told of each read.

    Raises Refused beyond.
    """

    def __init__(self, raw: BinaryIO, limit: int, spend: Callable[[int], None]) -> None:
        self._raw = raw
        self._left = limit
        self._limit = limit
        self._spend = spend

    def read(self, size: int, /) -> bytes:
        """As a file does."""
        with refusing():
            return self._counted(self._raw.read(size))

    def readline(self, size: int, /) -> bytes:
        """As a file does."""
        with refusing():
            return self._counted(self._raw.readline(size))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise Refused(too_big(self._limit))
        self._spend(len(data))
        return data


@contextmanager
def refusing() -> Iterator[None]:
    """What goes wrong below while reading one file is that file's refusal."""
    try:
        yield
    except MemoryError as error:
        raise Refused("needs too much memory to be unpacked; pack it in another way") from error
    except OSError as error:
        # What decodes bzip2 tells of bad bytes as if it were the system's doing.
        if error.errno is None:
            raise Refused(archives.damaged(error)) from error
        raise Refused(f"cannot be opened: {error.strerror}") from error
    except archives.DAMAGED as error:
        raise Refused(archives.damaged(error)) from error


def too_big(limit: int) -> str:
    """Why a file is refused that is larger than so many bytes."""
    return f"larger than {megabytes(limit)}; split it"


def megabytes(count: int) -> str:
    """So many bytes, in words."""
    return f"{count // 1_000_000:,} MB" if count >= 1_000_000 else f"{count:,} bytes"
