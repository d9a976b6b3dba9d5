"""What may be used once, remembered by one process for as long as it could be used again."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 10_000


class Once:
    """Remembers digests of what was used. Safe to share between threads.

    Of more than ``most`` those that were used longest ago are forgotten.
    """

    def __init__(
        self, seconds: float, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``seconds``: after which something is of no use anyway."""
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._used: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._used)

    def use(self, told: str) -> bool:
        """Whether this is the first use."""
        key = hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            now = self._clock()
            while self._used and next(iter(self._used.values())) < now - self._seconds:
                self._used.popitem(last=False)
            if key in self._used:
                return False
            self._used[key] = now
            if len(self._used) > self._most:
                self._used.popitem(last=False)
            return True
