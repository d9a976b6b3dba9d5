"""The use case: what is decided about topics, which are found in what is stored.

Administrators say what a topic is called and who looks after it: its steward. Either holds over all
later runs. Finding topics is the indexer's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import audit, limits
from knowledge.audit import Action
from knowledge.errors import InvalidInput
from knowledge.store import documents, people, profiles
from knowledge.store import topics as store
from knowledge.store.database import Database
from knowledge.store.topics import Seen
from knowledge.types import Principal

MAX_NAME = 100
NAMED_FROM = 5
"""Whoever may read fewer documents of a topic is not told what somebody called it."""
EVERY = timedelta(days=1)
FEWEST = 20
"""With fewer documents nobody needs topics to find their way, so none are looked for unasked."""
KEEP = object()
"""Instead of None, which takes a decision back."""


class Stewardship:
    """What administrators decide about topics. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def due(self) -> bool:
        """Whether topics are to be looked for again: once a day, where there is enough."""
        with self._database.read() as connection:
            run = store.last_run(connection)
            if run is not None and self._now() - run[0] < EVERY:
                return False
            return documents.counts(connection)[0] >= FEWEST

    def change(
        self,
        topic_id: int,
        principal: Principal,
        by: str,
        *,
        name: str | object | None = KEEP,
        steward_id: int | object | None = KEEP,
    ) -> None:
        """Call a topic so that one sees, or entrust it to somebody whom one sees; None takes
        either back. Raises NotFound, InvalidInput."""
        with self._database.write() as connection:
            store.get(connection, topic_id, principal)
            said: dict[str, str | bool] = {}
            if name is not KEEP:
                told = _name(name)
                store.call(connection, topic_id, told, by)
                said["named"] = told is not None
            if steward_id is not KEEP:
                steward = None
                if steward_id is not None:
                    assert isinstance(steward_id, int)
                    whole = people.whole(connection, steward_id)
                    steward = profiles.seen(connection, whole, principal).id
                store.entrust(connection, topic_id, steward)
                said["steward"] = "" if steward is None else f"person:{steward}"
            subject = f"topic:{topic_id}"
            audit.record(connection, by, Action.TOPIC_CHANGED, subject, at=self._now(), **said)


def _name(given: object) -> str | None:
    told = " ".join(str(given).split()) if given is not None else ""
    if len(told) > MAX_NAME or not limits.storable(told):
        raise InvalidInput(f"a topic's name has at most {MAX_NAME} characters")
    return told or None


def looks_after(connection: Connection, topic: Seen, principal: Principal) -> bool:
    """Whether somebody is a topic's steward, whichever of their records was named."""
    steward, asker = topic.steward_id, principal.person_id
    if steward is None or asker is None:
        return False
    return people.whole(connection, steward) == asker
