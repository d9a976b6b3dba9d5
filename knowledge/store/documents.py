"""Queries about documents. On behalf of an asker, every one goes through ``access``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from knowledge.errors import NotFound
from knowledge.store.access import readable_by
from knowledge.store.among import among, gathered
from knowledge.store.tables import (
    contributions,
    document_tags,
    documents,
    passages,
    people,
    revisions,
    sources,
)
from knowledge.types import (
    Contribution,
    Document,
    Kind,
    Level,
    Principal,
    Role,
    source_name,
)
from knowledge.words import suggest_key

# Made once, as are those of each asker below: building a statement costs more than running it.
_CONSENTING = select(sources.c.name).where(sources.c.speakers_consented.is_(True))
_NAMED_FIRST = case(
    {role.value: rank for rank, role in enumerate(Role)}, value=contributions.c.role
)
_LISTED = (
    documents.c.id,
    sources.c.name.label("source"),
    documents.c.external_id,
    documents.c.title,
    documents.c.kind,
    documents.c.audience_id,
    documents.c.revision,
    documents.c.url,
    documents.c.level,
    documents.c.created_at,
    documents.c.updated_at,
    documents.c.stored_at,
)


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


def find(connection: Connection, source: str, external_id: str) -> Any | None:
    """The stored row behind a source's id: id, content_hash, revision,
    audience_id, title, body; or None."""
    return connection.execute(
        select(
            documents.c.id,
            documents.c.content_hash,
            documents.c.revision,
            documents.c.audience_id,
            documents.c.title,
            documents.c.body,
        )
        .join(sources, sources.c.id == documents.c.source_id)
        .where(sources.c.name == source, documents.c.external_id == external_id)
    ).first()


def content_hashes(
    connection: Connection, source: str, external_ids: Collection[str]
) -> dict[str, str]:
    """Content hash by external id, for those that are stored."""
    rows = connection.execute(
        select(documents.c.external_id, documents.c.content_hash)
        .join(sources, sources.c.id == documents.c.source_id)
        .where(sources.c.name == source, documents.c.external_id.in_(sorted(external_ids)))
    )
    return {row.external_id: row.content_hash for row in rows}


def put(connection: Connection, document_id: int | None, values: dict[str, Any]) -> int:
    """Insert (id None) or update the document's row."""
    values = values | {"stored_at": datetime.now(UTC)}
    if document_id is None:
        key = connection.execute(insert(documents).values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])
    connection.execute(update(documents).where(documents.c.id == document_id).values(**values))
    return document_id


def put_details(
    connection: Connection,
    document_id: int,
    tags: Iterable[str],
    made: Iterable[Contribution],
) -> None:
    """Replace a document's tags and its contributions; those of one person and role are one."""
    for table in (document_tags, contributions):
        connection.execute(delete(table).where(table.c.document_id == document_id))
    tag_rows = [{"document_id": document_id, "tag": tag} for tag in sorted(set(tags))]
    if tag_rows:
        connection.execute(insert(document_tags), tag_rows)
    merged: dict[tuple[int, Role], Contribution] = {}
    for one in made:
        before = merged.setdefault((one.person_id, one.role), one)
        if before is not one:
            merged[one.person_id, one.role] = replace(
                before,
                weight=before.weight + one.weight,
                at=max(filter(None, (before.at, one.at)), default=None),
            )
    rows = [
        {
            "document_id": document_id,
            "person_id": one.person_id,
            "role": one.role.value,
            "name": one.name[:300],
            "weight": one.weight,
            "position": position,
            "at": one.at,
        }
        for position, one in enumerate(merged.values())
    ]
    if rows:
        connection.execute(insert(contributions), rows)
    title = connection.execute(
        select(documents.c.title).where(documents.c.id == document_id)
    ).scalar_one()
    told = [title, *(row["tag"] for row in tag_rows), *(one.name for one in merged.values())]
    connection.execute(
        update(documents)
        .where(documents.c.id == document_id)
        .values(suggested_by=suggest_key(told))
    )


def add_revision(
    connection: Connection, document_id: int, number: int, title: str, body: str, digest: str
) -> None:
    """Keep what the document said."""
    connection.execute(
        insert(revisions).values(
            document_id=document_id,
            number=number,
            title=title,
            body=body,
            content_hash=digest,
            stored_at=datetime.now(UTC),
        )
    )


def remove(connection: Connection, document_id: int) -> None:
    """Delete a document and all that hangs on it but its passages (see ``passages.replace``)."""
    for table in (document_tags, contributions, revisions):
        connection.execute(delete(table).where(table.c.document_id == document_id))
    connection.execute(delete(documents).where(documents.c.id == document_id))


def load(connection: Connection, ids: Collection[int], principal: Principal) -> dict[int, Document]:
    """The documents among ``ids`` that the principal may read."""
    wanted = sorted(set(ids))
    return _load(connection, wanted, principal)


