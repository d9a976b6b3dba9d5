"""The use case: a document is replaced by a newer one, or two are merged into a third.

Nothing is lost by either. What was replaced stays where it is, for its readers and for the evidence
of who made it; it is left out of the results of those who may read what replaced it, and of nobody
else. Merging makes a new document, which only those may read who may read both: whoever reads one
of them alone keeps that one as it is, and cannot tell that anything happened.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import audit, currency, drafts, merged_documents, threeway
from knowledge.audit import Action
from knowledge.capture import Capture, Outcome
from knowledge.editing import Editor, may_edit, source_document, written_here
from knowledge.errors import Conflict, InvalidInput, NotAllowed
from knowledge.roles import MEMBER, Standing
from knowledge.store import documents, successors
from knowledge.store.database import Database
from knowledge.store.successors import Successor
from knowledge.types import Document, SourceDocument

_MERGED = 2
"""Of how many documents one is made."""


@dataclass(frozen=True, slots=True)
class Line:
    """What replaced a document and what it replaced, of what the asker may read. ``merged``: its
    text went into what replaced it; ``mergers``: of what it replaced, what went into it."""

    by: Document | None
    merged: bool
    at: datetime | None
    replaces: tuple[Document, ...]
    mergers: tuple[int, ...]
    may_replace: bool


@dataclass(frozen=True, slots=True)
class Both:
    """Two documents with their texts, which somebody compares. ``mergeable``: both were written
    here, and they may change both; ``together`` then has all that either says, unless that is too
    long for one document."""

    old: Document
    new: Document
    old_body: str
    new_body: str
    mergeable: bool
    together: str


class _Stays(Exception):
    """What was made of two is not deleted."""


class Succession:
    """What replaces what. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        capture: Capture,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._capture = capture
        self._now = now

    def show(self, document_id: int, editor: Editor, standing: Standing = MEMBER) -> Line:
        """What a reader is told. Raises NotFound, the same for unknown and forbidden."""
        asker = editor.principal
        with self._database.read() as connection:
            document = documents.get(connection, document_id, asker)
            next_one = successors.readable(connection, [document_id], asker).get(document_id)
            before = successors.replaced(connection, document_id)
            ids = [*before, *([next_one.id] if next_one else [])]
            held = documents.load(connection, ids, asker)
            older = tuple(held[key] for key in sorted(before) if key in held)
            return Line(
                held.get(next_one.id) if next_one else None,
                next_one is not None and next_one.merged,
                next_one.at if next_one else None,
                older,
                tuple(one.id for one in older if before[one.id]),
                currency.looks_after(connection, editor, standing, document),
            )

    def supersede(
        self, document_id: int, by: int, editor: Editor, standing: Standing = MEMBER
    ) -> None:
        """Say that another document replaced one that somebody looks after; they read both. Raises
        NotFound, NotAllowed, InvalidInput, Conflict."""
        with self._database.write() as connection:
            old = self._replaceable(connection, document_id, editor, standing)
            new = documents.get(connection, by, editor.principal)
            if old.id == new.id:
                raise InvalidInput("a document does not replace itself")
            # Of what the asker may not read nothing is told, and nothing is asked here.
            further, seen = new.id, {old.id}
            while further not in seen:
                seen.add(further)
                found = successors.readable(connection, [further], editor.principal)
                further = found[further].id if further in found else further
            if further == old.id:
                raise InvalidInput("that one was replaced by this one; take that back first")
            # Instead of what they said before; what others said that they may not read stays.
            _take_back(connection, old.id, editor)
            to = Successor(new.id, False, editor.name, self._now())
            successors.put(connection, old.id, to)
            self._tell(connection, old.id, editor, by=f"document:{new.id}")

    def restore(self, document_id: int, editor: Editor, standing: Standing = MEMBER) -> None:
        """Say that nothing replaced it that the asker may read. Raises NotFound, NotAllowed,
        Conflict."""
        with self._database.write() as connection:
            self._replaceable(connection, document_id, editor, standing)
            if _take_back(connection, document_id, editor):
                self._tell(connection, document_id, editor, by="")

    def both(self, document_id: int, other: int, editor: Editor) -> Both:
        """Two documents to compare. Raises NotFound, InvalidInput."""
        with self._database.read() as connection:
            return self._both(connection, document_id, other, editor)

    def merge(self, document_id: int, other: int, title: str, body: str, editor: Editor) -> int:
        """Make a third document of two that were written here, with the text that somebody chose;
        returns its id. Those who made either made it. Raises NotFound, NotAllowed, InvalidInput,
        Conflict."""
        now = self._now()
        with self._database.read() as connection:
            pair = self._both(connection, document_id, other, editor)
            first, second = pair.old, pair.new
            if not pair.mergeable:
                raise NotAllowed(
                    "two documents are merged by who may change both, if both were written here; "
                    "say instead that one replaces the other"
                )
            _check_unmerged(connection, (first, second), editor)
            files = merged_documents.files_of(connection, (first, second), body)
            draft = merged_documents.draft_of(connection, first, second, title, body)
            drafts.check(draft)
        expected = {one.id: (one.revision, one.audience_id) for one in (first, second)}

        def unchanged(connection: Connection) -> None:
            held = documents.load(connection, expected, editor.principal)
            if {key: (one.revision, one.audience_id) for key, one in held.items()} != expected:
                raise Conflict("one of the two changed meanwhile; look at them again")
            _check_unmerged(connection, (first, second), editor)

        def replaced(connection: Connection, _stored: SourceDocument, outcome: Outcome) -> None:
            made = outcome.document_id
            assert made is not None
            for key in expected:
                successors.put(connection, key, Successor(made, True, editor.name, now))
            merged_documents.carry(connection, (first, second), made)
            ids = [f"document:{key}" for key in expected]
            audit.record(connection, editor.name, Action.MERGED, f"document:{made}", at=now, of=ids)

        dates = [one.created_at for one in (first, second) if one.created_at]
        document = source_document(draft, uuid.uuid4().hex, min(dates, default=now), now, files)
        outcome = self._capture.save(
            document,
            makers=merged_documents.makers_of((first, second)),
            first=unchanged,
            beside=replaced,
        )
        assert outcome.document_id is not None
        return outcome.document_id

    def unmerge(self, document_id: int, editor: Editor) -> bool:
        """Let those that were merged stand for themselves again. What they became is deleted if
        both are still there and nobody changed it since, and otherwise stays beside them; returns
        whether it was. Raises NotFound, NotAllowed, InvalidInput."""

        def gone(connection: Connection) -> bool:
            made = documents.get(connection, document_id, editor.principal)
            if not may_edit(editor, made):
                raise NotAllowed("only those who may change it take a merge back")
            held = successors.replaced(connection, made.id)
            parts = [key for key, merged in held.items() if merged]
            if not parts:
                raise InvalidInput("this document was not made of two")
            for key in parts:
                successors.remove(connection, key, [made.id])
            self._tell(connection, made.id, editor, by="")
            return made.revision == 1 and len(parts) == _MERGED

        def first(connection: Connection) -> None:
            if not gone(connection):
                raise _Stays

        try:
            self._capture.delete(document_id, first=first, by=editor.name)
        except _Stays:
            with self._database.write() as connection:
                gone(connection)
            return False
        return True

    def _replaceable(
        self, connection: Connection, document_id: int, editor: Editor, standing: Standing
    ) -> Document:
        document = documents.get(connection, document_id, editor.principal)
        if not currency.looks_after(connection, editor, standing, document):
            raise NotAllowed("only those who look after a document say what replaced it")
        return document

    def _both(self, connection: Connection, one: int, other: int, editor: Editor) -> Both:
        old = documents.get(connection, one, editor.principal)
        new = documents.get(connection, other, editor.principal)
        if old.id == new.id:
            raise InvalidInput("choose two documents")
        older = documents.body(connection, old.id, editor.principal)
        newer = documents.body(connection, new.id, editor.principal)
        mergeable = all(written_here(each) and may_edit(editor, each) for each in (old, new))
        whole = threeway.together(newer, older) if mergeable else ""
        fits = len(whole) <= drafts.MAX_BODY
        return Both(old, new, older, newer, mergeable, whole if fits else newer)

    def _tell(self, connection: Connection, document_id: int, editor: Editor, by: str) -> None:
        subject = f"document:{document_id}"
        audit.record(connection, editor.name, Action.REPLACED, subject, at=self._now(), by=by)


def _take_back(connection: Connection, document_id: int, editor: Editor) -> bool:
    """Whether something replaced a document that the asker may read, which it does no more. Raises
    Conflict where that was made of it."""
    held = successors.told(connection, [document_id], editor.principal).get(document_id, [])
    if any(one.merged for one in held):
        raise Conflict("this document was merged; take that back where it was merged into")
    successors.remove(connection, document_id, [one.id for one in held])
    return bool(held)


def _check_unmerged(
    connection: Connection, pair: tuple[Document, Document], editor: Editor
) -> None:
    held = successors.told(connection, [one.id for one in pair], editor.principal)
    if any(one.merged for several in held.values() for one in several):
        raise Conflict("one of the two was merged already; merge what it became")
