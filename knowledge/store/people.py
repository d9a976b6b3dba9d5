"""Queries about people. Who is who is decided in ``knowledge.people``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    delete,
    func,
    insert,
    select,
    update,
)

from knowledge.errors import NotFound
from knowledge.store.among import among
from knowledge.store.identity_tables import claimed_groups
from knowledge.store.tables import (
    audience_tokens,
    contributions,
    group_members,
    people,
    person_emails,
    person_handles,
)
from knowledge.types import Person
from knowledge.words import suggest_key

DIRECTORY, SELF = "directory", "self"
"""Who says whether somebody may be found by something."""

# Made once: building these costs more than running them.
_PARTS = select(people.c.id, people.c.merged_into).where(
    among(people.c.id), people.c.merged_into.is_not(None)
)
_PEOPLE = select(people).where(among(people.c.id))
_EMAILS: Select[Any] = select(person_emails.c.person_id, person_emails.c.email).where(
    among(person_emails.c.person_id)
)
_HANDLES: Select[Any] = select(person_handles.c.person_id, person_handles.c.handle).where(
    among(person_handles.c.person_id)
)


def name_key(name: str) -> str:
    """The form under which two spellings of a name are the same name."""
    return " ".join(name.split()).casefold()[:300]


def by_email(connection: Connection, email: str) -> int | None:
    """The person with this address, if any."""
    return connection.execute(
        select(person_emails.c.person_id).where(person_emails.c.email == email)
    ).scalar()


def by_handle(connection: Connection, namespace: str, handle: str) -> int | None:
    """The person with this handle in a source, if any."""
    return connection.execute(
        select(person_handles.c.person_id).where(
            person_handles.c.namespace == namespace, person_handles.c.handle == handle
        )
    ).scalar()


def by_name(connection: Connection, name: str) -> list[int]:
    """Everybody with exactly this name, also by a record that is part of them, ascending ids."""
    whole = func.coalesce(people.c.merged_into, people.c.id)
    statement = select(whole).where(people.c.name_key == name_key(name)).distinct()
    return sorted(connection.execute(statement).scalars())


def wholes(connection: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Of those of ``ids`` that are part of somebody else, of whom."""
    rows = connection.execute(_PARTS, {"ids": sorted(set(ids))})
    return {row.id: row.merged_into for row in rows}


def whole(connection: Connection, person_id: int) -> int:
    """The person a record is part of now; itself for any other."""
    return wholes(connection, [person_id]).get(person_id, person_id)


def records(person_id: int) -> Select[tuple[int]]:
    """The ids of a person and of all records that are part of them."""
    return select(people.c.id).where(
        (people.c.id == person_id) | (people.c.merged_into == person_id)
    )


