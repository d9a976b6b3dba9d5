"""How this process asks the system for memory, where that is glibc's malloc."""

from __future__ import annotations

import ctypes
import sys

# Names of malloc.h.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE = 1 << 20
_ARENAS = 2


def give_back() -> None:
    """Let what is given up go back to the system; to be called before there are threads.

    By itself glibc keeps a heap for each of many threads, and after the first large array was
    given up, also the room of those that come and go with searches: of 100,000 passages, 100 MB.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # not every Linux has glibc
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_ARENA_MAX, _ARENAS)
