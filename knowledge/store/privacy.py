"""Queries about what people decide about themselves.

Whatever somebody withdrew looks as if it were not there: nothing tells that it was hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from knowledge.identity import Consent, Objection
from knowledge.settings import PrivacySettings
from knowledge.store import disputes
from knowledge.store.access import readable_by, sees_directory
from knowledge.store.among import among
from knowledge.store.identity_tables import hidden_topics, objections
from knowledge.store.people import SELF
from knowledge.store.sources import consenting_sources
from knowledge.store.tables import contributions, document_tags, documents, people, sources
from knowledge.types import Person, Principal, Role

CONSENTS = ("consent_written", "consent_spoken")
_SPOKEN = [role.value for role in Role if role.spoken]

# Made once: every search asks them.
_SAID = select(
    people.c.id,
    people.c.consent_written,
    people.c.consent_written_by,
    people.c.consent_spoken,
    people.c.consent_spoken_by,
).where(
    people.c.consent_written.is_(False)
    | people.c.consent_spoken.is_(True)
    | people.c.consent_written_by.is_not(None)
    | people.c.consent_spoken_by.is_not(None)
)
_HIDDEN = select(hidden_topics.c.person_id, hidden_topics.c.topic).where(
    among(hidden_topics.c.person_id)
)
_TAGS = select(document_tags.c.document_id, document_tags.c.tag).where(
    among(document_tags.c.document_id)
)
_OBJECTED = select(objections.c.person_id, objections.c.document_id).where(
    among(objections.c.document_id)
)


def topic_key(topic: str) -> str:
    """The form under which two spellings of a tag are one topic."""
    return " ".join(topic.split()).casefold()


def consent(
    connection: Connection,
    privacy: PrivacySettings,
    persons: Collection[int],
    document_ids: Collection[int],
) -> Consent:
    """What may rank these people, of these documents."""
    rows = connection.execute(_SAID).all()
    never = privacy.spoken == "never"
    return Consent(
        refused_written=frozenset(row.id for row in rows if not row.consent_written),
        agreed_spoken=frozenset(row.id for row in rows if row.consent_spoken and not never),
        sources=consenting_sources(connection) if privacy.spoken == "source" else frozenset(),
        refused_spoken=frozenset(
            row.id for row in rows if not row.consent_spoken and row.consent_spoken_by
        ),
        agreed_written=None
        if privacy.written == "opt-out"
        else frozenset(row.id for row in rows if row.consent_written and row.consent_written_by),
        withdrawn=_withdrawn(connection, persons, document_ids),
    )


def _withdrawn(
    connection: Connection, persons: Collection[int], document_ids: Collection[int]
) -> frozenset[tuple[int, int]]:
    ids = sorted(document_ids)
    rows = connection.execute(_OBJECTED, {"ids": ids})
    gone = {(row.person_id, row.document_id) for row in rows}
    by_topic: dict[str, list[int]] = {}
    for row in connection.execute(_HIDDEN, {"ids": sorted(persons)}):
        by_topic.setdefault(topic_key(row.topic), []).append(row.person_id)
    if by_topic:
        for document_id, tag in connection.execute(_TAGS, {"ids": ids}):
            gone |= {(person, document_id) for person in by_topic.get(topic_key(tag), ())}
    return frozenset(gone)


def speaks(connection: Connection, person_id: int, privacy: PrivacySettings) -> ColumnElement[bool]:
    """The same as a condition on ``contributions`` of one person, with their documents, sources
    and people."""
    made = contributions.c.document_id
    told = select(objections.c.document_id).where(objections.c.person_id == person_id)
    conditions = [_consented(privacy), made.not_in(told)]
    hidden = hidden_tags(connection, person_id)
    if hidden:
        tagged = select(document_tags.c.document_id).where(document_tags.c.tag.in_(sorted(hidden)))
        conditions.append(made.not_in(tagged))
    return and_(*conditions)


def _consented(privacy: PrivacySettings) -> ColumnElement[bool]:
    spoken = contributions.c.role.in_(_SPOKEN)
    written: ColumnElement[bool] = people.c.consent_written.is_(True)
    if privacy.written == "opt-in":
        written &= people.c.consent_written_by.is_not(None)
    if privacy.spoken == "never":
        return and_(~spoken, written)
    said: ColumnElement[bool] = people.c.consent_spoken.is_(True)
    if privacy.spoken == "source":
        said |= sources.c.speakers_consented.is_(True) & people.c.consent_spoken_by.is_(None)
    return or_(and_(~spoken, written), and_(spoken, said))


def hidden_tags(connection: Connection, person_id: int) -> frozenset[str]:
    """The tags of a person's documents that they hide, as the documents spell them."""
    keys = {topic_key(topic) for topic in topics(connection, person_id)}
    if not keys:
        return frozenset()
    spelled = connection.execute(
        select(document_tags.c.tag)
        .join(contributions, contributions.c.document_id == document_tags.c.document_id)
        .where(contributions.c.person_id == person_id)
        .distinct()
    ).scalars()
    return frozenset(tag for tag in spelled if topic_key(tag) in keys)