def create(connection: Connection, name: str) -> int:
    """A new person with the default consent: findable by writing, not by speech."""
    key = connection.execute(
        insert(people).values(
            name=name[:300],
            name_key=name_key(name),
            suggested_by=suggest_key([name]),
            consent_written=True,
            consent_spoken=False,
        )
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def add_email(connection: Connection, person_id: int, email: str) -> None:
    """Attach an address nobody has yet."""
    values = {"email": email, "person_id": person_id, "vouched": False}
    connection.execute(insert(person_emails).values(**values))


def add_handle(connection: Connection, person_id: int, namespace: str, handle: str) -> None:
    """Attach a handle nobody has yet in this namespace."""
    values = {"namespace": namespace, "handle": handle, "person_id": person_id, "vouched": False}
    connection.execute(insert(person_handles).values(**values))


def vouch(connection: Connection, email: str | None, handle: tuple[str, str] | None = None) -> None:
    """Note that the directory says whose an address is, or a handle in its source."""
    if email is not None:
        held = person_emails.c.email == email
        connection.execute(update(person_emails).where(held).values(vouched=True))
    if handle is not None:
        namespace, name = handle
        same = (person_handles.c.namespace == namespace) & (person_handles.c.handle == name)
        connection.execute(update(person_handles).where(same).values(vouched=True))


def vouched(
    connection: Connection, email: str | None, namespace: str, handle: str | None
) -> int | None:
    """Whose an address is, or else a handle in its source, as the directory says."""
    found = None
    if email:
        held = (person_emails.c.email == email) & person_emails.c.vouched.is_(True)
        found = connection.execute(select(person_emails.c.person_id).where(held)).scalar()
    if found is None and handle:
        same = (person_handles.c.namespace == namespace) & (person_handles.c.handle == handle)
        said = same & person_handles.c.vouched.is_(True)
        found = connection.execute(select(person_handles.c.person_id).where(said)).scalar()
    return found


def emails_of(connection: Connection, person_id: int) -> set[str]:
    """All addresses of a person."""
    return set(
        connection.execute(
            select(person_emails.c.email).where(person_emails.c.person_id == person_id)
        ).scalars()
    )


def handles_of(connection: Connection, person_id: int, namespace: str) -> set[str]:
    """All handles of a person in one source."""
    return set(
        connection.execute(
            select(person_handles.c.handle).where(
                person_handles.c.person_id == person_id, person_handles.c.namespace == namespace
            )
        ).scalars()
    )


def set_profile(
    connection: Connection,
    person_id: int,
    *,
    name: str | None = None,
    address: str | None = None,
    team: str | None = None,
    title: str | None = None,
    groups: Iterable[str] | None = None,
    consent_written: bool | None = None,
    consent_spoken: bool | None = None,
) -> None:
    """List a person in the directory; None leaves a field as it is."""
    values = {
        "listed": True,
        "name": name,
        "name_key": None if name is None else name_key(name),
        "suggested_by": None if name is None else suggest_key([name]),
        "address": address,
        "team": team,
        "title": title,
        "consent_written": consent_written,
        "consent_written_by": None if consent_written is None else DIRECTORY,
        "consent_spoken": consent_spoken,
        "consent_spoken_by": None if consent_spoken is None else DIRECTORY,
    }
    given = {field: value for field, value in values.items() if value is not None}
    connection.execute(update(people).where(people.c.id == person_id).values(**given))
    if groups is not None:
        connection.execute(delete(group_members).where(group_members.c.person_id == person_id))
        rows = [{"slug": slug, "person_id": person_id} for slug in sorted(set(groups))]
        if rows:
            connection.execute(insert(group_members), rows)


def groups_of(connection: Connection, person_id: int) -> set[str]:
    """The groups that the directory says somebody is in."""
    query = select(group_members.c.slug).where(group_members.c.person_id == person_id)
    return set(connection.execute(query).scalars())


def has_rights(connection: Connection, person_id: int) -> bool:
    """Whether anything is open to this person in particular: a group, or a named audience."""
    groups = [
        select(table.c.slug).where(table.c.person_id == person_id)
        for table in (group_members, claimed_groups)
    ]
    named = select(audience_tokens.c.token).where(audience_tokens.c.token == f"person:{person_id}")
    return any(connection.execute(query.limit(1)).first() for query in (*groups, named))


def ids_of(connection: Connection, person_id: int) -> list[int]:
    """The ids of a person and of all records that are part of them."""
    theirs = (people.c.id == person_id) | (people.c.merged_into == person_id)
    return list(connection.execute(select(people.c.id).where(theirs)).scalars())


def documents_of(connection: Connection, person_id: int) -> list[int]:
    """Ids of the documents a person contributed to, ascending."""
    statement = (
        select(contributions.c.document_id)
        .where(contributions.c.person_id == person_id)
        .distinct()
        .order_by(contributions.c.document_id)
    )
    return list(connection.execute(statement).scalars())


def teams_of_documents(
    connection: Connection, document_ids: Collection[int]
) -> dict[int, frozenset[str]]:
    """The teams of each document's contributors; documents without any are absent."""
    rows = connection.execute(
        select(contributions.c.document_id, people.c.team)
        .join(people, people.c.id == contributions.c.person_id)
        .where(contributions.c.document_id.in_(sorted(document_ids)), people.c.team.is_not(None))
    )
    teams: dict[int, frozenset[str]] = {}
    for document_id, team in rows:
        teams[document_id] = teams.get(document_id, frozenset()) | {team}
    return teams


def load(connection: Connection, ids: Collection[int]) -> dict[int, Person]:
    """People by id; unknown ids are absent."""
    wanted = sorted(set(ids))
    emails = _grouped(connection, _EMAILS, wanted)
    handles = _grouped(connection, _HANDLES, wanted)
    rows = connection.execute(_PEOPLE, {"ids": wanted})
    return {
        row.id: Person(
            id=row.id,
            name=row.name,
            emails=tuple(sorted(emails.get(row.id, ()))),
            handles=tuple(sorted(handles.get(row.id, ()))),
            team=row.team,
            title=row.title,
            consent_written=row.consent_written,
            consent_spoken=row.consent_spoken,
            listed=row.listed,
            address=row.address,
            paused_until=row.paused_until,
        )
        for row in rows
    }


def enabled(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those who are there and may sign in; also as a part of somebody."""
    query = select(people.c.id).where(people.c.id.in_(sorted(ids)), people.c.disabled_at.is_(None))
    return set(connection.execute(query).scalars())


def listed(connection: Connection) -> list[int]:
    """Everybody whom a directory vouches for, ascending ids."""
    statement = select(people.c.id).where(people.c.listed.is_(True)).order_by(people.c.id)
    return list(connection.execute(statement).scalars())


def here(connection: Connection) -> list[int]:
    """Those of a directory who may sign in, ascending ids."""
    ids = listed(connection)
    able = enabled(connection, ids)
    return [key for key in ids if key in able]


def listed_as(connection: Connection, key: str) -> list[int]:
    """Who of the directory has this name or first name, ascending ids.

    ``key``: the name's words as ``knowledge.words`` gives them, with single spaces.
    """
    held = people.c.suggested_by
    named = held == f" {key}"
    if " " not in key:
        named |= held.startswith(f" {key} ", autoescape=True)
    statement = select(people.c.id).where(people.c.listed.is_(True), named).order_by(people.c.id)
    return list(connection.execute(statement).scalars())


def get(connection: Connection, person_id: int) -> Person:
    """One person. Raises NotFound."""
    found = load(connection, [person_id])
    if person_id not in found:
        raise NotFound("no such person")
    return found[person_id]


def _grouped(connection: Connection, query: Select[Any], wanted: list[int]) -> dict[int, list[str]]:
    grouped: dict[int, list[str]] = {}
    for row in connection.execute(query, {"ids": wanted}):
        grouped.setdefault(row[0], []).append(row[1])
    return grouped
