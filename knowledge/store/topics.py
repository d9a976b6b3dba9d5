"""Queries about topics. Whatever a reader is told goes through ``access``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, delete, func, insert, select, true, update

from knowledge.errors import NotFound
from knowledge.redaction import Called
from knowledge.store import access
from knowledge.store.access import readable_by
from knowledge.store.among import among
from knowledge.store.people import whole
from knowledge.store.tables import contributions, documents, sources
from knowledge.store.topic_tables import topic_documents, topic_runs, topics
from knowledge.types import EVERYONE, PUBLIC, Audience, Contribution, Principal, Role

Reading = Connection
"""What the indexer, which speaks no SQL, hands on from one query to the next."""
Words = list[tuple[str, str, int]]
"""The frequent words of a text: as it is indexed, as it is written, how often."""
_ONLY_RUN = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """A document that may be of a topic. ``level``: 0 for what anybody reads, 1 for what everybody
    reads who signs in, and a number of its own for every other audience."""

    id: int
    level: int
    revision: int


@dataclass(frozen=True, slots=True)
class Member:
    """A document of a topic: its cosine with the topic's middle, and its words."""

    document_id: int
    weight: float
    formed: bool
    revision: int
    words: Words


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as one run finds it. ``centre``: float32."""

    centre: bytes
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A document of a topic and nothing of it but who made it; ``central``: its weight there."""

    id: int
    central: float
    source_key: str
    updated_at: datetime | None
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A topic as a reader sees it: ``documents`` are those that they may read. ``name``: what it
    was called, whoever may know that."""

    id: int
    name: str | None
    steward_id: int | None
    first_seen_at: datetime
    centre: bytes
    documents: int


def stored(connection: Connection) -> list[Stored]:
    """Everything that somebody reads, ascending."""
    query = select(documents.c.id, documents.c.audience_id, documents.c.revision)
    rows = connection.execute(
        query.where(documents.c.archived_at.is_(None)).order_by(documents.c.id)
    ).all()
    levels = {
        key: _level(key, access.audience_of(connection, key))
        for key in {row.audience_id for row in rows}
    }
    return [Stored(row.id, levels[row.audience_id], row.revision) for row in rows]


def _level(audience_id: int, audience: Audience) -> int:
    if all(PUBLIC in clause for clause in audience.clauses):
        return 0
    if all(PUBLIC in clause or EVERYONE in clause for clause in audience.clauses):
        return 1
    return audience_id + 1


def words_of(connection: Connection, document_ids: Collection[int]) -> dict[int, tuple[int, Words]]:
    """The words that are kept of documents, and of which revision they are."""
    query = select(
        topic_documents.c.document_id, topic_documents.c.revision, topic_documents.c.words
    ).where(among(topic_documents.c.document_id))
    rows = connection.execute(query, {"ids": sorted(document_ids)})
    return {row.document_id: (row.revision, row.words) for row in rows}


def forming(connection: Connection) -> dict[int, set[int]]:
    """By topic: the documents that formed it."""
    found: dict[int, set[int]] = {}
    query = select(topic_documents.c.topic_id, topic_documents.c.document_id)
    for topic_id, document_id in connection.execute(query.where(topic_documents.c.formed)):
        found.setdefault(topic_id, set()).add(document_id)
    return found


def put(
    connection: Connection, found: Iterable[tuple[int | None, Found]], model: str, at: datetime
) -> None:
    """Make these the topics: each with the id of the one that it goes on, or as a new one. All
    others are retired. Documents that are gone by now are of none."""
    connection.execute(delete(topic_documents))
    there = set(connection.execute(select(documents.c.id)).scalars())
    kept = []
    for goes_on, one in found:
        if goes_on is None:
            made = insert(topics).values(first_seen_at=at, centre=one.centre)
            key = connection.execute(made).inserted_primary_key
            assert key is not None
            topic_id = int(key[0])
        else:
            topic_id = goes_on
            same = topics.c.id == topic_id
            connection.execute(update(topics).where(same).values(centre=one.centre))
        kept.append(topic_id)
        rows = [
            {
                "topic_id": topic_id,
                "document_id": member.document_id,
                "weight": member.weight,
                "formed": member.formed,
                "revision": member.revision,
                "words": [list(word) for word in member.words],
            }
            for member in one.members
            if member.document_id in there
        ]
        if rows:
            connection.execute(insert(topic_documents), rows)
    gone = topics.c.retired_at.is_(None) & ~among(topics.c.id)
    connection.execute(update(topics).where(gone).values(retired_at=at), {"ids": sorted(kept)})
    connection.execute(delete(topic_runs))
    connection.execute(insert(topic_runs).values(id=_ONLY_RUN, at=at, model=model))


def last_run(connection: Connection) -> tuple[datetime, str] | None:
    """When topics were found, and with vectors of which model."""
    row = connection.execute(select(topic_runs.c.at, topic_runs.c.model)).first()
    return None if row is None else (row.at, row.model)


def seen(connection: Connection, principal: Principal, topic_id: int | None = None) -> list[Seen]:
    """The topics of which somebody may read something, by their ids; or one of them."""
    query = (
        select(topics, func.count().label("documents"))
        .join(topic_documents, topic_documents.c.topic_id == topics.c.id)
        .join(documents, documents.c.id == topic_documents.c.document_id)
        .where(readable_by(principal), true() if topic_id is None else topics.c.id == topic_id)
        .group_by(*topics.c)
        .order_by(topics.c.id)
    )
    return [
        Seen(row.id, row.name, row.steward_id, row.first_seen_at, row.centre, row.documents)
        for row in connection.execute(query)
    ]


def get(connection: Connection, topic_id: int, principal: Principal) -> Seen:
    """One that somebody sees. Raises NotFound, the same for unknown and forbidden."""
    found = seen(connection, principal, topic_id)
    if not found:
        raise NotFound("there is no such topic")
    return found[0]


def members(connection: Connection, topic_id: int, principal: Principal) -> list[int]:
    """Its documents that somebody may read, the most central first."""
    query = (
        select(documents.c.id)
        .join(topic_documents, topic_documents.c.document_id == documents.c.id)
        .where(topic_documents.c.topic_id == topic_id, readable_by(principal))
        .order_by(topic_documents.c.weight.desc(), documents.c.id)
    )
    return list(connection.execute(query).scalars())


def made(
    connection: Connection, topic_ids: Collection[int], principal: Principal
) -> dict[int, list[Held]]:
    """By topic: its documents that somebody may read and who made each, in the order of their ids.
    What nobody made is not there."""
    query = (
        select(
            topic_documents.c.topic_id,
            topic_documents.c.weight.label("central"),
            documents.c.id,
            documents.c.updated_at,
            sources.c.name.label("source"),
            contributions.c.person_id,
            contributions.c.role,
            contributions.c.weight,
            contributions.c.at,
        )
        .join(documents, documents.c.id == topic_documents.c.document_id)
        .join(sources, sources.c.id == documents.c.source_id)
        .join(contributions, contributions.c.document_id == documents.c.id)
        .where(among(topic_documents.c.topic_id), readable_by(principal))
        .order_by(documents.c.id, contributions.c.position)
    )
    found: dict[int, list[Held]] = {key: [] for key in topic_ids}
    rows = connection.execute(query, {"ids": sorted(topic_ids)})
    for _, several in groupby(rows, key=lambda row: int(row.id)):
        own = list(several)
        first = own[0]
        makers = tuple(
            Contribution(row.person_id, "", Role(row.role), row.weight, row.at) for row in own
        )
        held = Held(first.id, first.central, first.source, first.updated_at, makers)
        found[first.topic_id].append(held)
    return found


def topics_of(
    connection: Connection, document_ids: Collection[int]
) -> dict[int, tuple[int, float]]:
    """By document, of those that somebody may read: its topic, and how central it is there."""
    query = select(
        topic_documents.c.document_id, topic_documents.c.topic_id, topic_documents.c.weight
    ).where(among(topic_documents.c.document_id))
    rows = connection.execute(query, {"ids": sorted(document_ids)})
    return {row.document_id: (row.topic_id, row.weight) for row in rows}


def telling(connection: Connection, principal: Principal, each: int) -> Mapping[int, list[Words]]:
    """By topic: the words of the most central documents that somebody may read, of ``each`` topic
    so many; of texts that changed since, nothing."""
    place = func.row_number().over(
        partition_by=topic_documents.c.topic_id,
        order_by=(topic_documents.c.weight.desc(), topic_documents.c.document_id),
    )
    ranked = (
        select(topic_documents.c.document_id, place.label("place"))
        .join(documents, documents.c.id == topic_documents.c.document_id)
        .where(readable_by(principal), topic_documents.c.revision == documents.c.revision)
        .subquery()
    )
    query = (
        select(topic_documents.c.topic_id, topic_documents.c.words)
        .join(ranked, ranked.c.document_id == topic_documents.c.document_id)
        .where(ranked.c.place <= each)
        .order_by(topic_documents.c.topic_id, ranked.c.place)
    )
    found: dict[int, list[Words]] = {}
    for topic_id, words in connection.execute(query):
        found.setdefault(topic_id, []).append(words)
    return found


def call(connection: Connection, topic_id: int, name: str | None, by: str) -> None:
    """What a topic is called from now on; None: as its documents say."""
    told = {"name": name, "by": by if name else None}
    connection.execute(update(topics).where(topics.c.id == topic_id).values(**told))


def entrust(connection: Connection, topic_id: int, steward_id: int | None) -> None:
    """Who looks after a topic from now on."""
    same = topics.c.id == topic_id
    connection.execute(update(topics).where(same).values(steward_id=steward_id))


def forget(connection: Connection, called: Called) -> None:
    """Take a person out of what topics are called. Nobody can tell of which of the words they are
    called, so none is kept: the next run counts them anew."""
    connection.execute(update(topic_documents).values(words=[], revision=0))
    named = select(topics.c.id, topics.c.name).where(topics.c.name.is_not(None))
    for row in connection.execute(named).all():
        if called.named_in(row.name) or called.asked_for_in(row.name):
            call(connection, row.id, None, "")


def steward_of(connection: Connection, document_id: int) -> int | None:
    """Who looks after the topic that a document is of, whoever they are by now."""
    query = (
        select(topics.c.steward_id)
        .join(topic_documents, topic_documents.c.topic_id == topics.c.id)
        .where(topic_documents.c.document_id == document_id, topics.c.retired_at.is_(None))
    )
    found = connection.execute(query).scalars().first()
    return None if found is None else whole(connection, found)


def be_nobodys(connection: Connection, ids: Collection[int]) -> None:
    """Let nobody look after the topics of people who are gone."""
    theirs = topics.c.steward_id.in_(sorted(ids))
    connection.execute(update(topics).where(theirs).values(steward_id=None))
