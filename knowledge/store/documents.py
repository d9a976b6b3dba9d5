"""Queries about documents. On behalf of an asker, every one goes through ``access``."""

from __future__ import annotations

from collections.abc import Collection
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
from knowledge.store import steps
from knowledge.store.access import readable_by
from knowledge.store.among import among, gathered
from knowledge.store.care_tables import care, successors
from knowledge.store.identity_tables import objections
from knowledge.store.reading_tables import currency, doubts, settlements
from knowledge.store.tables import (
    aliases,
    attachments,
    contributions,
    document_tags,
    documents,
    links,
    passages,
    people,
    revisions,
    sources,
    speaker_assignments,
    speakers_told,
)
from knowledge.store.teaching_tables import exemplars
from knowledge.store.topic_tables import topic_documents
from knowledge.types import (
    Contribution,
    Document,
    Kind,
    Level,
    Principal,
    Role,
    source_name,
)
from knowledge.words import url_key

# Made once, as are those of each asker below: building a statement costs more than running it.
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
    documents.c.rough,
    documents.c.created_at,
    documents.c.updated_at,
    documents.c.stored_at,
    care.c.owner_id,
)


def find(connection: Connection, source: str, external_id: str) -> Any | None:
    """The stored row behind a source's id: id, content_hash, revision, audience_id, rights_id,
    title, body; or None. Also of what is archived."""
    columns = (
        documents.c.id,
        documents.c.content_hash,
        documents.c.revision,
        documents.c.audience_id,
        documents.c.rights_id,
        documents.c.title,
        documents.c.body,
    )
    return connection.execute(_of_source(select(*columns), source, external_id)).first()


def standing(connection: Connection, source: str, external_id: str) -> Any | None:
    """Of the stored row behind a source's id only: id, content_hash, rights_id, archived_at."""
    columns = (
        documents.c.id,
        documents.c.content_hash,
        documents.c.rights_id,
        documents.c.archived_at,
    )
    return connection.execute(_of_source(select(*columns), source, external_id)).first()


def _of_source(query: Select[Any], source: str, external_id: str) -> Select[Any]:
    return query.join(sources, sources.c.id == documents.c.source_id).where(
        sources.c.name == source, documents.c.external_id == external_id
    )


def rights_of(connection: Connection, document_id: int) -> int | None:
    """The audience in the document's source, if that says who may read it."""
    return connection.execute(
        select(documents.c.rights_id).where(documents.c.id == document_id)
    ).scalar()


def put(connection: Connection, document_id: int | None, values: dict[str, Any]) -> int:
    """Insert (id None) or update the document's row."""
    values = values | {"stored_at": datetime.now(UTC)}
    if "url" in values:
        values["url_key"] = values["url"] and url_key(values["url"])
    if document_id is None:
        key = connection.execute(insert(documents).values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])
    connection.execute(update(documents).where(documents.c.id == document_id).values(**values))
    if "audience_id" in values:
        _read_by(connection, document_id, values["audience_id"])
    return document_id


def _read_by(connection: Connection, document_id: int, audience_id: int) -> None:
    """What the document says now is read by whoever reads the document: also when it will be a
    state of before."""
    current = select(documents.c.revision).where(documents.c.id == document_id).scalar_subquery()
    now = (revisions.c.document_id == document_id) & (revisions.c.number == current)
    connection.execute(update(revisions).where(now).values(audience_id=audience_id))


def add_revision(
    connection: Connection, document_id: int, number: int, title: str, body: str, digest: str
) -> None:
    """Keep what the document says, and who reads it."""
    readers = select(documents.c.audience_id).where(documents.c.id == document_id)
    connection.execute(
        insert(revisions).values(
            document_id=document_id,
            number=number,
            title=title,
            body=body,
            content_hash=digest,
            stored_at=datetime.now(UTC),
            audience_id=readers.scalar_subquery(),
        )
    )


def audiences_of(connection: Connection, document_id: int) -> Any:
    """A document's audience_id and rights_id."""
    query = select(documents.c.audience_id, documents.c.rights_id)
    return connection.execute(query.where(documents.c.id == document_id)).one()


_OF_A_DOCUMENT = (document_tags, contributions, links, aliases, attachments)


def take_over(connection: Connection, kept: int, gone: int) -> None:
    """Give a document another one's place in its source and all it says, but for its passages.
    The other one is deleted; its last revision is the kept one's next if it says another thing."""
    new = connection.execute(select(documents).where(documents.c.id == gone)).one()
    old = connection.execute(select(documents).where(documents.c.id == kept)).one()
    for table in _OF_A_DOCUMENT:
        connection.execute(delete(table).where(table.c.document_id == kept))
        connection.execute(
            update(table).where(table.c.document_id == gone).values(document_id=kept)
        )
    # What was said of the other one's texts is said of none of these.
    for table in (
        revisions,
        currency,
        doubts,
        settlements,
        topic_documents,
        exemplars,
        care,
        successors,
    ):
        connection.execute(delete(table).where(table.c.document_id == gone))
    replacing = successors.c.successor_id == gone
    already = select(successors.c.document_id).where(successors.c.successor_id == kept)
    there = [kept, *connection.execute(already).scalars()]
    connection.execute(delete(successors).where(replacing, successors.c.document_id.in_(there)))
    connection.execute(update(successors).where(replacing).values(successor_id=kept))
    steps.take_over(connection, kept, gone)
    mine = select(objections.c.person_id).where(objections.c.document_id == kept).subquery()
    theirs = objections.c.document_id == gone
    twice = theirs & objections.c.person_id.in_(select(mine.c.person_id))
    connection.execute(delete(objections).where(twice))
    connection.execute(update(objections).where(theirs).values(document_id=kept))
    connection.execute(delete(documents).where(documents.c.id == gone))
    changed = (old.title, old.body) != (new.title, new.body)
    values = {name: value for name, value in new._mapping.items() if name != "id"}
    values["revision"] = old.revision + changed
    connection.execute(update(documents).where(documents.c.id == kept).values(**values))
    if changed:
        add_revision(connection, kept, old.revision + 1, new.title, new.body, new.content_hash)


def remove(connection: Connection, document_id: int) -> None:
    """Delete a document and all that hangs on it but its passages (see ``passages.replace``)."""
    for table in (
        document_tags,
        contributions,
        revisions,
        speaker_assignments,
        speakers_told,
        objections,
        currency,
        doubts,
        settlements,
        topic_documents,
        exemplars,
        care,
        successors,
    ):
        connection.execute(delete(table).where(table.c.document_id == document_id))
    connection.execute(delete(successors).where(successors.c.successor_id == document_id))
    steps.forget(connection, document_id)
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


def readable(connection: Connection, principal: Principal, below: int | None = None) -> int:
    """How many documents the principal may read, with ids ``below`` one or with any."""
    query = select(func.count()).select_from(documents).where(readable_by(principal))
    query = query if below is None else query.where(documents.c.id < below)
    return int(connection.execute(query).scalar_one())


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
            rough=row.rough,
            owner_id=row.owner_id,
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
        .outerjoin(care, care.c.document_id == documents.c.id)
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