def visible(connection: Connection, ids: Collection[int], principal: Principal) -> frozenset[int]:
    """Those of ``ids`` that exist and that the principal may read."""
    return frozenset(connection.execute(_visible(principal), {"ids": ids}).scalar_one())


@lru_cache(maxsize=1024)
def _visible(principal: Principal) -> Select[list[int]]:
    return select(gathered(documents.c.id)).where(among(documents.c.id), readable_by(principal))


def page(
    connection: Connection,
    principal: Principal,
    *,
    below: int | None,
    kinds: Collection[Kind] = (),
    sources_called: Collection[str] = (),
    maker: int | None = None,
    limit: int,
) -> list[int]:
    """Ids that the principal may read, newest first, ``below`` an id. ``maker`` is a person who
    did more than endorse it."""
    query = select(documents.c.id).where(readable_by(principal))
    if below is not None:
        query = query.where(documents.c.id < below)
    if kinds:
        query = query.where(documents.c.kind.in_([kind.value for kind in kinds]))
    if sources_called:
        named = connection.execute(select(sources.c.id, sources.c.name))
        chosen = [row.id for row in named if source_name(row.name) in sources_called]
        query = query.where(documents.c.source_id.in_(chosen))
    if maker is not None:
        theirs = select(contributions.c.document_id).where(
            contributions.c.person_id == maker, contributions.c.role != Role.ENDORSER.value
        )
        query = query.where(documents.c.id.in_(theirs))
    return list(connection.execute(query.order_by(documents.c.id.desc()).limit(limit)).scalars())


def load_all(connection: Connection, principal: Principal) -> dict[int, Document]:
    """Every document that the principal may read."""
    return _load(connection, None, principal)


def _load(
    connection: Connection, wanted: list[int] | None, principal: Principal
) -> dict[int, Document]:
    some = wanted is not None
    chosen = {"ids": wanted} if some else {}
    tag_query, made_query = _detail_queries(some)
    tags: dict[int, list[str]] = {}
    for document_id, tag in connection.execute(tag_query, chosen):
        tags.setdefault(document_id, []).append(tag)
    made: dict[int, list[Contribution]] = {}
    for document_id, person_id, name, role, weight, at in connection.execute(made_query, chosen):
        made.setdefault(document_id, []).append(
            Contribution(person_id, name, Role(role), weight, at)
        )
    rows = connection.execute(_listed(principal, some), chosen)
    return {
        row.id: Document(
            id=row.id,
            source=source_name(row.source),
            external_id=row.external_id,
            title=row.title,
            kind=Kind(row.kind),
            audience_id=row.audience_id,
            revision=row.revision,
            url=row.url,
            tags=tuple(sorted(tags.get(row.id, ()))),
            level=None if row.level is None else Level(row.level),
            created_at=row.created_at,
            updated_at=row.updated_at,
            contributions=tuple(made.get(row.id, ())),
            source_key=row.source,
            stored_at=row.stored_at,
        )
        for row in rows
    }


@lru_cache(maxsize=2)
def _detail_queries(some: bool) -> tuple[Select[Any], Select[Any]]:
    """Tags and contributions of the documents ``ids``, or of all."""
    tag_query = select(document_tags.c.document_id, document_tags.c.tag)
    made_query = (
        select(
            contributions.c.document_id,
            contributions.c.person_id,
            case((people.c.listed, people.c.name), else_=contributions.c.name).label("name"),
            contributions.c.role,
            contributions.c.weight,
            contributions.c.at,
        )
        .join(people, people.c.id == contributions.c.person_id)
        .order_by(
            _NAMED_FIRST,
            contributions.c.position,
            contributions.c.weight.desc(),
            contributions.c.person_id,
        )
    )
    if some:
        tag_query = tag_query.where(among(document_tags.c.document_id))
        made_query = made_query.where(among(contributions.c.document_id))
    return tag_query, made_query


@lru_cache(maxsize=1024)
def _listed(principal: Principal, some: bool) -> Select[Any]:
    query = (
        select(*_LISTED)
        .join(sources, sources.c.id == documents.c.source_id)
        .where(readable_by(principal))
    )
    return query.where(among(documents.c.id)) if some else query


def get(connection: Connection, document_id: int, principal: Principal) -> Document:
    """One document. Raises NotFound, the same for unknown and forbidden."""
    found = load(connection, [document_id], principal)
    if document_id not in found:
        raise NotFound("no such document")
    return found[document_id]


def body(connection: Connection, document_id: int, principal: Principal) -> str:
    """A document's text as it came. Raises NotFound."""
    text = connection.execute(
        select(documents.c.body).where(documents.c.id == document_id, readable_by(principal))
    ).scalar()
    if text is None:
        raise NotFound("no such document")
    return str(text)


def counts(connection: Connection) -> tuple[int, int, int]:
    """Numbers of documents, passages and people."""
    one, two, three = (
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (documents, passages, people)
    )
    return int(one), int(two), int(three)
