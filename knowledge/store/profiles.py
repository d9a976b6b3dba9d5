"""Queries about what an asker may see of a colleague. Every one goes through ``access``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from knowledge.errors import NotFound
from knowledge.store import people as everybody
from knowledge.store.access import readable_by, sees_directory
from knowledge.store.tables import contributions, document_tags, documents, people, sources
from knowledge.types import Kind, Made, Person, Principal, Role, Topic

_WHEN = func.coalesce(contributions.c.at, documents.c.updated_at, documents.c.created_at)


def person(connection: Connection, person_id: int, principal: Principal) -> Person:
    """A colleague whom the directory lists or something readable names, without ``emails``.

    Raises NotFound, the same for somebody unknown and somebody known only to others. Who is in
    no directory is named as the newest readable document names them.
    """
    found = everybody.get(connection, person_id)
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
    address = found.address if sees_directory(principal) else None
    return replace(found, emails=(), handles=(), address=address)


def topics(
    connection: Connection, person_id: int, principal: Principal, limit: int
) -> tuple[Topic, ...]:
    """The tags of what they made and agree to be found by, most frequent first."""
    documents_each = func.count(contributions.c.document_id.distinct())
    rows = connection.execute(
        _made(select(document_tags.c.tag, documents_each.label("documents")), person_id, principal)
        .join(document_tags, document_tags.c.document_id == documents.c.id)
        .group_by(document_tags.c.tag)
        .order_by(documents_each.desc(), document_tags.c.tag)
        .limit(limit)
    )
    return tuple(Topic(row.tag, row.documents) for row in rows)


def made(
    connection: Connection, person_id: int, principal: Principal, offset: int, limit: int
) -> tuple[Made, ...]:
    """What they made and agree to be found by, newest first."""
    columns = select(
        documents.c.id,
        documents.c.title,
        documents.c.kind,
        contributions.c.role,
        _WHEN.label("at"),
    )
    rows = connection.execute(
        _made(columns, person_id, principal)
        .order_by(_WHEN.desc().nulls_last(), documents.c.id.desc(), contributions.c.role)
        .offset(offset)
        .limit(limit)
    )
    return tuple(Made(row.id, row.title, Kind(row.kind), Role(row.role), row.at) for row in rows)


def _made(query: Select[Any], person_id: int, principal: Principal) -> Select[Any]:
    return (
        query.select_from(contributions)
        .join(people, people.c.id == contributions.c.person_id)
        .join(documents, documents.c.id == contributions.c.document_id)
        .join(sources, sources.c.id == documents.c.source_id)
        .where(contributions.c.person_id == person_id, readable_by(principal), _consented())
    )


def _consented() -> ColumnElement[bool]:
    """The condition under which a contribution may say something about its person."""
    spoken = contributions.c.role.in_([role.value for role in Role if role.spoken])
    return or_(
        and_(~spoken, people.c.consent_written.is_(True)),
        and_(
            spoken,
            or_(people.c.consent_spoken.is_(True), sources.c.speakers_consented.is_(True)),
        ),
    )
