"""The use case: once a month everybody is asked how comfortable it is to ask and to share.

An answer is kept without whoever gave it, without a time, and only until five of the month can be
counted together; that somebody answered is kept apart from it, and until the month is over alone.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import comfort
from knowledge.comfort import FEWEST, SCORES, Batch
from knowledge.errors import Conflict, InvalidInput, NotAllowed
from knowledge.measures.kinds import month_of
from knowledge.store import comforting as store
from knowledge.store.database import Database
from knowledge.types import Principal

KEYS = ("asking", "mistakes", "sharing", "time")
"""Of ``comfort.QUESTIONS``, in forms and in the interface."""
SCALE = {
    1: "not at all",
    2: "rather not",
    3: "partly",
    4: "mostly",
    5: "fully",
}


class Comforting:
    """Asks, and counts. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def month(self) -> str:
        """The one that is asked about now."""
        return month_of(self._now())

    def answered(self, asker: Principal) -> bool | None:
        """Whether they answered this month; False for who put the form away, None for who did
        neither. Raises NotAllowed for nobody in particular."""
        theirs = _records(asker)
        with self._database.read() as connection:
            return store.mark(connection, self.month(), theirs)

    def answer(self, scores: Mapping[str, int], asker: Principal) -> None:
        """Say it, once a month. ``scores``: 1 to 5 by the key of each question.

        Raises InvalidInput, Conflict for who answered, NotAllowed for nobody in particular.
        """
        theirs, month = _records(asker), self.month()
        if scores.keys() != set(KEYS) or not set(scores.values()) <= set(SCORES):
            raise InvalidInput("answer each of the four questions with a number from 1 to 5")
        with self._database.write() as connection:
            _settle(connection, month)
            if store.mark(connection, month, theirs):
                raise Conflict("you answered this month already")
            store.set_mark(connection, month, theirs[0], True)
            store.add(connection, {"drawn": secrets.token_hex(16), "month": month, **scores})
            waiting = store.waiting(connection)[month]
            if len(waiting) >= FEWEST:
                _count(connection, month, waiting)

    def put_away(self, asker: Principal) -> None:
        """Be asked no more this month. One may answer all the same. Raises NotAllowed."""
        theirs, month = _records(asker), self.month()
        with self._database.write() as connection:
            _settle(connection, month)
            if store.mark(connection, month, theirs) is None:
                store.set_mark(connection, month, theirs[0], False)


def _settle(connection: Connection, month: str) -> None:
    """What waits of another month is never told, and who answered then is forgotten."""
    for over in store.waiting(connection).keys() - {month}:
        store.remove(connection, over)
    store.forget_marks(connection, month)


def _count(connection: Connection, month: str, waiting: list[dict[str, int]]) -> None:
    # Each question by itself: which answers were of one person is known no more.
    for number, key in enumerate(KEYS, 1):
        held = Counter(one[key] for one in waiting)
        ones, twos, threes, fours, fives = (held[score] for score in SCORES)
        comfort.add(connection, Batch(month, number, (ones, twos, threes, fours, fives)))
    store.remove(connection, month)


def _records(asker: Principal) -> list[int]:
    """The asker's own record first, then those that are part of it."""
    if asker.person_id is None:
        raise NotAllowed("this is asked of people, and you are nobody in particular")
    return [asker.person_id, *sorted(asker.parts)]
