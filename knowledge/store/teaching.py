"""Queries about what helps those who teach: texts, exemplars, milestones, minutes, levels."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from knowledge.errors import NotFound
from knowledge.redaction import Called
from knowledge.store.access import readable_by
from knowledge.store.people import records
from knowledge.store.tables import contributions, documents
from knowledge.store.teaching_tables import (
    draft_reviews,
    exemplars,
    milestones,
    own_texts,
    reader_levels,
    teaching_minutes,
)
from knowledge.types import Level, Principal

# Texts of the organisation's own.


def texts(connection: Connection) -> list[Row[Any]]:
    """All of them."""
    return list(connection.execute(select(own_texts).order_by(own_texts.c.slug)))


def put_text(connection: Connection, slug: str, values: dict[str, Any]) -> None:
    """Keep one in place of what it was."""
    connection.execute(delete(own_texts).where(own_texts.c.slug == slug))
    connection.execute(insert(own_texts).values(slug=slug, **values))


def remove_text(connection: Connection, slug: str) -> bool:
    """Forget one. Returns whether there was one."""
    return bool(connection.execute(delete(own_texts).where(own_texts.c.slug == slug)).rowcount)


# Exemplars.


def exemplar(connection: Connection, document_id: int) -> Row[Any] | None:
    """What is said of a document, for nobody in particular."""
    same = exemplars.c.document_id == document_id
    return connection.execute(select(exemplars).where(same)).first()


def put_exemplar(connection: Connection, document_id: int, **values: Any) -> None:
    """Say it of a document, in place of what was said before."""
    connection.execute(delete(exemplars).where(exemplars.c.document_id == document_id))
    connection.execute(insert(exemplars).values(document_id=document_id, **values))


def remove_exemplar(connection: Connection, document_id: int) -> None:
    """Say nothing of it any more."""
    connection.execute(delete(exemplars).where(exemplars.c.document_id == document_id))


def gallery(connection: Connection, principal: Principal, limit: int) -> list[Row[Any]]:
    """Those that the asker may read and whose authors do not mind, the newest first."""
    query = (
        select(exemplars.c.document_id, exemplars.c.why, exemplars.c.at)
        .join(documents, documents.c.id == exemplars.c.document_id)
        .where(exemplars.c.declined.is_(False), readable_by(principal))
        .order_by(exemplars.c.at.desc(), exemplars.c.document_id.desc())
    )
    return list(connection.execute(query.limit(limit)))


def exemplars_of(connection: Connection, person_id: int) -> list[Row[Any]]:
    """What is said of documents that somebody contributed to, whoever may read them."""
    theirs = select(contributions.c.document_id).where(
        contributions.c.person_id.in_(records(person_id))
    )
    query = select(exemplars).where(exemplars.c.document_id.in_(theirs))
    return list(connection.execute(query.order_by(exemplars.c.at.desc(), exemplars.c.document_id)))


# Milestones: every query says whose.


def milestones_of(connection: Connection, person_id: int) -> list[Row[Any]]:
    """A person's, and those of the records that are part of them; what is due first comes first."""
    query = select(milestones).where(milestones.c.person_id.in_(records(person_id)))
    return list(connection.execute(query.order_by(milestones.c.due_at, milestones.c.id)))


def add_milestone(connection: Connection, values: dict[str, Any]) -> int:
    """Keep a new one; its id."""
    key = connection.execute(insert(milestones).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def remove_milestone(connection: Connection, person_id: int, milestone_id: int) -> None:
    """Forget one of theirs. Raises NotFound, also for somebody else's."""
    theirs = milestones.c.person_id.in_(records(person_id))
    same = (milestones.c.id == milestone_id) & theirs
    if not connection.execute(delete(milestones).where(same)).rowcount:
        raise NotFound("there is no such milestone of yours")


# How long things take, and for whom texts should be written.


def minutes_said(connection: Connection) -> dict[int, dict[str, int]]:
    """By record: what each says that an act takes them."""
    found: dict[int, dict[str, int]] = {}
    for row in connection.execute(select(teaching_minutes)):
        found.setdefault(row.person_id, {})[row.act] = row.minutes
    return found


def say_minutes(connection: Connection, person_id: int, said: dict[str, int]) -> None:
    """Replace what somebody says, by act."""
    theirs = teaching_minutes.c.person_id.in_(records(person_id))
    connection.execute(delete(teaching_minutes).where(theirs))
    rows = [{"person_id": person_id, "act": act, "minutes": n} for act, n in said.items()]
    if rows:
        connection.execute(insert(teaching_minutes), rows)


def level_of(connection: Connection, person_id: int) -> Level | None:
    """What somebody says of themselves; of one person's records, of the first that says it."""
    query = (
        select(reader_levels.c.level)
        .where(reader_levels.c.person_id.in_(records(person_id)))
        .order_by(reader_levels.c.person_id != person_id, reader_levels.c.person_id)
    )
    found = connection.execute(query).scalars().first()
    return None if found is None else Level(found)


def say_level(connection: Connection, person_id: int, level: Level | None) -> None:
    """Replace it."""
    theirs = reader_levels.c.person_id.in_(records(person_id))
    connection.execute(delete(reader_levels).where(theirs))
    if level is not None:
        connection.execute(insert(reader_levels).values(person_id=person_id, level=level.value))


# Erasing somebody.


def clean(connection: Connection, called: Called) -> None:
    """Take what somebody is called out of what others wrote here."""
    for row in connection.execute(select(own_texts)).all():
        left = {"title": called.gone_from(row.title), "body": called.gone_from(row.body)}
        if left != {"title": row.title, "body": row.body}:
            left["title"] = left["title"][:300]
            same = own_texts.c.slug == row.slug
            connection.execute(update(own_texts).where(same).values(**left))
    for row in connection.execute(select(exemplars)).all():
        why = called.gone_from(row.why)
        if why != row.why:
            same = exemplars.c.document_id == row.document_id
            connection.execute(update(exemplars).where(same).values(why=why))
    for row in connection.execute(select(draft_reviews)).all():
        told = {"wish": row.wish, "comment": row.comment}
        cut = {name: called.gone_from(text) for name, text in told.items()}
        if cut != told:
            same = draft_reviews.c.id == row.id
            connection.execute(update(draft_reviews).where(same).values(**cut))
