"""Nobody keeps others out by asking too often: each caller has an allowance that fills up again.

What they ask for is not looked at, so being told to wait says nothing of what there is. Counted in
memory by each process.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum

from api.metrics import Metrics
from knowledge.errors import TooMany
from knowledge.settings import ServeSettings
from knowledge.throttle import place

MOST = 10_000
_MINUTE, _HOUR = 60.0, 3600.0
# A search costs as much as so many other readings, such as suggestions and pages of documents.
_READINGS = 5


class Kind(StrEnum):
    """What is counted together; a reading is part of a search."""

    SEARCH = "search"
    READ = "read"
    WRITE = "write"
    IMPORT = "import"


class Allowances:
    """So many in a time for each of many callers. Safe to share between threads.

    Of callers that are more than ``most`` those that asked longest ago are forgotten, and have all
    of theirs again.
    """

    def __init__(
        self,
        amount: float,
        seconds: float,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``amount``: 0 sets no limit."""
        self._amount = amount
        self._rate = amount / seconds
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        # What is left, and when that was so.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def wait(self, caller: str, cost: float = 1.0) -> float:
        """Take the cost from a caller's allowance; 0, or in how many seconds there is enough."""
        if not self._amount:
            return 0.0
        with self._lock:
            now = self._clock()
            left, at = self._left.pop(caller, (self._amount, now))
            left = min(self._amount, left + (now - at) * self._rate)
            short = cost - left
            self._left[caller] = (left if short > 0 else left - cost, now)
            if len(self._left) > self._most:
                self._left.popitem(last=False)
        return short / self._rate if short > 0 else 0.0


class Fairness:
    """All allowances of one application."""

    def __init__(
        self,
        settings: ServeSettings,
        metrics: Metrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        def of(amount: int, seconds: float = _MINUTE) -> Allowances:
            return Allowances(amount, seconds, clock=clock)

        searches, writes = of(settings.searches_per_minute), of(settings.writes_per_minute)
        self._metrics = metrics
        self._own = {
            Kind.SEARCH: searches,
            Kind.READ: searches,
            Kind.WRITE: writes,
            Kind.IMPORT: of(settings.imports_per_hour, _HOUR),
        }
        self._sites = of(settings.site_searches_per_minute)
        self._strangers = of(settings.refusals_per_minute)
        self._sign_ins = of(settings.sign_ins_per_minute)

    def asked(self, kind: Kind, owner: str, site: int | None, address: str) -> None:
        """Count a request. Raises TooMany.

        At other sites strangers count by their address, and all together by the site.
        """
        cost = 1 / _READINGS if kind is Kind.READ else 1.0
        caller = f"{owner} {place(address)}" if owner.startswith("site:") else owner
        self._take(self._own[kind], caller, cost)
        if site is not None:
            self._take(self._sites, str(site), cost)

    def refused(self, address: str) -> None:
        """Count a request of somebody who could not say who they are. Raises TooMany."""
        self._take(self._strangers, place(address), 1.0)

    def signing_in(self, address: str) -> None:
        """Count a step of somebody's way in. Raises TooMany."""
        self._take(self._sign_ins, place(address), 1.0)

    def _take(self, allowances: Allowances, caller: str, cost: float) -> None:
        seconds = allowances.wait(caller, cost)
        if seconds > 0:
            self._metrics.rejected("caller")
            whole = int(-(-seconds // 1))
            raise TooMany(f"you ask too often; try again in {whole} s", whole)
