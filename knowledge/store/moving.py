"""Moving what says who somebody is, and what speaks for them, from one person to another.

What was moved is told as JSON, and what is told can be returned as far as it is still there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from knowledge.store.identity_tables import tokens
from knowledge.store.people import documents_of, name_key
from knowledge.store.tables import (
    contributions,
    documents,
    imports,
    passages,
    people,
    person_emails,
    person_handles,
    speaker_assignments,
)

Moved = dict[str, Any]
_BATCH = 400


def identities(connection: Connection, kept: int, gone: int) -> Moved:
    """Addresses, handles, and the access tokens and imports that are theirs."""
    emails = select(person_emails.c.email).where(person_emails.c.person_id == gone)
    handles = select(person_handles.c.namespace, person_handles.c.handle).where(
        person_handles.c.person_id == gone
    )
    keys = select(tokens.c.id).where(tokens.c.person_id == gone)
    theirs = select(imports.c.id).where(imports.c.owner == f"person:{gone}")
    moved: Moved = {
        "emails": sorted(connection.execute(emails).scalars()),
        "handles": sorted([row.namespace, row.handle] for row in connection.execute(handles)),
        "tokens": sorted(connection.execute(keys).scalars()),
        "imports": sorted(connection.execute(theirs).scalars()),
    }
    for table in (person_emails, person_handles, tokens):
        connection.execute(update(table).where(table.c.person_id == gone).values(person_id=kept))
    connection.execute(
        update(imports).where(imports.c.owner == f"person:{gone}").values(owner=f"person:{kept}")
    )
    return moved


def return_identities(connection: Connection, kept: int, gone: int, moved: Moved) -> None:
    """What is still ``kept``'s."""
    ours: dict[str, Any] = {"person_id": kept}
    theirs: dict[str, Any] = {"person_id": gone}
    _each(connection, person_emails, [{"email": one} for one in moved["emails"]], ours, theirs)
    handles = [{"namespace": space, "handle": handle} for space, handle in moved["handles"]]
    _each(connection, person_handles, handles, ours, theirs)
    _each(connection, tokens, [{"id": one} for one in moved["tokens"]], ours, theirs)
    ours, theirs = {"owner": f"person:{kept}"}, {"owner": f"person:{gone}"}
    _each(connection, imports, [{"id": one} for one in moved["imports"]], ours, theirs)


def _each(
    connection: Connection,
    table: Any,
    keys: list[dict[str, Any]],
    now: Mapping[str, Any],
    values: Mapping[str, Any],
) -> None:
    """Change the rows with these keys that are so now."""
    if not keys:
        return
    same = [table.c[name] == bindparam(f"key_{name}") for name in keys[0]]
    still = [table.c[name] == value for name, value in now.items()]
    given = [{f"key_{name}": value for name, value in key.items()} for key in keys]
    connection.execute(update(table).where(*same, *still).values(**values), given)


def evidence(connection: Connection, kept: int, gone: int) -> Moved:
    """Contributions, parts of what is said, and labels; those of both in one role become one."""
    touched = documents_of(connection, gone)
    joined = []
    for batch in _batches(touched):
        both = _made(connection, batch, (kept, gone))
        found: list[list[Any]] = [
            [document, role, _told(both[document, kept, role]), _told(row)]
            for (document, person, role), row in both.items()
            if person == gone and (document, kept, role) in both
        ]
        joined += found
        _drop(connection, [(document, gone, role) for document, role, _, _ in found])
        _put(connection, kept, [(d, role, _one(mine, theirs)) for d, role, mine, theirs in found])
    own = [list(pair) for pair in _called_as(connection, kept, gone, None)]
    rest = select(contributions.c.document_id, contributions.c.role).where(
        contributions.c.person_id == gone
    )
    made = sorted([row.document_id, row.role] for row in connection.execute(rest))
    connection.execute(
        update(contributions).where(contributions.c.person_id == gone).values(person_id=kept)
    )
    shares = speak_as(connection, dict.fromkeys(touched), gone, kept)
    assigned = select(speaker_assignments.c.document_id, speaker_assignments.c.label).where(
        speaker_assignments.c.person_id == gone
    )
    labels = sorted([row.document_id, row.label] for row in connection.execute(assigned))
    connection.execute(
        update(speaker_assignments)
        .where(speaker_assignments.c.person_id == gone)
        .values(person_id=kept)
    )
    return {
        "stored_at": stamp(connection, touched).isoformat(),
        "documents": touched,
        "contributions": made,
        "joined": joined,
        "own": own,
        "shares": sorted(map(list, shares)),
        "assigned": labels,
    }


