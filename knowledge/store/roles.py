"""Queries about who may do what. What a role lets somebody do is said in ``knowledge.roles``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from knowledge.identity import AccountRole
from knowledge.store.identity_tables import roles

BY_PROVIDER = "provider"
"""Who gives a role that lasts only as long as the provider says so."""


def of_person(connection: Connection, person_id: int) -> list[tuple[AccountRole, str, str]]:
    """Their roles: (role, source, topic), blank where a role is of neither."""
    query = select(roles.c.role, roles.c.source, roles.c.topic)
    rows = connection.execute(
        query.where(roles.c.person_id == person_id).order_by(*query.selected_columns)
    )
    return [(AccountRole(row.role), row.source, row.topic) for row in rows]


def all_of_them(connection: Connection) -> list[tuple[int, AccountRole, str, str]]:
    """Everybody's: (person, role, source, topic)."""
    query = select(roles.c.person_id, roles.c.role, roles.c.source, roles.c.topic)
    rows = connection.execute(query.order_by(*query.selected_columns))
    return [(row.person_id, AccountRole(row.role), row.source, row.topic) for row in rows]


def add(
    connection: Connection,
    person_id: int,
    role: AccountRole,
    source: str,
    topic: str,
    by: str,
    at: datetime,
) -> bool:
    """Give somebody a role; False if they have it. What the provider gave lasts from then on."""
    if (role, source, topic) in of_person(connection, person_id):
        if by == BY_PROVIDER:
            return False
        held = (roles.c.person_id == person_id) & (roles.c.role == role.value)
        held &= (roles.c.source == source) & (roles.c.topic == topic)
        lent = update(roles).where(held, roles.c.by == BY_PROVIDER).values(by=by, at=at)
        return bool(connection.execute(lent).rowcount)
    connection.execute(
        insert(roles).values(
            person_id=person_id, role=role.value, source=source, topic=topic, by=by, at=at
        )
    )
    return True


def granted_by(connection: Connection, person_id: int, role: AccountRole) -> str | None:
    """Who gave somebody a role of everything, if they have it."""
    held = (roles.c.person_id == person_id) & (roles.c.role == role.value)
    query = select(roles.c.by).where(held, roles.c.source == "", roles.c.topic == "")
    return connection.execute(query).scalar()


def lent(connection: Connection) -> set[int]:
    """All to whom a provider gave a role."""
    query = select(roles.c.person_id).where(roles.c.by == BY_PROVIDER)
    return set(connection.execute(query).scalars())


def remove(
    connection: Connection, person_id: int, role: AccountRole, source: str, topic: str
) -> bool:
    """Take a role back; False if they had none such."""
    done = connection.execute(
        delete(roles).where(
            roles.c.person_id == person_id,
            roles.c.role == role.value,
            roles.c.source == source,
            roles.c.topic == topic,
        )
    )
    return bool(done.rowcount)
