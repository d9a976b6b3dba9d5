"""Queries about who a transcript's labels are. What follows from it is in ``knowledge.labels``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update

from knowledge.store import moving
from knowledge.store.tables import (
    contributions,
    documents,
    passages,
    speaker_assignments,
    speakers_told,
)
from knowledge.types import Contribution, Kind, Role


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who a label is, as somebody said; nobody without a person. ``name`` is how it is written."""

    person_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a source says: whose labels they are, and its speakers with their places."""

    labels: dict[str, int]
    speakers: tuple[tuple[int, Contribution], ...]


def assignments(connection: Connection, document_id: int) -> dict[str, Assignment]:
    """What is assigned in a document, by label."""
    query = select(speaker_assignments).where(speaker_assignments.c.document_id == document_id)
    rows = connection.execute(query.order_by(speaker_assignments.c.label))
    return {row.label: Assignment(row.person_id, row.name) for row in rows}


def assign(
    connection: Connection, document_id: int, label: str, given: Assignment, by: str, at: datetime
) -> None:
    """Say who a label is; what was said before no longer counts."""
    withdraw(connection, document_id, label)
    connection.execute(
        insert(speaker_assignments).values(
            document_id=document_id,
            label=label,
            person_id=given.person_id,
            name=given.name[:300],
            by=by,
            at=at,
        )
    )


def withdraw(connection: Connection, document_id: int, label: str) -> None:
    """Let the source say who it is."""
    connection.execute(
        delete(speaker_assignments).where(
            speaker_assignments.c.document_id == document_id, speaker_assignments.c.label == label
        )
    )


def told(connection: Connection, document_id: int) -> Told | None:
    """What the source says, of a document in which something is assigned."""
    row = connection.execute(
        select(speakers_told.c.told).where(speakers_told.c.document_id == document_id)
    ).first()
    if row is None:
        return None
    speakers = tuple(
        (position, Contribution(person, name, Role.SPEAKER, weight, _time(at)))
        for position, person, name, weight, at in row.told["speakers"]
    )
    return Told(row.told["labels"], speakers)


def _time(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def tell(connection: Connection, document_id: int, said: Told | None) -> None:
    """Remember what the source says; None: no longer."""
    connection.execute(delete(speakers_told).where(speakers_told.c.document_id == document_id))
    if said is None:
        return
    speakers = [
        [position, c.person_id, c.name, c.weight, c.at and c.at.astimezone(UTC).isoformat()]
        for position, c in said.speakers
    ]
    values = {"document_id": document_id, "told": {"labels": said.labels, "speakers": speakers}}
    connection.execute(insert(speakers_told).values(**values))


def current(connection: Connection, document_id: int) -> Told:
    """What the document itself says of its speakers, while nothing is assigned in it."""
    labels = {
        label.casefold(): person
        for row in connection.execute(
            select(passages.c.speakers).where(passages.c.document_id == document_id)
        )
        for label, _, person in row.speakers
        if person is not None
    }
    rows = connection.execute(
        select(contributions)
        .where(
            contributions.c.document_id == document_id, contributions.c.role == Role.SPEAKER.value
        )
        .order_by(contributions.c.position)
    )
    speakers = tuple(
        (row.position, Contribution(row.person_id, row.name, Role.SPEAKER, row.weight, row.at))
        for row in rows
    )
    return Told(labels, speakers)


def speak(connection: Connection, document_id: int, labels: Mapping[str, int | None]) -> None:
    """Whose words the document's passages are, by label."""
    rows = connection.execute(
        select(passages.c.id, passages.c.speakers).where(passages.c.document_id == document_id)
    )
    changed = []
    for row in rows:
        said = [[label, part, labels.get(label.casefold())] for label, part, _ in row.speakers]
        if said != row.speakers:
            changed.append({"key": row.id, "told": said})
    moving.put_speakers(connection, changed)


def with_label(connection: Connection, document_id: int, label: str) -> list[int]:
    """Transcripts of the same source in which somebody speaks under this label, ascending."""
    source = select(documents.c.source_id).where(documents.c.id == document_id).scalar_subquery()
    rows = connection.execute(
        select(passages.c.document_id, passages.c.speakers)
        .join(documents, documents.c.id == passages.c.document_id)
        .where(documents.c.source_id == source, documents.c.kind == Kind.TRANSCRIPT.value)
        .execution_options(yield_per=500)
    )
    return sorted(
        {
            row.document_id
            for row in rows
            if any(spoken.casefold() == label for spoken, _, _ in row.speakers)
        }
    )


def take_over(connection: Connection, kept: int, gone: int) -> None:
    """Give a document what is assigned in another one, where nothing is assigned in it; what the
    other one's source says of its speakers is from now on what its own says."""
    tell(connection, kept, told(connection, gone))
    tell(connection, gone, None)
    ours = assignments(connection, kept)
    theirs = speaker_assignments.c.document_id == gone
    connection.execute(
        delete(speaker_assignments).where(theirs, speaker_assignments.c.label.in_(list(ours)))
    )
    connection.execute(update(speaker_assignments).where(theirs).values(document_id=kept))
