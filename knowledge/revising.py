"""The use case: how a document's title and text came to be what they are."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from knowledge import differences
from knowledge.differences import Difference, Part
from knowledge.editing import Editor, may_edit
from knowledge.errors import InvalidInput
from knowledge.readers._text import headings
from knowledge.store import documents
from knowledge.store import revisions as store
from knowledge.store.database import Database
from knowledge.store.revisions import Revision
from knowledge.types import Document


@dataclass(frozen=True, slots=True)
class Compared:
    """Two states of a document, the older first, and what changed between them. ``headings``: the
    lines of either that are headings."""

    older: Revision
    newer: Revision
    title: tuple[Part, ...]
    body: Difference
    headings: frozenset[str]


@dataclass(frozen=True, slots=True)
class History:
    """A document's states, the newest first; ``compared`` where there are two to compare."""

    document: Document
    revisions: tuple[Revision, ...]
    compared: Compared | None


class Revising:
    """What was. Whoever reads a document now reads how it came to be, as far as they could then;
    nobody else does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all_of(self, document_id: int, editor: Editor) -> tuple[Revision, ...]:
        """The states that they may read, the newest first. Raises NotFound."""
        with self._database.read() as connection:
            keeps = may_edit(editor, documents.get(connection, document_id, editor.principal))
            return tuple(store.of(connection, document_id, editor.principal, keeps=keeps))

    def one(self, document_id: int, number: int, editor: Editor) -> tuple[Revision, str]:
        """One state with its text. Raises NotFound, the same for unknown and forbidden."""
        with self._database.read() as connection:
            return one(connection, document_id, number, editor)

    def history(
        self, document_id: int, editor: Editor, first: int | None, last: int | None
    ) -> History:
        """All states that they may read, and what changed from one to another: by default with
        the last change. Raises NotFound, InvalidInput."""
        with self._database.read() as connection:
            document = documents.get(connection, document_id, editor.principal)
            keeps = may_edit(editor, document)
            held = tuple(store.of(connection, document_id, editor.principal, keeps=keeps))
            numbers = [one.number for one in held]
            newer = last if last is not None else max(numbers, default=0)
            before = [number for number in numbers if number < newer]
            older = first if first is not None else max(before, default=0)
            if not before and first is None and last is None:
                return History(document, held, None)
            if older >= newer:
                raise InvalidInput("choose an older and a newer state to compare")
            before_it, old = one(connection, document_id, older, editor)
            after_it, new = one(connection, document_id, newer, editor)
        body = differences.difference(old, new)
        title = differences.words(before_it.title, after_it.title)
        marked = heading_lines(old) | heading_lines(new)
        return History(document, held, Compared(before_it, after_it, title, body, marked))


def one(
    connection: Connection, document_id: int, number: int, editor: Editor
) -> tuple[Revision, str]:
    """One state of a document with its text. Raises NotFound, the same for unknown and
    forbidden."""
    keeps = may_edit(editor, documents.get(connection, document_id, editor.principal))
    return store.get(connection, document_id, number, editor.principal, keeps=keeps)


def heading_lines(body: str) -> frozenset[str]:
    """The lines of a text that are headings."""
    return frozenset(body[one.start : one.end].rstrip("\r\n") for one in headings(body))