def return_evidence(
    connection: Connection,
    kept: int,
    gone: int,
    moved: Moved,
    earlier: list[Moved],
    later: list[Moved],
) -> list[int]:
    """What is still there; and what came since then under ``gone``'s name alone.

    The other merges into ``kept`` that hold come oldest first. What ``later`` ones tell of a
    contribution that became one with theirs is changed to what it would be without ``gone``.
    """
    since = datetime.fromisoformat(moved["stored_at"])
    known = {(document, role) for document, role in moved["own"]}
    for one in (moved, *earlier, *later):
        known |= {(document, role) for document, role in one["contributions"]}
        known |= {(document, role) for document, role, _, _ in one["joined"]}
    named = [pair for pair in _called_as(connection, kept, gone, since) if pair not in known]
    within = {(d, r) for one in later for d, r, *_ in one["joined"]}
    theirs = {(d, r) for d, r in moved["contributions"] if (d, r) not in within}
    keys = [{"document_id": d, "role": r} for d, r in sorted({*theirs, *named})]
    _each(connection, contributions, keys, {"person_id": kept}, {"person_id": gone})
    joined: dict[tuple[int, str], tuple[Any, Any]] = {
        (d, r): (None, None) for d, r in moved["contributions"] if (d, r) in within
    }
    joined |= {(d, r): (mine, own) for d, r, mine, own in moved["joined"]}
    _part(connection, kept, gone, joined, later)
    said: dict[int, set[str]] = {}
    for document, label in moved["shares"]:
        said.setdefault(document, set()).add(label)
    name = connection.execute(select(people.c.name_key).where(people.c.id == gone)).scalar_one()
    for document, _ in named:
        said.setdefault(document, set()).add(name)
    speak_as(connection, said, kept, gone)
    labels = [{"document_id": document, "label": label} for document, label in moved["assigned"]]
    _each(connection, speaker_assignments, labels, {"person_id": kept}, {"person_id": gone})
    touched = sorted({*moved["documents"], *said, *(document for document, _ in named)})
    there = {
        key
        for batch in _batches(touched)
        for key in connection.execute(
            select(documents.c.id).where(documents.c.id.in_(batch))
        ).scalars()
    }
    stamp(connection, sorted(there))
    return sorted(there)


def _called_as(
    connection: Connection, kept: int, gone: int, since: datetime | None
) -> list[tuple[int, str]]:
    """Where ``kept`` is called as only ``gone`` is; of what was stored ``since`` then, if told."""
    names = {
        row.id: row.name_key
        for row in connection.execute(
            select(people.c.id, people.c.name_key).where(
                people.c.id.in_([kept, gone]) | (people.c.merged_into == kept)
            )
        )
    }
    name = names.pop(gone)
    if name in names.values():
        return []
    query = (
        select(contributions.c.document_id, contributions.c.role, contributions.c.name)
        .join(documents, documents.c.id == contributions.c.document_id)
        .where(contributions.c.person_id == kept)
    )
    if since is not None:
        query = query.where(documents.c.stored_at > since)
    rows = connection.execute(query)
    return sorted((row.document_id, row.role) for row in rows if name_key(row.name) == name)


def _part(
    connection: Connection,
    kept: int,
    gone: int,
    joined: Mapping[tuple[int, str], tuple[Any, Any]],
    later: list[Moved],
) -> None:
    """Give both their own again, where the one is still what was made of them."""
    for batch in _batches(joined):
        held = _made(connection, [document for document, _ in batch], (kept,))
        ours: list[tuple[int, str, dict[str, Any]]] = []
        given_back: list[dict[str, Any]] = []
        for document, role in batch:
            row = held.get((document, kept, role))
            mine, theirs = joined[document, role]
            made = None if theirs is None else _one(mine, theirs)
            parts = [(one, at) for one in later for at in _of(one, document, role)]
            for one, at in parts:
                theirs = theirs or one["joined"][at][2]
                made = _one(one["joined"][at][2], one["joined"][at][3])
            # An import wrote it anew: whose it is by now, the next one will say.
            if row is None or _told(row) != made:
                continue
            for one, at in parts:
                entry = one["joined"][at]
                if mine is None:
                    one["contributions"] = sorted([*one["contributions"], [document, role]])
                    one["joined"] = [*one["joined"][:at], *one["joined"][at + 1 :]]
                    mine = entry[3]
                else:
                    one["joined"] = [
                        *one["joined"][:at],
                        [document, role, mine, entry[3]],
                        *one["joined"][at + 1 :],
                    ]
                    mine = _one(mine, entry[3])
            ours.append((document, role, mine))
            key = {"document_id": document, "person_id": gone, "role": role}
            given_back.append(key | _values(theirs))
        _put(connection, kept, ours)
        if given_back:
            connection.execute(insert(contributions), given_back)


