"""The use case: readers say for whom what they read should be written.

Only they and the order of what they find know of it: among answers that are about as good, those
that are written for them come first. See ``indexer.search.standing``.
"""

from __future__ import annotations

from sqlalchemy import Connection

from knowledge.errors import NotAllowed
from knowledge.store import teaching as store
from knowledge.store.database import Database
from knowledge.types import Level, Principal


class Levels:
    """What each reader says; the asker is always whose it is. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, asker: Principal) -> Level | None:
        """What the asker says; None: it does not matter, or they are nobody in particular."""
        with self._database.read() as connection:
            return level_of(connection, asker)

    def say(self, asker: Principal, level: Level | None) -> None:
        """Say it; None: it does not matter. Raises NotAllowed for nobody in particular."""
        if asker.person_id is None:
            raise NotAllowed("only a person has a level, and you ask as none")
        with self._database.write() as connection:
            store.say_level(connection, asker.person_id, level)


def level_of(connection: Connection, asker: Principal) -> Level | None:
    """For whom what they read should be written."""
    return None if asker.person_id is None else store.level_of(connection, asker.person_id)
