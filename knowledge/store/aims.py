"""Queries about goals and interventions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from knowledge.errors import NotFound
from knowledge.redaction import Called
from knowledge.store.measure_tables import goals as _goals
from knowledge.store.measure_tables import interventions as _interventions


def goals(connection: Connection) -> list[Row[Any]]:
    """All goals, those that are due first before the others."""
    return list(connection.execute(select(_goals).order_by(_goals.c.due, _goals.c.id)))


def goal(connection: Connection, goal_id: int) -> Row[Any]:
    """One. Raises NotFound."""
    return _get(connection, _goals, goal_id, "goal")


def add_goal(connection: Connection, values: dict[str, Any]) -> int:
    """Keep one; its id."""
    return _add(connection, _goals, values)


def put_goal(connection: Connection, goal_id: int, values: dict[str, Any]) -> None:
    """Change one."""
    connection.execute(update(_goals).where(_goals.c.id == goal_id).values(**values))


def remove_goal(connection: Connection, goal_id: int) -> None:
    """Delete one."""
    connection.execute(delete(_goals).where(_goals.c.id == goal_id))


def interventions(connection: Connection) -> list[Row[Any]]:
    """All interventions, the latest first."""
    query = select(_interventions)
    ordered = query.order_by(_interventions.c.start.desc(), _interventions.c.id.desc())
    return list(connection.execute(ordered))


def intervention(connection: Connection, intervention_id: int) -> Row[Any]:
    """One. Raises NotFound."""
    return _get(connection, _interventions, intervention_id, "intervention")


def add_intervention(connection: Connection, values: dict[str, Any]) -> int:
    """Keep one; its id."""
    return _add(connection, _interventions, values)


def put_intervention(connection: Connection, intervention_id: int, values: dict[str, Any]) -> None:
    """Change one."""
    same = _interventions.c.id == intervention_id
    connection.execute(update(_interventions).where(same).values(**values))


def remove_intervention(connection: Connection, intervention_id: int) -> None:
    """Delete one."""
    connection.execute(delete(_interventions).where(_interventions.c.id == intervention_id))


def _get(connection: Connection, table: Table, key: int, noun: str) -> Row[Any]:
    row = connection.execute(select(table).where(table.c.id == key)).first()
    if row is None:
        raise NotFound(f"there is no such {noun}")
    return row


def _add(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


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
            put_intervention(connection, row.id, {"name": left[:200]})
