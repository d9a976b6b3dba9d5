"""Queries about who may be one person. On behalf of an asker, every one goes through ``access``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select

from knowledge.likeness import Known
from knowledge.store.access import readable_by, sees_directory
from knowledge.store.tables import contributions, documents, people, person_emails, person_handles
from knowledge.types import Principal

_APART = "name:"


def everybody(connection: Connection, principal: Principal) -> list[Known]:
    """Whoever the asker may see, with what they may see of them.

    Addresses and handles that only documents know are the operator's: which documents, nobody
    remembers.
    """
    columns = (contributions.c.person_id, contributions.c.name)
    named = func.count(contributions.c.document_id.distinct())
    spelled: dict[int, set[str]] = {}
    documents_of: dict[int, int] = {}
    for person, name, number in connection.execute(
        _made(select(*columns, named), principal).group_by(*columns)
    ):
        spelled.setdefault(person, set()).add(name)
        documents_of[person] = documents_of.get(person, 0) + number
    emails: dict[int, list[str]] = {}
    handles: dict[int, list[tuple[str, str]]] = {}
    if principal.operator:
        for row in connection.execute(select(person_emails)):
            emails.setdefault(row.person_id, []).append(row.email)
        for row in connection.execute(select(person_handles)):
            if not row.handle.startswith(_APART):
                handles.setdefault(row.person_id, []).append((row.namespace, row.handle))
    directory = sees_directory(principal)
    found = []
    for row in connection.execute(select(people).where(people.c.merged_into.is_(None))):
        listed = row.listed and directory
        if not (listed or principal.operator or row.id in spelled):
            continue
        names = set(spelled.get(row.id, ()))
        if listed or principal.operator:
            names.add(row.name)
        addresses = emails.get(row.id, [])
        if listed and row.address and row.address not in addresses:
            addresses = [*addresses, row.address]
        found.append(
            Known(
                row.id,
                (*sorted(names & {row.name}), *sorted(names - {row.name})),
                documents_of.get(row.id, 0),
                listed,
                tuple(sorted(addresses)),
                tuple(sorted(handles.get(row.id, ()))),
            )
        )
    return found


def _made(query: Select[Any], principal: Principal) -> Select[Any]:
    return query.join(documents, documents.c.id == contributions.c.document_id).where(
        readable_by(principal)
    )
