"""Telling the audit of what was refused to somebody who had said who they are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import audit
from knowledge.audit import Action
from knowledge.later import Later

AT_MOST_EVERY = timedelta(minutes=1)
_REMEMBERED = 10_000


class Denials:
    """What was refused, each to each at most once a minute; nobody waits for it to be written.
    Safe to share between threads."""

    def __init__(
        self, later: Later, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._later = later
        self._now = now
        self._lock = threading.Lock()
        self._told: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def tell(self, actor: str, what: str) -> None:
        """Tell that ``what``, a method and the template of a path, was refused to the actor."""
        now = self._now()
        with self._lock:
            before = self._told.get((actor, what))
            if before is not None and now - before < AT_MOST_EVERY:
                return
            self._told[actor, what] = now
            self._told.move_to_end((actor, what))
            if len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)

        def note(connection: Connection) -> None:
            audit.record(connection, actor, Action.DENIED, what, at=now)

        self._later.put(f"denied {actor} {what} {now.isoformat()}", note)
