"""How this process uses memory."""

from __future__ import annotations

import ctypes
import gc
import sys

# Names of malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_ARENAS = 2
# Larger arrays come from the system, and are given back to it, each by itself. So much room at the
# end of a heap stays for the next search: to ask the system again costs each a millisecond.
_LARGE, _KEPT = 4 << 20, 8 << 20
# More than a few searches hold at once.
_NEW_OBJECTS = 10_000


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
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
        mallopt(_M_ARENA_MAX, _ARENAS)


def settle() -> None:
    """Look for garbage less often, and not in what is there by now; to be called when everything is
    loaded.

    Otherwise the collector goes through all of it every hundred searches, of 100,000 passages for
    75 milliseconds in which nothing else runs, and through what a search holds in its midst.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
