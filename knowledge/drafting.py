"""The use case: people begin to write, go on later, and publish.

A draft is its author's alone: nobody else finds, reads or counts it, whatever their role, and no
index holds it. Publishing makes the document and deletes the draft in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from knowledge import drafts, editing, requests, revising
from knowledge.drafts import Draft
from knowledge.editing import Besides, Editing, Editor
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, Stale
from knowledge.pictures import picture
from knowledge.requests import RequestKey
from knowledge.store import access, documents, people, profiles
from knowledge.store import drafts as store
from knowledge.store.database import Database
from knowledge.types import (
    Audience,
    Contribution,
    KeptFile,
    Kind,
    Level,
    Person,
    Principal,
    Role,
)
from knowledge.words import words

MAX_DRAFTS = 200
MAX_FILES = 20


class Form(StrEnum):
    """With which form something is written."""

    NOTE = "note"
    QUICK = "quick"
    WRITEUP = "writeup"

    @property
    def kind(self) -> Kind:
        """What it makes."""
        return Kind.WRITEUP if self is Form.WRITEUP else Kind.NOTE


@dataclass(frozen=True, slots=True)
class Base:
    """What a draft changes: a document, and from which state of it."""

    document_id: int
    revision: int
    version: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it is kept; ``version`` counts its saves. ``knower`` is who knew the answer, if
    it was not the author. In a list, the text of ``draft`` is blank."""

    id: int
    form: Form
    draft: Draft
    version: int
    created_at: datetime
    changed_at: datetime
    knower: int | None = None
    base: Base | None = None


class _Attached(Exception):
    """A draft has other pictures than when its publishing began."""


