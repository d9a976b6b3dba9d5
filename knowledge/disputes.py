"""The use case: what people dispute about themselves reaches somebody who can put it right.

"Not me" and "out of date" are shown to whoever looks after the document and may read it: curators
of its source or of one of its tags, and administrators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import audit
from knowledge.audit import Action
from knowledge.editing import Editor
from knowledge.errors import NotFound
from knowledge.identity import Objection
from knowledge.roles import MEMBER, Standing
from knowledge.store import disputes as store
from knowledge.store import documents, profiles
from knowledge.store.database import Database
from knowledge.store.privacy import topic_key
from knowledge.types import Document, Person


@dataclass(frozen=True, slots=True)
class Dispute:
    """Who disputes what, and since when."""

    person: Person
    document: Document
    verdict: Objection
    at: datetime


class Disputes:
    """All that is disputed. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def page(
        self, editor: Editor, standing: Standing = MEMBER, offset: int = 0, limit: int = 20
    ) -> tuple[list[Dispute], bool]:
        """What is open, the oldest first, and whether more follows; nothing for who looks after
        nothing."""
        with self._database.read() as connection:
            rows = _open(connection, editor, standing, offset, limit + 1)
            held = documents.load(connection, {row.document_id for row in rows}, editor.principal)
            told = []
            for row in rows[:limit]:
                person = profiles.maybe(connection, row.person_id, editor.principal)
                if person is not None and row.document_id in held:
                    told.append(Dispute(person, held[row.document_id], row.verdict, row.at))
        return told, len(rows) > limit

    def settle(
        self, person_id: int, document_id: int, editor: Editor, standing: Standing = MEMBER
    ) -> None:
        """Say that it was dealt with: it is listed no more, unless it is raised again. The document
        speaks for that person as little as before. Raises NotFound for what is not open to them."""
        with self._database.write() as connection:
            open_ones = _open(connection, editor, standing, 0, None)
            if (person_id, document_id) not in {(o.person_id, o.document_id) for o in open_ones}:
                raise NotFound("there is no such dispute")
            now = self._now()
            store.settle(connection, person_id, document_id, editor.name, now)
            subject, whose = f"document:{document_id}", f"person:{person_id}"
            audit.record(
                connection, editor.name, Action.DISPUTE_SETTLED, subject, at=now, who=whose
            )


def _open(
    connection: Connection, editor: Editor, standing: Standing, offset: int, limit: int | None
) -> list[store.Row]:
    keeps = None
    if not editor.admin:
        topics = {topic_key(topic) for topic in standing.topics}
        spelled = frozenset(tag for tag in store.tags(connection) if topic_key(tag) in topics)
        keeps = standing.sources, spelled
    return store.standing(connection, editor.principal, keeps, offset, limit)