def _of(moved: Moved, document: int, role: str) -> list[int]:
    """Where a merge tells of a contribution that became one with another, if it does."""
    entries = enumerate(moved["joined"])
    return [at for at, entry in entries if entry[:2] == [document, role]]


def _made(
    connection: Connection, batch: Collection[int], persons: Collection[int]
) -> dict[tuple[int, int, str], Row[Any]]:
    rows = connection.execute(
        select(contributions).where(
            contributions.c.document_id.in_(batch), contributions.c.person_id.in_(persons)
        )
    )
    return {(row.document_id, row.person_id, row.role): row for row in rows}


def _told(row: Row[Any]) -> dict[str, Any]:
    at = row.at and row.at.astimezone(UTC).isoformat()
    return {"name": row.name, "weight": row.weight, "position": row.position, "at": at}


def _values(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"at": told["at"] and datetime.fromisoformat(told["at"])}


def _one(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """As ``details.put_makers`` makes one of two: the first names it."""
    first = min(mine, theirs, key=lambda one: int(one["position"]))
    times = [one["at"] for one in (mine, theirs) if one["at"]]
    newest = max(times, key=datetime.fromisoformat, default=None)
    return first | {"weight": mine["weight"] + theirs["weight"], "at": newest}


def _put(connection: Connection, person: int, rows: list[tuple[int, str, dict[str, Any]]]) -> None:
    """Make a person's contributions so, by document and role."""
    if rows:
        fields = ("name", "weight", "position", "at")
        new = {name: bindparam(f"new_{name}", type_=contributions.c[name].type) for name in fields}
        given = [
            _key(document, person, role)
            | {f"new_{name}": value for name, value in _values(told).items()}
            for document, role, told in rows
        ]
        connection.execute(update(contributions).where(_is()).values(**new), given)


def _drop(connection: Connection, rows: list[tuple[int, int, str]]) -> None:
    if rows:
        connection.execute(delete(contributions).where(_is()), [_key(*row) for row in rows])


def _key(document: int, person: int, role: str) -> dict[str, Any]:
    return {"key_document": document, "key_person": person, "key_role": role}


def _is() -> Any:
    return (
        (contributions.c.document_id == bindparam("key_document"))
        & (contributions.c.person_id == bindparam("key_person"))
        & (contributions.c.role == bindparam("key_role"))
    )


def speak_as(
    connection: Connection, labels: Mapping[int, Collection[str] | None], old: int, new: int
) -> set[tuple[int, str]]:
    """Whose words they are, in documents under some labels (None: any). Returns which it was."""
    changed: set[tuple[int, str]] = set()
    for batch in _batches(sorted(labels)):
        rows = connection.execute(
            select(passages.c.id, passages.c.document_id, passages.c.speakers).where(
                passages.c.document_id.in_(batch)
            )
        )
        new_rows = []
        for row in rows:
            chosen = labels[row.document_id]
            theirs = {
                label.casefold()
                for label, _, person in row.speakers
                if person == old and (chosen is None or label.casefold() in chosen)
            }
            if theirs:
                changed |= {(row.document_id, label) for label in theirs}
                told = [
                    [label, share, new if label.casefold() in theirs else person]
                    for label, share, person in row.speakers
                ]
                new_rows.append({"key": row.id, "told": told})
        put_speakers(connection, new_rows)
    return changed


def put_speakers(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Whose words the passages ``key`` are: as ``told``."""
    if rows:
        connection.execute(
            update(passages)
            .where(passages.c.id == bindparam("key"))
            .values(speakers=bindparam("told", type_=passages.c.speakers.type)),
            rows,
        )


def stamp(connection: Connection, ids: list[int]) -> datetime:
    """Whoever read one of the documents before has read what is no longer so. Returns when they
    were stored, by the clock that all documents are stored by."""
    now = datetime.now(UTC)
    for batch in _batches(ids):
        connection.execute(update(documents).where(documents.c.id.in_(batch)).values(stored_at=now))
    return now


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Slices below every database's limit of parameters."""
    held = list(values)
    for start in range(0, len(held), _BATCH):
        yield held[start : start + _BATCH]