class Drafting:
    """Everything that people do to their drafts. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        editing: Editing,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._editing = editing
        self._now = now

    def create(
        self,
        form: Form,
        draft: Draft,
        asker: Principal,
        *,
        knower: int | None = None,
        base: Base | None = None,
        key: RequestKey | None = None,
    ) -> Kept:
        """Keep a new draft; a repeated request makes none and gives the one of before.

        Raises NotFound for a ``base`` or a ``knower`` that the asker may not see, InvalidInput for
        what is too long, or when there are too many.
        """
        theirs = _records(asker)
        _check_size(draft)
        now = self._now()
        with self._database.write() as connection:
            made = requests.made_before(connection, key, now)
            if made is not None:
                return _kept(store.get(connection, int(made), theirs))
            if len(store.listed(connection, theirs, MAX_DRAFTS)) == MAX_DRAFTS:
                raise InvalidInput(
                    f"you have {MAX_DRAFTS} drafts; publish or throw away some of them first"
                )
            if base is not None:
                documents.get(connection, base.document_id, asker)
            _check_knower(connection, knower, asker)
            values = _values(draft) | {
                "person_id": theirs[0],
                "form": form.value,
                "knower": knower,
                "document_id": base and base.document_id,
                "base_revision": base and base.revision,
                "base_version": base and base.version,
                "version": 1,
                "created_at": now,
                "changed_at": now,
            }
            draft_id = store.add(connection, values)
            requests.remember(connection, key, str(draft_id), now)
            return _kept(store.get(connection, draft_id, theirs))

    def get(self, draft_id: int, asker: Principal) -> Kept:
        """A draft of the asker's. Raises NotFound, also for somebody else's."""
        with self._database.read() as connection:
            return _kept(store.get(connection, draft_id, _records(asker)))

    def listed(self, asker: Principal) -> list[Kept]:
        """The asker's drafts without their texts, the last changed first."""
        with self._database.read() as connection:
            rows = store.listed(connection, _records(asker), MAX_DRAFTS)
        return [_kept(row) for row in rows]

    def of_document(self, document_id: int, asker: Principal) -> Kept | None:
        """The asker's draft that changes a document, if there is one."""
        with self._database.read() as connection:
            found = store.of_document(connection, document_id, _records(asker))
        return None if found is None else self.get(found, asker)

    def save(
        self,
        draft_id: int,
        draft: Draft,
        asker: Principal,
        expected: frozenset[str] | None,
        *,
        form: Form | None = None,
        knower: int | None = None,
        base: Base | None = None,
    ) -> Kept:
        """Keep what a draft says now. ``base``: it changes this state of its document from now on.

        ``expected`` holds versions, one of which must be the kept one's; None takes any. Raises
        NotFound, Stale, InvalidInput for what is too long.
        """
        theirs = _records(asker)
        _check_size(draft)
        with self._database.write() as connection:
            row = store.get(connection, draft_id, theirs)
            _check_version(row, expected)
            if knower != row.knower:
                _check_knower(connection, knower, asker)
            values = _values(draft) | {
                "form": (form or Form(row.form)).value,
                "knower": knower,
                "version": row.version + 1,
                "changed_at": self._now(),
            }
            if base is not None and base.document_id == row.document_id:
                values |= {"base_revision": base.revision, "base_version": base.version}
            store.put(connection, draft_id, values)
            return _kept(store.get(connection, draft_id, theirs))

    def delete(
        self, draft_id: int, asker: Principal, expected: frozenset[str] | None = None
    ) -> None:
        """Throw a draft away with its pictures. Raises NotFound, Stale."""
        with self._database.write(frees=True) as connection:
            _check_version(store.get(connection, draft_id, _records(asker)), expected)
            store.remove(connection, [draft_id])

    def publish(
        self,
        draft_id: int,
        editor: Editor,
        key: RequestKey | None = None,
        expected: frozenset[str] | None = None,
    ) -> int:
        """Make the document that a draft is of, or change the one that it changes; the draft is
        gone then. Returns the document's id, also to a repeated request.

        Raises NotFound, Stale (also when the document changed since), InvalidInput for what cannot
        be stored yet, NotAllowed, Conflict when the document is gone.
        """
        asker, now = editor.principal, self._now()
        theirs = _records(asker)
        with self._database.read() as connection:
            made = requests.made_before(connection, key, now)
            if made is not None:
                return int(made)
            row = store.get(connection, draft_id, theirs)
            _check_version(row, expected)
            kept = _kept(row)
            files = tuple(store.attached(connection, draft_id))
            helped = _knower(connection, kept.knower, asker)

        def first(connection: Connection) -> None:
            _check_version(
                store.get(connection, draft_id, theirs), frozenset({version_of(kept.version)})
            )
            if tuple(store.attached(connection, draft_id)) != files:
                raise _Attached

        def last(connection: Connection) -> None:
            store.remove(connection, [draft_id])
            if kept.base is not None:
                requests.remember(connection, key, str(kept.base.document_id), now)

        besides = Besides(files, helped, first, last)
        try:
            if kept.base is None:
                return self._editing.create(kept.draft, editor, key, besides)
            drafts.check(kept.draft)
            changed, before = kept.base.document_id, frozenset({kept.base.version})
            self._editing.change(changed, kept.draft, editor, before, besides)
        except _Attached:
            return self.publish(draft_id, editor, key, expected)
        except NotFound as error:
            if kept.base is None:
                raise
            raise Conflict(
                "the document that this draft changes is gone, or not for you to read any more; "
                "copy the text into a new one"
            ) from error
        return changed

    def base_text(self, kept: Kept, editor: Editor) -> str:
        """The text of the document as it was when its draft began; blank where it cannot be had."""
        if kept.base is None:
            return ""
        held = kept.base
        try:
            with self._database.read() as connection:
                return revising.one(connection, held.document_id, held.revision, editor)[1]
        except NotFound:
            return ""

    def called(self, name: str, asker: Principal) -> list[Person]:
        """Who of the directory has a name, a first name or an address."""
        key = " ".join(words(name))
        with self._database.read() as connection:
            if not access.sees_directory(asker):
                return []
            ids = people.listed_as(connection, key) if key else []
            known = people.load(connection, ids)
            one = None if "@" not in name else people.by_email(connection, name.strip().lower())
            found = [known[key] for key in ids]
            mailed = profiles.maybe(connection, one, asker)
        return [mailed] if mailed is not None and mailed.address == name.strip() else found

    def name_of(self, person_id: int | None, asker: Principal) -> str:
        """What somebody is called; blank for nobody whom the asker may see."""
        with self._database.read() as connection:
            found = profiles.maybe(connection, person_id, asker)
        return found.name if found else ""

    def attach(self, draft_id: int, name: str, data: bytes, asker: Principal) -> KeptFile:
        """Give a draft a picture; the same one again is the same file.

        Raises NotFound, InvalidInput for what is no picture or too large, or too many of them.
        """
        given = picture(name, data)
        with self._database.write() as connection:
            store.get(connection, draft_id, _records(asker))
            held = store.files(connection, draft_id)
            for one in held:
                if one.href == given.href:
                    return one
            if len(held) >= MAX_FILES:
                raise InvalidInput(f"a draft takes {MAX_FILES} pictures; there are as many already")
            number = held[-1].number + 1 if held else 0
            store.attach(connection, draft_id, number, given)
            return KeptFile(number, given.href, given.name, given.size)

    def files(self, draft_id: int, asker: Principal) -> list[KeptFile]:
        """The pictures of a draft. Raises NotFound."""
        with self._database.read() as connection:
            store.get(connection, draft_id, _records(asker))
            return store.files(connection, draft_id)

    def content(self, draft_id: int, number: int, asker: Principal) -> tuple[KeptFile, bytes]:
        """One picture of a draft. Raises NotFound."""
        with self._database.read() as connection:
            store.get(connection, draft_id, _records(asker))
            return store.content(connection, draft_id, number)


