"""The use case: people choose how soon they are told of what by mail, or that they are not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from knowledge.notices import Matter, Pace
from knowledge.store import mail as store
from knowledge.store import people
from knowledge.store.database import Database


@dataclass(frozen=True, slots=True)
class Choices:
    """Where somebody's mail goes, None for nowhere, and their pace of each matter."""

    address: str | None
    paces: dict[Matter, Pace]


class MailChoices:
    """What each person chooses; ``person_id`` is always whoever asks. Safe to share between
    threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, person_id: int) -> Choices:
        """What holds now."""
        with self._database.read() as connection:
            receiver = store.receivers(connection, person_id).get(person_id)
            address = None if receiver is None else receiver.address
            return Choices(address, store.choices(connection, person_id))

    def choose(self, person_id: int, given: dict[Matter, Pace]) -> None:
        """Change the pace of what is given; it holds for what waits, too."""
        with self._database.write() as connection:
            store.choose(connection, person_id, given)

    def stop(self, person_id: int, matters: Collection[Matter]) -> None:
        """Tell somebody of these no more, as a letter's link says. Raises NotFound for who was
        erased; twice is no error."""
        with self._database.write() as connection:
            whole = people.whole(connection, people.get(connection, person_id).id)
            store.choose(connection, whole, dict.fromkeys(matters, Pace.NEVER))
