"""Queries about passwords, and about links that let somebody choose one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from knowledge.store.identity_tables import invitations, passwords
from knowledge.store.tables import people


def password_of(connection: Connection, person_id: int) -> str | None:
    """The hash of somebody's password, as argon2 writes it."""
    query = select(passwords.c.hash).where(passwords.c.person_id == person_id)
    return connection.execute(query).scalar()


def set_password(connection: Connection, person_id: int, told: str, at: datetime) -> None:
    """Keep the hash of a password in place of any other."""
    values = {"hash": told, "changed_at": at}
    held = update(passwords).where(passwords.c.person_id == person_id).values(values)
    if not connection.execute(held).rowcount:
        connection.execute(insert(passwords).values(values | {"person_id": person_id}))


def with_passwords(connection: Connection) -> set[int]:
    """Everybody who has a password."""
    return set(connection.execute(select(passwords.c.person_id)).scalars())


def invite(
    connection: Connection, digest: str, person_id: int, at: datetime, expires_at: datetime
) -> None:
    """Keep a new link, the only one of its person that works."""
    connection.execute(delete(invitations).where(invitations.c.person_id == person_id))
    connection.execute(
        insert(invitations).values(
            digest=digest, person_id=person_id, created_at=at, expires_at=expires_at
        )
    )


def invited(connection: Connection, digest: str, at: datetime) -> int | None:
    """Whom a link is for, while it works."""
    return connection.execute(
        select(invitations.c.person_id).where(
            invitations.c.digest == digest,
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > at,
        )
    ).scalar()


def use(connection: Connection, digest: str, at: datetime) -> None:
    """A link works no more."""
    held = invitations.c.digest == digest
    connection.execute(update(invitations).where(held).values(used_at=at))


def waiting(connection: Connection, at: datetime) -> dict[int, datetime]:
    """Everybody with a link that works, and until when."""
    query = select(invitations.c.person_id, invitations.c.expires_at).where(
        invitations.c.used_at.is_(None), invitations.c.expires_at > at
    )
    return {row.person_id: row.expires_at for row in connection.execute(query)}


def disable(connection: Connection, person_id: int, at: datetime | None) -> None:
    """Since when somebody may not sign in; None: they may. Links of theirs work no more."""
    connection.execute(update(people).where(people.c.id == person_id).values(disabled_at=at))
    connection.execute(delete(invitations).where(invitations.c.person_id == person_id))


def disabled(connection: Connection, person_id: int) -> bool:
    """Whether somebody may not sign in: disabled, or a record that is part of somebody else."""
    query = select(people.c.disabled_at, people.c.merged_into).where(people.c.id == person_id)
    row = connection.execute(query).one()
    return row.disabled_at is not None or row.merged_into is not None


def disabled_since(connection: Connection) -> dict[int, datetime]:
    """Everybody who may not sign in."""
    query = select(people.c.id, people.c.disabled_at).where(people.c.disabled_at.is_not(None))
    return {row.id: row.disabled_at for row in connection.execute(query)}
