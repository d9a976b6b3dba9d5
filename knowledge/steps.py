"""The use case: those who look after a document say what to read before it, and what after.

Whoever reads it is told of those that they may read, in both directions: "read first" of one
document is "go on with" of the other. What somebody may not read stays as it is when they change
the rest, and is told to nobody by the way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from knowledge import pointing
from knowledge.currency import may_judge
from knowledge.editing import Editor
from knowledge.errors import InvalidInput, NotAllowed
from knowledge.roles import MEMBER, Standing
from knowledge.store import documents
from knowledge.store import steps as store
from knowledge.store.database import Database
from knowledge.types import Document, Principal

MOST = 10


class Way(StrEnum):
    """On which side of a document another one stands."""

    BEFORE = "before"
    AFTER = "after"


OTHER = {Way.BEFORE: Way.AFTER, Way.AFTER: Way.BEFORE}


@dataclass(frozen=True, slots=True)
class Steps:
    """What to read before a document and what to go on with, each only what its reader may read.
    ``said`` are those that were said of this document itself; ``may_change``: they look after
    it."""

    before: tuple[Document, ...]
    after: tuple[Document, ...]
    said: dict[Way, tuple[int, ...]]
    may_change: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody types to say which documents stand before one, and which after."""

    before: tuple[str, ...]
    after: tuple[str, ...]


class Paths:
    """What leads from one document to others. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, document_id: int, editor: Editor, standing: Standing = MEMBER) -> Steps:
        """What a reader is told. Raises NotFound, the same for unknown and forbidden."""
        with self._database.read() as connection:
            document = documents.get(connection, document_id, editor.principal)
            return _told(connection, document, editor, standing)

    def typed(self, steps: Steps, principal: Principal) -> Typed:
        """What somebody would type who said what was said of a document itself."""
        seen = {one.id: one for one in (*steps.before, *steps.after)}
        with self._database.read() as connection:
            before, after = (
                pointing.names_of(
                    # What stands on both sides is shown on neither.
                    connection,
                    [seen[key] for key in steps.said[way] if key in seen],
                    principal,
                )
                for way in Way
            )
        return Typed(tuple(before), tuple(after))

    def meant(self, typed: Typed, principal: Principal) -> tuple[list[int], list[int]]:
        """The ids of both sides. Raises InvalidInput, ``at`` as "before-0", for what does not mean
        one document that the asker may read."""
        before, after = (
            [
                pointing.meant(self._database, one, principal, f"{way}-{place}")
                for place, one in enumerate(side)
            ]
            for way, side in ((Way.BEFORE, typed.before), (Way.AFTER, typed.after))
        )
        return before, after

    def put(
        self,
        document_id: int,
        before: Sequence[int],
        after: Sequence[int],
        editor: Editor,
        standing: Standing = MEMBER,
    ) -> Steps:
        """Say what stands before and after a document, in this order; what the editor may not read
        of it stays behind that.

        Raises NotFound, NotAllowed for who does not look after it, InvalidInput for what they
        cannot read, the document itself, one on both sides, or too many.
        """
        wanted = {Way.BEFORE: tuple(dict.fromkeys(before)), Way.AFTER: tuple(dict.fromkeys(after))}
        asker = editor.principal
        with self._database.write() as connection:
            document = documents.get(connection, document_id, asker)
            if not may_judge(editor, standing, document):
                raise NotAllowed(
                    "only those who wrote or edited a document, curators of its source or of one "
                    "of its tags, and administrators say what to read before and after it"
                )
            _check(connection, document_id, wanted, asker)
            held = store.of(connection, document_id)
            seen = documents.visible(connection, [key for _, key in held], asker)
            for way, chosen in wanted.items():
                unseen = [key for side, key in held if side == way and key not in seen]
                store.put(connection, document_id, way, [*chosen, *unseen])
            return _told(connection, document, editor, standing)


def _check(
    connection: Connection, document_id: int, wanted: dict[Way, tuple[int, ...]], asker: Principal
) -> None:
    for chosen in wanted.values():
        if len(chosen) > MOST:
            raise InvalidInput(f"{MOST} documents on a side are enough; which help most?")
    named = {key for chosen in wanted.values() for key in chosen}
    if document_id in named:
        raise InvalidInput("a document stands neither before nor after itself")
    if set(wanted[Way.BEFORE]) & set(wanted[Way.AFTER]):
        raise InvalidInput("a document stands before or after this one, not both")
    if named - documents.visible(connection, sorted(named), asker):
        raise InvalidInput("name only documents that you may read")


def _told(connection: Connection, document: Document, editor: Editor, standing: Standing) -> Steps:
    asker = editor.principal
    said = store.of(connection, document.id)
    back = [(OTHER[Way(way)], key) for way, key in store.leading_to(connection, document.id)]
    own: dict[Way, list[int]] = {way: [key for side, key in said if side == way] for way in Way}
    every: dict[Way, list[int]] = {
        way: list(dict.fromkeys([*own[way], *(key for side, key in back if side is way)]))
        for way in Way
    }
    wanted = {key for keys in every.values() for key in keys}
    held = documents.load(connection, sorted(wanted), asker)

    def seen(keys: Collection[int]) -> tuple[Document, ...]:
        return tuple(held[key] for key in keys if key in held)

    # What was said here holds, where the other one says the opposite.
    after = [key for key in every[Way.AFTER] if key not in own[Way.BEFORE]]
    before = [key for key in every[Way.BEFORE] if key not in own[Way.AFTER]]
    return Steps(
        seen(before),
        seen(after),
        {way: tuple(key for key in own[way] if key in held) for way in Way},
        may_judge(editor, standing, document),
    )
