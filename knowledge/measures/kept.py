"""What is set and noted of measures, goals and interventions: kept and changed alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Connection, Row

from knowledge import requests
from knowledge.errors import Conflict
from knowledge.measures import telling
from knowledge.requests import Repeated, RequestKey
from knowledge.roles import Standing
from knowledge.store import aims as store
from knowledge.store.database import Database
from knowledge.types import Principal

Given = TypeVar("Given")
Made = TypeVar("Made")


class Kept(ABC, Generic[Given, Made]):
    """All of a kind. Every call raises NotAllowed for whoever is neither an administrator nor a
    curator. Safe to share between threads."""

    _aims: ClassVar[store.Aims]
    most: ClassVar[int]
    """How many there may be."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def all_of_them(self, standing: Standing) -> list[Made]:
        """Every one, in the order in which the kind is read."""
        telling.check(standing)
        with self._database.read() as connection:
            return [self._made(connection, row) for row in self._aims.all_of_them(connection)]

    def get(self, key: int, standing: Standing) -> Made:
        """One. Raises NotFound."""
        telling.check(standing)
        with self._database.read() as connection:
            return self._made(connection, self._aims.get(connection, key))

    def create(
        self,
        given: Given,
        asker: Principal,
        standing: Standing,
        request: RequestKey | None = None,
    ) -> int:
        """Keep one; its id. A repeated request keeps none anew. Raises InvalidInput, NotFound for
        an unknown measure, and Conflict where there are as many as there may be."""
        telling.check(standing)
        values, now = self._values(given), self._now()
        try:
            with self._database.write() as connection:
                requests.begin(connection, request, now)
                if len(self._aims.all_of_them(connection)) >= self.most:
                    noun = self._aims.noun
                    raise Conflict(f"there are {self.most} {noun}s already; take one back first")
                made = self._aims.add(
                    connection, {**values, "person_id": asker.person_id, "at": now}
                )
                requests.remember(connection, request, str(made), now)
                return made
        except Repeated as repeated:
            return int(repeated.made)

    def replace(self, key: int, given: Given, standing: Standing) -> None:
        """Say it otherwise. Raises InvalidInput, NotFound."""
        telling.check(standing)
        values = self._values(given)
        with self._database.write() as connection:
            self._aims.get(connection, key)
            self._aims.put(connection, key, values)

    def remove(self, key: int, standing: Standing) -> None:
        """Take it back. Raises NotFound."""
        telling.check(standing)
        with self._database.write() as connection:
            self._aims.get(connection, key)
            self._aims.remove(connection, key)

    @abstractmethod
    def _values(self, given: Given) -> dict[str, Any]:
        """What is kept of it. Raises InvalidInput, and NotFound for an unknown measure."""

    @abstractmethod
    def _made(self, connection: Connection, row: Row[Any]) -> Made:
        """What is told of what is kept."""