def version_of(number: int) -> str:
    """A draft's version as callers name it."""
    return str(number)


def base_of(shown: editing.Shown) -> Base:
    """The state of a document that somebody reads."""
    return Base(shown.document.id, shown.document.revision, shown.version)


def _records(asker: Principal) -> list[int]:
    """The asker's own record, and those that are part of it."""
    if asker.person_id is None:
        raise NotAllowed("drafts are a person's, and you ask as none")
    return [asker.person_id, *sorted(asker.parts)]


def _check_version(row: Any, expected: frozenset[str] | None) -> None:
    if expected is not None and version_of(row.version) not in expected:
        raise Stale("the draft changed since you read it, perhaps in another window")


def _check_size(draft: Draft) -> None:
    """Raises InvalidInput for what no document could hold; that something is missing is none."""
    body = draft.body if draft.body.strip() else "-"
    drafts.check(replace(draft, title=draft.title or "-", body=body, url=None))
    if len(draft.url or "") > drafts.MAX_URL or any("\0" in t for t in (draft.title, draft.body)):
        raise InvalidInput("that is no text that can be kept")


def _check_knower(connection: Connection, knower: int | None, asker: Principal) -> None:
    if knower is not None:
        profiles.seen(connection, people.whole(connection, knower), asker)


def _knower(
    connection: Connection, knower: int | None, asker: Principal
) -> tuple[Contribution, ...]:
    """Who knew the answer, as far as they are still somebody whom the author may see."""
    if knower is None:
        return ()
    found = profiles.maybe(connection, people.whole(connection, knower), asker)
    if found is None or found.id in _records(asker):
        return ()
    return (Contribution(found.id, found.name, Role.ANSWERER),)


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "body": draft.body,
        "tags": list(draft.tags),
        "level": draft.level and draft.level.value,
        "audience": [list(clause) for clause in draft.audience.clauses],
        "url": draft.url,
        "rough": draft.rough,
    }


def _kept(row: Any) -> Kept:
    form = Form(row.form)
    based = row.document_id is not None
    return Kept(
        id=row.id,
        form=form,
        draft=Draft(
            row.title,
            row._mapping.get("body", ""),
            form.kind,
            tuple(row.tags),
            None if row.level is None else Level(row.level),
            Audience.of(*row.audience),
            row.url,
            row.rough,
        ),
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        knower=row.knower,
        base=Base(row.document_id, row.base_revision, row.base_version) if based else None,
    )
