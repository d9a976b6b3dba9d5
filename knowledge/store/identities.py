"""Queries about how OpenID providers call people, and about the groups that they say."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, union, update

from knowledge.store.identity_tables import claimed_groups, identities, roles
from knowledge.store.people import whole
from knowledge.store.roles import BY_PROVIDER
from knowledge.store.tables import people


def find(connection: Connection, issuer: str, subject: str) -> int | None:
    """Whom a provider means, as they are now: also by a record that is part of them."""
    held = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    found = connection.execute(select(identities.c.person_id).where(held)).scalar()
    return None if found is None else whole(connection, found)


def subjects_of(connection: Connection, person_id: int) -> list[tuple[str, str]]:
    """How providers call somebody: (issuer, subject)."""
    query = select(identities.c.issuer, identities.c.subject)
    rows = connection.execute(query.where(_of(person_id)).order_by(*query.selected_columns))
    return [(row.issuer, row.subject) for row in rows]


def _of(person_id: int) -> ColumnElement[bool]:
    """Of somebody or of a record that is part of them."""
    parts = select(people.c.id).where(people.c.merged_into == person_id)
    return (identities.c.person_id == person_id) | identities.c.person_id.in_(parts)


def everybody(connection: Connection) -> set[int]:
    """All whom some provider knows."""
    return set(connection.execute(select(identities.c.person_id)).scalars())


def link(connection: Connection, issuer: str, subject: str, person_id: int, at: datetime) -> None:
    """From now on the provider means this person."""
    values = {"issuer": issuer, "subject": subject, "person_id": person_id, "created_at": at}
    connection.execute(insert(identities).values(values))


def unlink(connection: Connection, person_id: int) -> int:
    """Forget how providers call somebody, and what they said. Returns how many there were."""
    connection.execute(delete(claimed_groups).where(claimed_groups.c.person_id == person_id))
    return int(connection.execute(delete(identities).where(_of(person_id))).rowcount)


def see(connection: Connection, issuer: str, subject: str, at: datetime) -> None:
    """Note a sign-in."""
    held = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    connection.execute(update(identities).where(held).values(seen_at=at))


def lent(connection: Connection) -> set[int]:
    """All who have a group or a role only because a provider says so."""
    given = select(roles.c.person_id).where(roles.c.by == BY_PROVIDER)
    query = union(select(claimed_groups.c.person_id), given)
    return set(connection.execute(query).scalars())


def seen_since(connection: Connection, at: datetime) -> set[int]:
    """All who signed in at a provider after a time, also by a record that is part of them."""
    seen = select(identities.c.person_id).where(identities.c.seen_at > at)
    parts = select(people.c.merged_into).where(
        people.c.id.in_(seen), people.c.merged_into.is_not(None)
    )
    return set(connection.execute(union(seen, parts)).scalars())


def groups_of(connection: Connection, person_id: int) -> set[str]:
    """The groups that a provider says of somebody."""
    query = select(claimed_groups.c.slug).where(claimed_groups.c.person_id == person_id)
    return set(connection.execute(query).scalars())


def set_groups(connection: Connection, person_id: int, slugs: Collection[str]) -> None:
    """The groups that a provider says of somebody, in place of those of before."""
    connection.execute(delete(claimed_groups).where(claimed_groups.c.person_id == person_id))
    rows = [{"slug": slug, "person_id": person_id} for slug in sorted(set(slugs))]
    if rows:
        connection.execute(insert(claimed_groups), rows)
