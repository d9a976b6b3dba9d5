"""The use case: documents from which one learns how to write, with a line that says why.

Those who look after what it is about choose them: administrators, curators of its source or of one
of its tags, the steward of its topic. Everybody sees of them what they may read anyway. Whoever
made one is told on their own page, and may decline: it is shown no more then, and nobody can choose
it again until they take that back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import limits
from knowledge.editing import Editor
from knowledge.errors import Conflict, InvalidInput, NotAllowed
from knowledge.roles import MEMBER, Standing
from knowledge.store import documents, topics
from knowledge.store import teaching as store
from knowledge.store.database import Database
from knowledge.store.privacy import topic_key
from knowledge.types import Document, Principal, Role

MAX_WHY = 300
MOST = 200


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A document and why it is an example; ``declined``: one who made it does not want it to be,
    which they are told alone."""

    document: Document
    why: str
    at: datetime
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a document's reader is told: ``why``, if it is an example; ``declined``, if they made it
    or may choose it; what they may do."""

    why: str | None
    declined: bool
    may_choose: bool
    may_decline: bool


class Gallery:
    """Everything that concerns exemplars. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def shown(self, asker: Principal) -> list[Exemplar]:
        """Those that the asker may read, the newest first."""
        with self._database.read() as connection:
            rows = store.gallery(connection, asker, MOST)
            held = documents.load(connection, [row.document_id for row in rows], asker)
        return [
            Exemplar(held[row.document_id], row.why, row.at)
            for row in rows
            if row.document_id in held
        ]

    def of(self, document_id: int, editor: Editor, standing: Standing = MEMBER) -> Said:
        """What is said of a document. Raises NotFound."""
        with self._database.read() as connection:
            document = documents.get(connection, document_id, editor.principal)
            chooses = _may_choose(connection, document, editor, standing)
            made = _made(document, editor.principal)
            row = store.exemplar(connection, document_id)
        if row is None:
            return Said(None, False, chooses, False)
        declined = row.declined and (chooses or made)
        may_decline = made and (not row.declined or row.declined_by in _names(editor.principal))
        return Said(None if row.declined else row.why, declined, chooses, may_decline)

    def made_by(self, asker: Principal) -> list[Exemplar]:
        """Those that the asker made, and may read, with those that they declined."""
        if asker.person_id is None:
            raise NotAllowed("only a person has this, and you ask as none")
        with self._database.read() as connection:
            rows = store.exemplars_of(connection, asker.person_id)
            held = documents.load(connection, [row.document_id for row in rows], asker)
        return [
            Exemplar(held[row.document_id], row.why, row.at, row.declined)
            for row in rows
            if row.document_id in held and _made(held[row.document_id], asker)
        ]

    def choose(
        self, document_id: int, why: str, editor: Editor, standing: Standing = MEMBER
    ) -> None:
        """Make a document an example. Raises NotFound, NotAllowed, InvalidInput, Conflict where one
        who made it declined."""
        told = " ".join(why.split())
        with self._database.write() as connection:
            document = documents.get(connection, document_id, editor.principal)
            _check(connection, document, editor, standing)
            if not told or len(told) > MAX_WHY or not limits.storable(told):
                raise InvalidInput(f"say in one line of at most {MAX_WHY} characters why")
            row = store.exemplar(connection, document_id)
            if row is not None and row.declined:
                raise Conflict("somebody who made it does not want it to be an example")
            store.put_exemplar(connection, document_id, why=told, at=self._now(), declined=False)

    def remove(self, document_id: int, editor: Editor, standing: Standing = MEMBER) -> None:
        """Let it be an example no more; that somebody declined stays. Raises NotFound,
        NotAllowed."""
        with self._database.write() as connection:
            document = documents.get(connection, document_id, editor.principal)
            _check(connection, document, editor, standing)
            row = store.exemplar(connection, document_id)
            if row is not None and not row.declined:
                store.remove_exemplar(connection, document_id)

    def decline(self, document_id: int, asker: Principal, declined: bool = True) -> None:
        """Say, as one who made it, that it shall not be an example, or take that back if one said
        it oneself: then it can be chosen again. Raises NotFound, NotAllowed, Conflict where nobody
        chose it."""
        with self._database.write() as connection:
            document = documents.get(connection, document_id, asker)
            if not _made(document, asker):
                raise NotAllowed("only those who made a document decline that it is an example")
            row = store.exemplar(connection, document_id)
            if row is None:
                raise Conflict("it is no example")
            if declined:
                by = row.declined_by if row.declined else f"person:{asker.person_id}"
                # Why it was chosen is nobody's any more.
                store.put_exemplar(
                    connection, document_id, why="", at=row.at, declined=True, declined_by=by
                )
            elif row.declined and row.declined_by not in _names(asker):
                raise NotAllowed("only whoever declined that it is an example takes that back")
            elif row.declined:
                store.remove_exemplar(connection, document_id)


def _made(document: Document, asker: Principal) -> bool:
    theirs = {asker.person_id, *asker.parts} - {None}
    return any(
        one.person_id in theirs and one.role is not Role.ENDORSER for one in document.contributions
    )


def _names(asker: Principal) -> set[str]:
    return {f"person:{key}" for key in _theirs(asker)}


def _may_choose(
    connection: Connection, document: Document, editor: Editor, standing: Standing
) -> bool:
    keeps = {topic_key(topic) for topic in standing.topics}
    return (
        editor.admin
        or document.source_key in standing.sources
        or any(topic_key(tag) in keeps for tag in document.tags)
        or topics.steward_of(connection, document.id) in _theirs(editor.principal)
    )


def _theirs(asker: Principal) -> set[int]:
    return {key for key in (asker.person_id, *asker.parts) if key is not None}


def _check(connection: Connection, document: Document, editor: Editor, standing: Standing) -> None:
    if not _may_choose(connection, document, editor, standing):
        raise NotAllowed(
            "only curators of a document's source or of one of its tags, the steward of its topic "
            "and administrators choose examples"
        )
