"""Queries about sources, and about what each of them holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from knowledge.store.access import readable_by
from knowledge.store.tables import documents, sources
from knowledge.types import Principal

_FEW = 50
_CONSENTING = select(sources.c.name).where(sources.c.speakers_consented.is_(True))


def source_id(connection: Connection, name: str, speakers_consented: bool | None = None) -> int:
    """The id of a source, created when new; a given consent declaration replaces the old one."""
    found = connection.execute(select(sources.c.id).where(sources.c.name == name)).scalar()
    if found is None:
        key = connection.execute(
            insert(sources).values(name=name, speakers_consented=bool(speakers_consented))
        ).inserted_primary_key
        assert key is not None
        return int(key[0])
    if speakers_consented is not None:
        connection.execute(
            update(sources)
            .where(sources.c.id == found)
            .values(speakers_consented=speakers_consented)
        )
    return int(found)


def consenting_sources(connection: Connection) -> frozenset[str]:
    """Names of the sources that declared that their speakers consented."""
    return frozenset(connection.execute(_CONSENTING).scalars())


def url_template(connection: Connection, source: str) -> str | None:
    """Where the pages of a source stand on the web, if that was said."""
    return connection.execute(
        select(sources.c.url_template).where(sources.c.name == source)
    ).scalar()


def set_url_template(connection: Connection, source: str, template: str) -> None:
    """Say where the pages of a source stand on the web."""
    connection.execute(
        update(sources).where(sources.c.name == source).values(url_template=template)
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What an asker may read of a source. ``kinds``: how many documents of each kind; ``newest``:
    when the last of them came in or was changed here."""

    name: str
    kinds: dict[str, int]
    newest: datetime | None
    url_template: str | None
    speakers_consented: bool


def seen(connection: Connection, principal: Principal) -> dict[str, Seen]:
    """Sources of which an asker may read something, and how much, by name."""
    query = (
        select(
            sources.c.name,
            sources.c.url_template,
            sources.c.speakers_consented,
            documents.c.kind,
            func.count().label("number"),
            func.max(documents.c.stored_at).label("newest"),
        )
        .join(documents, documents.c.source_id == sources.c.id)
        .where(readable_by(principal))
        .group_by(sources.c.id, documents.c.kind)
        .order_by(sources.c.name, documents.c.kind)
    )
    found: dict[str, Seen] = {}
    for row in connection.execute(query):
        before = found.get(row.name)
        kinds = (before.kinds if before else {}) | {str(row.kind): row.number}
        newest = max(row.newest, before.newest) if before and before.newest else row.newest
        found[row.name] = Seen(row.name, kinds, newest, row.url_template, row.speakers_consented)
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """A document of a source, and which part of it that belongs to."""

    id: int
    part: str
    stored_at: datetime


def of_source(connection: Connection, source: str) -> dict[str, Held]:
    """A source's documents by their ids there, without what is archived."""
    query = (
        select(documents.c.external_id, documents.c.id, documents.c.part, documents.c.stored_at)
        .join(sources, sources.c.id == documents.c.source_id)
        .where(sources.c.name == source, documents.c.archived_at.is_(None))
    )
    return {
        row.external_id: Held(row.id, row.part, row.stored_at) for row in connection.execute(query)
    }


def texts(connection: Connection, document_ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """The bodies of documents, a few at a time."""
    wanted = sorted(document_ids)
    for at in range(0, len(wanted), _FEW):
        query = select(documents.c.id, documents.c.body)
        for row in connection.execute(query.where(documents.c.id.in_(wanted[at : at + _FEW]))):
            yield row.id, row.body
