"""The use case: somebody says who "Speaker 1" is, in one transcript or wherever a source says it.

Whoever may edit a document may say who speaks in it, however it came: the text stays as it is.
Passages and contributions are changed in the same transaction, and every later import of the
document keeps to what was said. Consent is not touched by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import audit, editing, labels
from knowledge.audit import Action
from knowledge.editing import Editor
from knowledge.errors import InvalidInput, NotAllowed
from knowledge.store import changes, documents, moving, people, profiles
from knowledge.store import speakers as store
from knowledge.store.database import Database
from knowledge.store.speakers import Assignment
from knowledge.transcript import is_generic
from knowledge.types import Document, Kind


@dataclass(frozen=True, slots=True)
class Speaker:
    """A label of a transcript: its part of the words, and who it is if that is known.

    ``generic``: it stands for nobody in particular; ``assigned``: somebody said who it is.
    """

    label: str
    share: float
    generic: bool
    assigned: bool
    person_id: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Speaking:
    """Who speaks in a document, most words first; ``editable``: the asker may say who it is."""

    speakers: tuple[Speaker, ...]
    editable: bool
    version: str


@dataclass(frozen=True, slots=True)
class Who:
    """Whose a label is: somebody's, nobody's, or, with ``undo``, whose the source says."""

    person_id: int | None = None
    undo: bool = False


class Speakers:
    """Who speaks in transcripts. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def show(self, document_id: int, editor: Editor) -> Speaking:
        """Who speaks in a document. Raises NotFound, the same for unknown and forbidden."""
        with self._database.read() as connection:
            return _speaking(connection, document_id, editor)

    def assign(
        self,
        document_id: int,
        label: str,
        who: Who,
        editor: Editor,
        by: str,
        *,
        everywhere: bool = False,
        expected: frozenset[str] | None = None,
    ) -> list[int]:
        """Say who a label is, at once. Returns the documents in which that changed something.

        ``everywhere``: also in the source's other transcripts that the asker may edit. ``expected``
        holds versions, one of which must be the document's; None takes any. Raises NotFound,
        NotAllowed, Stale; InvalidInput when nobody speaks under the label.
        """
        key = labels.key(" ".join(label.split()))
        with self._database.write() as connection:
            document = documents.get(connection, document_id, editor.principal)
            if not editing.may_edit(editor, document):
                raise NotAllowed(
                    "only those who wrote or edited a document, and administrators, may say who "
                    "speaks in it"
                )
            editing.check_version(document, expected)
            given = _assignment(connection, who, editor)
            if key not in _counted(connection, document, editor):
                raise InvalidInput(f"nobody is called {label!r} in this document")
            chosen = [document_id]
            if everywhere:
                chosen = sorted({document_id, *store.with_label(connection, document_id, key)})
            held = documents.load(connection, chosen, editor.principal)
            now = self._now()
            changed = [
                one.id
                for one in held.values()
                if editing.may_edit(editor, one)
                and _assign(connection, one, key, given, editor, by, now)
            ]
            _tell(connection, by, changed, given, now)
            moving.stamp(connection, changed)
            changes.record(connection, sorted(changed))
        return sorted(changed)


def _tell(
    connection: Connection, by: str, changed: list[int], given: Assignment | None, at: datetime
) -> None:
    """Without the label, which is often a name."""
    who = "the source's" if given is None else "nobody's"
    if given is not None and given.person_id is not None:
        who = f"person:{given.person_id}"
    for document_id in sorted(changed):
        subject = f"document:{document_id}"
        audit.record(connection, by, Action.SPEAKER_ASSIGNED, subject, at=at, who=who)


def _assignment(connection: Connection, who: Who, editor: Editor) -> Assignment | None:
    """None: what the source says. Raises NotFound for somebody whom the asker may not see."""
    if who.undo:
        return None
    if who.person_id is None:
        return Assignment(None, "")
    whole = people.whole(connection, who.person_id)
    person = profiles.seen(connection, whole, editor.principal)
    return Assignment(person.id, person.name)


def _assign(
    connection: Connection,
    document: Document,
    label: str,
    given: Assignment | None,
    editor: Editor,
    by: str,
    at: datetime,
) -> bool:
    counted = _counted(connection, document, editor)
    assigned = store.assignments(connection, document.id)
    if label not in counted or assigned.get(label) == given:
        return False
    told = store.told(connection, document.id) or store.current(connection, document.id)
    if given is None:
        store.withdraw(connection, document.id, label)
        del assigned[label]
    else:
        store.assign(connection, document.id, label, given, by, at)
        assigned[label] = given
    store.tell(connection, document.id, told if assigned else None)
    labels.rewrite(connection, document.id, told, assigned, counted)
    return True


def _counted(
    connection: Connection, document: Document, editor: Editor
) -> dict[str, tuple[str, int]]:
    if document.kind is not Kind.TRANSCRIPT:
        return {}
    return labels.words(documents.body(connection, document.id, editor.principal))


def _speaking(connection: Connection, document_id: int, editor: Editor) -> Speaking:
    document = documents.get(connection, document_id, editor.principal)
    counted = _counted(connection, document, editor)
    assigned = store.assignments(connection, document_id)
    persons = {**store.current(connection, document_id).labels}
    names = {made.person_id: made.name for made in document.contributions}
    whole = sum(count for _, count in counted.values()) or 1
    speakers = [
        Speaker(
            label,
            count / whole,
            is_generic(label),
            key in assigned,
            persons.get(key),
            names.get(persons.get(key, 0)),
        )
        for key, (label, count) in counted.items()
    ]
    speakers.sort(key=lambda one: (-one.share, one.label))
    return Speaking(tuple(speakers), editing.may_edit(editor, document), editing.version(document))
