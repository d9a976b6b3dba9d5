"""Queries about goals and interventions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert, select, update

from knowledge.errors import NotFound
from knowledge.redaction import Called
from knowledge.store.measure_tables import goals as _goals
from knowledge.store.measure_tables import interventions as _interventions


@dataclass(frozen=True, slots=True)
class Aims:
    """A table of them, what one is called, and in which order they are read."""

    table: Table
    noun: str
    order: tuple[ColumnElement[Any], ...]

    def all_of_them(self, connection: Connection) -> list[Row[Any]]:
        """Every one, in order."""
        return list(connection.execute(select(self.table).order_by(*self.order)))

    def get(self, connection: Connection, key: int) -> Row[Any]:
        """One. Raises NotFound."""
        row = connection.execute(select(self.table).where(self.table.c.id == key)).first()
        if row is None:
            raise NotFound(f"there is no such {self.noun}")
        return row

    def add(self, connection: Connection, values: dict[str, Any]) -> int:
        """Keep one; its id."""
        key = connection.execute(insert(self.table).values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def put(self, connection: Connection, key: int, values: dict[str, Any]) -> None:
        """Change one."""
        connection.execute(update(self.table).where(self.table.c.id == key).values(**values))

    def remove(self, connection: Connection, key: int) -> None:
        """Delete one."""
        connection.execute(delete(self.table).where(self.table.c.id == key))


# Those that are due first before the others; the latest first.
GOALS = Aims(_goals, "goal", (_goals.c.due.asc(), _goals.c.id.asc()))
INTERVENTIONS = Aims(
    _interventions, "intervention", (_interventions.c.start.desc(), _interventions.c.id.desc())
)


# Erasing somebody.


def be_nobodys(connection: Connection, ids: Collection[int]) -> None:
    """What somebody set and noted stays, as by nobody."""
    for table in (_goals, _interventions):
        theirs = table.c.person_id.in_(sorted(ids))
        connection.execute(update(table).where(theirs).values(person_id=None))


def clean(connection: Connection, called: Called) -> None:
    """Take what somebody is called out of the names of interventions."""
    for row in connection.execute(select(_interventions.c.id, _interventions.c.name)).all():
        left = called.gone_from(row.name)
        if left != row.name:
            INTERVENTIONS.put(connection, row.id, {"name": left[:200]})
