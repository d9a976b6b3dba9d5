"""Queries about what an asker may see of a colleague. Every one goes through ``access``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, func, select

from knowledge.errors import NotFound
from knowledge.settings import PrivacySettings
from knowledge.store import erasing
from knowledge.store import people as everybody
from knowledge.store import privacy as said_of_themselves
from knowledge.store.access import readable_by, sees_directory
from knowledge.store.tables import (
    contributions,
    document_tags,
    documents,
    passages,
    people,
    sources,
)
from knowledge.types import Kind, Made, Person, Principal, Role, Topic

_MADE = (
    contributions.join(people, people.c.id == contributions.c.person_id)
    .join(documents, documents.c.id == contributions.c.document_id)
    .join(sources, sources.c.id == documents.c.source_id)
)
# So many passages of a transcript are looked at for what somebody says in it.
_OPENING = 40
_WHEN = func.coalesce(contributions.c.at, documents.c.updated_at, documents.c.created_at)


def person(connection: Connection, person_id: int, principal: Principal) -> Person:
    """A colleague whom the directory lists or something readable names, without ``emails``.

    Raises NotFound, the same for somebody unknown, somebody known only to others, and whoever
    stands for all who were erased. Who is in no directory is named as the newest readable document
    names them.
    """
    found = everybody.get(connection, person_id)
    if erasing.is_former(connection, person_id):
        raise NotFound("no such person")
    if not (found.listed and sees_directory(principal)):
        named = connection.execute(
            select(contributions.c.name)
            .join(documents, documents.c.id == contributions.c.document_id)
            .where(contributions.c.person_id == person_id, readable_by(principal))
            .order_by(_WHEN.desc().nulls_last(), documents.c.id.desc(), contributions.c.role)
            .limit(1)
        ).scalar()
        if named is None:
            raise NotFound("no such person")
        found = found if found.listed else replace(found, name=named)
    return replace(without_directory(found, principal), emails=(), handles=())


def without_directory(person: Person, principal: Principal) -> Person:
    """A colleague as far as the asker may see them: to whoever is not signed in the directory says
    no more than how somebody is called of whom they may read."""
    if sees_directory(principal):
        return person
    return replace(person, team=None, title=None, address=None)


def seen(connection: Connection, person_id: int, principal: Principal) -> Person:
    """The same, where the operator sees everybody. Raises NotFound."""
    if principal.operator:
        return everybody.get(connection, person_id)
    return person(connection, person_id, principal)


def maybe(connection: Connection, person_id: int | None, principal: Principal) -> Person | None:
    """The same, and None for nobody or somebody whom the asker may not see."""
    try:
        return None if person_id is None else seen(connection, person_id, principal)
    except NotFound:
        return None


def topics(
    connection: Connection,
    privacy: PrivacySettings,
    person_id: int,
    principal: Principal,
    limit: int,
) -> tuple[Topic, ...]:
    """The tags of what they made and agree to be found by, most frequent first."""
    documents_each = func.count(contributions.c.document_id.distinct())
    rows = connection.execute(
        select(document_tags.c.tag, documents_each.label("documents"))
        .select_from(_MADE)
        .join(document_tags, document_tags.c.document_id == documents.c.id)
        .where(*_shown(connection, privacy, person_id, principal))
        .group_by(document_tags.c.tag)
        .order_by(documents_each.desc(), document_tags.c.tag)
        .limit(limit)
    )
    return tuple(Topic(row.tag, row.documents) for row in rows)


def made(
    connection: Connection,
    privacy: PrivacySettings,
    person_id: int,
    principal: Principal,
    offset: int,
    limit: int,
    *,
    kind: Kind | None = None,
    roles: Collection[Role] = (),
) -> tuple[Made, ...]:
    """What they made and agree to be found by, newest first; of one kind, in some roles."""
    columns = select(
        documents.c.id,
        documents.c.title,
        documents.c.kind,
        contributions.c.role,
        _WHEN.label("at"),
    )
    rows = connection.execute(
        columns.select_from(_MADE)
        .where(*_shown(connection, privacy, person_id, principal), *_narrowed(kind, roles))
        .order_by(_WHEN.desc().nulls_last(), documents.c.id.desc(), contributions.c.role)
        .offset(offset)
        .limit(limit)
    )
    return tuple(Made(row.id, row.title, Kind(row.kind), Role(row.role), row.at) for row in rows)


def _narrowed(kind: Kind | None, roles: Collection[Role]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if kind is not None:
        conditions.append(documents.c.kind == kind.value)
    if roles:
        conditions.append(contributions.c.role.in_([role.value for role in roles]))
    return conditions


def kinds(
    connection: Connection, privacy: PrivacySettings, person_id: int, principal: Principal
) -> dict[Kind, int]:
    """How many documents of each kind they made and agree to be found by."""
    rows = connection.execute(
        select(documents.c.kind, func.count(documents.c.id.distinct()).label("documents"))
        .select_from(_MADE)
        .where(*_shown(connection, privacy, person_id, principal))
        .group_by(documents.c.kind)
    )
    counted = {row.kind: int(row.documents) for row in rows}
    return {kind: counted[kind.value] for kind in Kind if kind.value in counted}


def behind(
    connection: Connection,
    privacy: PrivacySettings,
    person_id: int,
    principal: Principal,
    tags: Collection[str],
    each: int,
) -> dict[str, list[Made]]:
    """By tag: the newest documents of theirs that have it, of what they agree to be found by."""
    place = func.row_number().over(
        partition_by=document_tags.c.tag,
        order_by=(_WHEN.desc().nulls_last(), documents.c.id.desc(), contributions.c.role),
    )
    ranked = (
        select(
            document_tags.c.tag,
            documents.c.id,
            documents.c.title,
            documents.c.kind,
            contributions.c.role,
            _WHEN.label("at"),
            place.label("place"),
        )
        .select_from(_MADE)
        .join(document_tags, document_tags.c.document_id == documents.c.id)
        .where(
            *_shown(connection, privacy, person_id, principal),
            document_tags.c.tag.in_(sorted(tags)),
        )
        .subquery()
    )
    # Who did several things for one document has as many rows of it.
    most = each * len(Role)
    found: dict[str, list[Made]] = {}
    query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.tag, ranked.c.place)
    for row in connection.execute(query):
        held = found.setdefault(row.tag, [])
        if len(held) < each and row.id not in {one.document_id for one in held}:
            held.append(Made(row.id, row.title, Kind(row.kind), Role(row.role), row.at))
    return found


def spoken_in(
    connection: Connection, person_id: int, document_ids: Collection[int]
) -> dict[int, int]:
    """By transcript, of those that the asker may read: the passage in which somebody speaks most
    of what is said, of its first ones."""
    query = (
        select(passages.c.id, passages.c.document_id, passages.c.speakers)
        .where(passages.c.document_id.in_(sorted(document_ids)), passages.c.ordinal < _OPENING)
        .order_by(passages.c.document_id, passages.c.ordinal)
    )
    best: dict[int, tuple[float, int]] = {}
    for row in connection.execute(query):
        share = sum(part for _, part, who in row.speakers if who == person_id)
        if share > best.get(row.document_id, (0.0, 0))[0]:
            best[row.document_id] = share, row.id
    return {key: passage for key, (_, passage) in best.items()}


def opening(connection: Connection, document_ids: Collection[int]) -> dict[int, int]:
    """By document, of those that the asker may read: its first passage."""
    query = select(passages.c.document_id, passages.c.id).where(
        passages.c.document_id.in_(sorted(document_ids)), passages.c.ordinal == 0
    )
    return {row.document_id: row.id for row in connection.execute(query)}


def _shown(
    connection: Connection, privacy: PrivacySettings, person_id: int, principal: Principal
) -> tuple[ColumnElement[bool], ...]:
    return (
        contributions.c.person_id == person_id,
        readable_by(principal),
        said_of_themselves.speaks(connection, person_id, privacy),
    )