def availability(
    found: Mapping[int, Person], principal: Principal, now: datetime
) -> dict[int, Person]:
    """People with until when they are not to be asked, if that is so now; colleagues are told."""
    told = sees_directory(principal)
    return {
        key: person
        if person.paused_until is None or (told and person.paused_until > now)
        else replace(person, paused_until=None)
        for key, person in found.items()
    }


def own_words(connection: Connection, person_id: int) -> frozenset[str]:
    """Which consents a person decided themselves."""
    return frozenset(name for name, (_, by) in said(connection, person_id).items() if by == SELF)


def said(connection: Connection, person_id: int) -> dict[str, tuple[bool, str | None]]:
    """By consent: what holds of somebody, and who said so."""
    row = connection.execute(select(people).where(people.c.id == person_id)).one()._mapping
    return {name: (row[name], row[f"{name}_by"]) for name in CONSENTS}


def say(connection: Connection, person_id: int, name: str, told: bool | None) -> None:
    """What a person says of being found; None: nothing any more."""
    usual = name == "consent_written"
    values = {name: usual if told is None else told, f"{name}_by": None if told is None else SELF}
    connection.execute(update(people).where(people.c.id == person_id).values(**values))


def pause(connection: Connection, person_id: int, until: datetime | None) -> None:
    """Until when a person does not want to be asked."""
    connection.execute(update(people).where(people.c.id == person_id).values(paused_until=until))


def topics(connection: Connection, person_id: int) -> list[str]:
    """What a person does not want to be found by, as they wrote it."""
    query = select(hidden_topics.c.topic).where(hidden_topics.c.person_id == person_id)
    return sorted(connection.execute(query).scalars())


def put_topics(connection: Connection, person_id: int, told: Iterable[str], at: datetime) -> None:
    """Make these the topics that a person hides; those of before keep their time."""
    wanted = {topic_key(topic): topic for topic in reversed(list(told))}
    for topic in topics(connection, person_id):
        if wanted.pop(topic_key(topic), None) is None:
            connection.execute(
                delete(hidden_topics).where(
                    hidden_topics.c.person_id == person_id, hidden_topics.c.topic == topic
                )
            )
    rows = [{"person_id": person_id, "topic": topic, "at": at} for topic in wanted.values()]
    if rows:
        connection.execute(insert(hidden_topics), rows)


def objected(
    connection: Connection, person_id: int, document_ids: Collection[int]
) -> dict[int, Objection]:
    """What a person says of documents as evidence about them."""
    query = select(objections.c.document_id, objections.c.verdict).where(
        objections.c.person_id == person_id, objections.c.document_id.in_(sorted(document_ids))
    )
    return {row.document_id: Objection(row.verdict) for row in connection.execute(query)}


def put_objection(
    connection: Connection,
    person_id: int,
    document_id: int,
    verdict: Objection | None,
    at: datetime,
) -> None:
    """Say it; None: nothing any more."""
    same = (objections.c.person_id == person_id) & (objections.c.document_id == document_id)
    connection.execute(delete(objections).where(same))
    disputes.reopen(connection, person_id, document_id)
    if verdict is not None:
        values = {"person_id": person_id, "document_id": document_id, "verdict": verdict, "at": at}
        connection.execute(insert(objections).values(**values))


def made_by(
    connection: Connection, person_id: int, principal: Principal, offset: int, limit: int
) -> list[int]:
    """Readable documents that name a person, the newest first."""
    query = (
        select(documents.c.id)
        .where(
            documents.c.id.in_(
                select(contributions.c.document_id).where(contributions.c.person_id == person_id)
            ),
            readable_by(principal),
        )
        .order_by(documents.c.id.desc())
    )
    return list(connection.execute(query.offset(offset).limit(limit)).scalars())


def objections_too(connection: Connection, of: list[int], to: int) -> None:
    """What people object to of some documents, they object to of another one."""
    rows = connection.execute(select(objections).where(objections.c.document_id.in_(of)))
    said = {row.person_id: row for row in rows.all()}
    held = [
        {"person_id": row.person_id, "document_id": to, "verdict": row.verdict, "at": row.at}
        for row in said.values()
    ]
    if held:
        connection.execute(insert(objections), held)
