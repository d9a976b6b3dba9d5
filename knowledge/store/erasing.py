"""Queries that take a person out of what stays: documents, reports, the query log."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from knowledge.redaction import FORMER, Called, surname
from knowledge.store import (
    attachments,
    details,
    documents,
    drafts,
    moving,
    passages,
    privacy,
    questions,
    speakers,
    teaching,
)
from knowledge.store import people as everybody
from knowledge.store.asked_tables import gap_weeks, gaps, synonyms, wishes
from knowledge.store.care_tables import care
from knowledge.store.identity_tables import (
    erasures,
    identities,
    installation,
    invitations,
    passwords,
    sessions,
    tokens,
)
from knowledge.store.pulse_tables import review_decisions
from knowledge.store.reading_tables import currency, doubts, offers
from knowledge.store.tables import (
    contributions,
    document_tags,
    feedback,
    import_items,
    imports,
    people,
    person_emails,
    person_handles,
    queries,
    revisions,
    speaker_assignments,
)
from knowledge.store.tables import documents as documents_table
from knowledge.store.tables import passages as passages_table
from knowledge.types import Contribution
from knowledge.words import words

# No source is called so: nobody else can have this handle.
_HANDLE = ("", "former colleague")


@dataclass(frozen=True, slots=True)
class Erasure:
    """Somebody who was erased: the ids of their records, and whether their writing went, too."""

    ids: tuple[int, ...]
    with_writing: bool
    at: datetime


def called(connection: Connection, ids: Collection[int]) -> Called:
    """All that a person is called, as far as it still stands somewhere."""
    names: set[str] = set()
    for column, owner in (
        (people.c.name, people.c.id),
        (contributions.c.name, contributions.c.person_id),
        (speaker_assignments.c.name, speaker_assignments.c.person_id),
    ):
        names |= set(connection.execute(select(column).where(owner.in_(ids))).scalars())
    emails = select(person_emails.c.email).where(person_emails.c.person_id.in_(ids))
    handles = select(person_handles.c.handle).where(person_handles.c.person_id.in_(ids))
    last = {found for name in names if (found := surname(name)) is not None}
    return Called(
        names,
        connection.execute(emails).scalars(),
        connection.execute(handles).scalars(),
        _shared(connection, ids, last),
        [one for one in sorted(last) if _written(connection, ids, one)],
    )


def _shared(connection: Connection, ids: Collection[int], surnames: Collection[str]) -> set[str]:
    """Those that are in the name of somebody else."""
    found: set[str] = set()
    query = select(people.c.name).where(people.c.id.not_in(ids))
    for name in connection.execute(query).scalars():
        held = set(words(name))
        found |= {one for one in surnames if held.issuperset(words(one))}
    return found


def _written(connection: Connection, ids: Collection[int], surname: str) -> bool:
    """Whether a document of others has it in small letters, so that it is a word as well."""
    theirs = select(contributions.c.document_id).where(contributions.c.person_id.in_(ids))
    body = documents_table.c.body
    # Unlike LIKE, no database does this without regard to case.
    held = func.replace(body, surname, "") != body
    query = select(documents_table.c.id).where(documents_table.c.id.not_in(theirs), held)
    return connection.execute(query.limit(1)).first() is not None


def former(connection: Connection, at: datetime) -> int:
    """Whoever stands for all who were erased: nobody signs in as them or is ranked as them."""
    found = everybody.by_handle(connection, *_HANDLE)
    if found is None:
        found = everybody.create(connection, FORMER)
        everybody.add_handle(connection, found, *_HANDLE)
        # No page shall find them by their name, and give them an address.
        said = {"name_key": "", "suggested_by": "", "disabled_at": at}
        connection.execute(update(people).where(people.c.id == found).values(**said))
        for consent in privacy.CONSENTS:
            # What is their own word, no source that says that its speakers consent overrules.
            privacy.say(connection, found, consent, False)
    return found


def is_former(connection: Connection, person_id: int) -> bool:
    """Whether this stands for all who were erased."""
    return everybody.by_handle(connection, *_HANDLE) == person_id


def disable(connection: Connection, ids: Collection[int], at: datetime) -> None:
    """Let nobody sign in as them."""
    connection.execute(update(people).where(people.c.id.in_(ids)).values(disabled_at=at))


def end_access(connection: Connection, ids: Collection[int]) -> None:
    """End whatever they come in with."""
    for table in (sessions, tokens, identities, passwords, invitations):
        connection.execute(delete(table).where(table.c.person_id.in_(ids)))


def uploads_of(connection: Connection, ids: Collection[int]) -> list[str]:
    """The files of imports of theirs that are not given back."""
    theirs = imports.c.owner.in_([f"person:{key}" for key in ids])
    query = select(imports.c.stored_as).where(theirs, imports.c.stored_as.is_not(None))
    return list(connection.execute(query).scalars())


def documents_of(connection: Connection, ids: Collection[int]) -> list[int]:
    """Every document that names a person or answers them, also what is archived, ascending."""
    found = questions.documents_asked(connection, ids)
    for table in (contributions, speaker_assignments):
        query = select(table.c.document_id).where(table.c.person_id.in_(ids))
        found |= set(connection.execute(query).scalars())
    return sorted(found)


def row(connection: Connection, document_id: int) -> Any:
    """A document as it is stored, archived or not."""
    return connection.execute(
        select(documents_table).where(documents_table.c.id == document_id)
    ).one()


def labels_of(connection: Connection, document_id: int) -> dict[str, int | None]:
    """Whose each label of a document is, as its passages, its source and its editors say."""
    held: dict[str, int | None] = {}
    said = speakers.told(connection, document_id)
    if said is not None:
        held |= said.labels
    query = select(passages_table.c.speakers).where(passages_table.c.document_id == document_id)
    for told in connection.execute(query).scalars():
        held |= {label.casefold(): person for label, _, person in told}
    for label, one in speakers.assignments(connection, document_id).items():
        held[label] = one.person_id
    return held


def made(connection: Connection, document_id: int) -> list[Contribution]:
    """Who made a document, archived or not."""
    return [one for _, one in details.makers(connection, document_id)]


def speak_not(connection: Connection, document_id: int, ids: Collection[int]) -> None:
    """Let nobody have said what a person said in a document."""
    query = select(passages_table.c.id, passages_table.c.speakers)
    held = connection.execute(query.where(passages_table.c.document_id == document_id)).all()
    rows = [
        {
            "key": row.id,
            "told": [[label, share, None if who in ids else who] for label, share, who in said],
        }
        for row in held
        for said in [row.speakers]
        if any(who in ids for _, _, who in said)
    ]
    moving.put_speakers(connection, rows)


def texts(connection: Connection, document_id: int) -> list[tuple[int, str, str]]:
    """The number, title and body of each revision."""
    query = select(revisions.c.number, revisions.c.title, revisions.c.body)
    rows = connection.execute(query.where(revisions.c.document_id == document_id))
    return [(row.number, row.title, row.body) for row in rows.all()]


def put_texts(
    connection: Connection, document_id: int, told: Iterable[tuple[int, str, str]]
) -> None:
    """Make these its revisions; the others are deleted."""
    kept = list(told)
    numbers = [number for number, _, _ in kept]
    connection.execute(
        delete(revisions).where(
            revisions.c.document_id == document_id, revisions.c.number.not_in(numbers)
        )
    )
    for number, title, body in kept:
        same = (revisions.c.document_id == document_id) & (revisions.c.number == number)
        connection.execute(update(revisions).where(same).values(title=title, body=body))


def put_document(connection: Connection, document_id: int, title: str, body: str) -> None:
    """Another title and body. What the source said is still the same: an unchanged export brings
    nothing back."""
    documents.put(connection, document_id, {"title": title, "body": body})


def replace_maker(
    connection: Connection, document_id: int, ids: Collection[int], by: int | None
) -> None:
    """Let ``by`` have made what a person did; None: nobody."""
    held = details.makers(connection, document_id)
    made = [(place, one) for place, one in held if one.person_id not in ids]
    if by is not None:
        theirs = [(place, one) for place, one in held if one.person_id in ids]
        made += [(place, replace(one, person_id=by, name=FORMER)) for place, one in theirs]
    details.put_makers(connection, document_id, sorted(made, key=lambda pair: pair[0]))


def replace_speaker(
    connection: Connection, document_id: int, ids: Collection[int], by: int, called: Called
) -> None:
    """Take a person out of who speaks in a document, as its source and its editors say."""
    for label, one in speakers.assignments(connection, document_id).items():
        named = called.gone_from(label).casefold()
        if one.person_id in ids or named != label:
            speakers.withdraw(connection, document_id, label)
    said = speakers.told(connection, document_id)
    if said is not None:
        labels = {
            called.gone_from(label).casefold(): person
            for label, person in said.labels.items()
            if person not in ids
        }
        spoken = tuple(
            (place, replace(one, person_id=by, name=FORMER) if one.person_id in ids else one)
            for place, one in said.speakers
        )
        speakers.tell(connection, document_id, speakers.Told(labels, spoken))


def remove(connection: Connection, document_id: int) -> None:
    """Delete a document, archived or not, with everything that hangs on it, and what somebody has
    begun to change of it."""
    drafts.remove(connection, drafts.changing(connection, document_id))
    passages.replace(connection, document_id, [])
    attachments.remove(connection, document_id)
    documents.remove(connection, document_id)


def forget_reports(connection: Connection, called: Called) -> None:
    """Take a person out of what imports of others tell and are called, out of the names of tokens,
    out of doubts, offers and wishes of others, out of gaps, reviews, synonyms and what helps to
    teach."""
    teaching.clean(connection, called)
    for table in (imports, import_items, tokens, doubts, review_decisions):
        _clean(connection, table, called)
    for row in connection.execute(select(synonyms)).all():
        if called.named_in(row.term) or called.named_in(row.meaning):
            connection.execute(delete(synonyms).where(synonyms.c.id == row.id))
    for row in connection.execute(select(offers.c.id, offers.c.topic)).all():
        if called.named_in(row.topic):
            connection.execute(delete(offers).where(offers.c.id == row.id))
    # These are what was searched for, in small letters, too.
    for table in (gaps, wishes):
        rows = connection.execute(select(table.c.id, table.c.text)).all()
        theirs = [row.id for row in rows if called.asked_for_in(row.text)]
        if table is gaps:
            connection.execute(delete(gap_weeks).where(gap_weeks.c.gap_id.in_(theirs)))
        connection.execute(delete(table).where(table.c.id.in_(theirs)))


_TELLING = {
    imports.name: ("file_name", "summary", "question", "error", "options"),
    import_items.name: ("name", "reason", "losses"),
    tokens.name: ("name",),
    doubts.name: ("reason",),
    review_decisions.name: ("text", "outcome"),
}


def _clean(connection: Connection, table: Table, called: Called) -> None:
    """Take a person out of the columns of a table that tell of somebody."""
    keys = list(table.primary_key.columns)
    columns = [table.c[name] for name in _TELLING[table.name]]
    changed = []
    query = select(*keys, *columns).execution_options(yield_per=1000)
    # While rows are read none is written: the stream would break on one database or the other.
    for row in connection.execute(query):
        told = {column.name: row._mapping[column] for column in columns}
        clean = {c.name: _cut(c, called.gone_from_json(told[c.name])) for c in columns}
        if clean != told:
            changed.append(([row._mapping[key] for key in keys], clean))
    for held, clean in changed:
        same = [key == value for key, value in zip(keys, held, strict=True)]
        connection.execute(update(table).where(*same).values(**clean))


def _cut(column: Column[Any], value: Any) -> Any:
    """As much of a text as its column takes: what stands for a name may be longer than it."""
    length = column.type.length if isinstance(column.type, String) else None
    return value[:length] if isinstance(value, str) else value


def forget_tags(connection: Connection, document_id: int, called: Called) -> None:
    """Take the tags from a document that are called as a person is."""
    held = document_tags.c.document_id == document_id
    for tag in connection.execute(select(document_tags.c.tag).where(held)).scalars().all():
        if called.named_in(tag):
            connection.execute(delete(document_tags).where(held, document_tags.c.tag == tag))


def forget_queries(connection: Connection, pseudonyms: Collection[str], called: Called) -> None:
    """Delete what a person searched for, as far as that can be told, and what was searched for by
    what they are called; and what was said with their name of an answer."""
    gone = [
        row.id
        for row in connection.execute(select(queries.c.id, queries.c.text, queries.c.asker)).all()
        if row.asker in pseudonyms or called.asked_for_in(row.text)
    ]
    for key in gone:
        connection.execute(delete(queries).where(queries.c.id == key))
    said = connection.execute(select(feedback.c.id, feedback.c.reason)).all()
    for row in said:
        if called.asked_for_in(row.reason):
            connection.execute(delete(feedback).where(feedback.c.id == row.id))


def forget_person(connection: Connection, ids: Collection[int]) -> None:
    """Delete the records themselves; what refers to them has to be gone. What they said of whether
    documents hold, and what they recorded of reviews, stays as by nobody."""
    owned = care.c.owner_id.in_(ids)
    connection.execute(update(care).where(owned).values(owner_id=None))
    for table in (currency, review_decisions):
        theirs = table.c.person_id.in_(ids)
        connection.execute(update(table).where(theirs).values(person_id=None))
    connection.execute(delete(people).where(people.c.id.in_(ids)))


def installation_key(connection: Connection) -> str:
    """Which installation this is."""
    return str(connection.execute(select(installation.c.key)).scalar_one())


def be_installation(connection: Connection, key: str) -> None:
    """Be another installation."""
    connection.execute(update(installation).values(key=key))


def note(connection: Connection, told: Erasure) -> None:
    """Remember that they were erased; twice is once."""
    connection.execute(delete(erasures).where(erasures.c.person_id.in_(told.ids)))
    rows = [
        {"person_id": key, "with_writing": told.with_writing, "at": told.at} for key in told.ids
    ]
    connection.execute(insert(erasures), rows)


def noted(connection: Connection) -> list[Erasure]:
    """Everybody who was erased, each record by itself."""
    rows = connection.execute(select(erasures).order_by(erasures.c.person_id))
    return [Erasure((row.person_id,), row.with_writing, row.at) for row in rows]
