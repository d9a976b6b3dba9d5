"""The use case: every document has somebody who looks after it, and is looked at again in time.

A document is its main author's until they or an administrator pass it on. Its owner may do with it
what its author may; whom it is passed on to reads it already, for passing on opens nothing. Who
does not read it any more owns it no more: it is its main author's again, or nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import audit, currency
from knowledge.audit import Action
from knowledge.currency import Ageing, Currency
from knowledge.editing import Editor
from knowledge.errors import InvalidInput, NotAllowed
from knowledge.review_months import MOST
from knowledge.roles import MEMBER, Standing
from knowledge.store import access, documents, people, profiles, successors
from knowledge.store import care as store
from knowledge.store.database import Database
from knowledge.store.erasing import is_former
from knowledge.types import OPERATOR, Document, Person, Principal, main_maker

SOON = timedelta(days=14)
"""How long before its date a review is listed."""
LISTED = 200
_FARTHEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Cared:
    """Who looks after a document and until when it is looked at again, for one of its readers.
    ``owner``: None for nobody, or somebody whom the asker may not see; ``passed_on``: not its main
    author by default; ``yours``: it is the asker's."""

    owner: Person | None
    passed_on: bool
    yours: bool
    may_pass: bool
    may_review: bool
    review_at: datetime | None
    every_months: int | None
    due: bool


@dataclass(frozen=True, slots=True)
class Review:
    """A document that is to be looked at again."""

    document: Document
    currency: Currency


def owner_of(connection: Connection, document: Document) -> int | None:
    """Whose a document is now: nobody's, where all were erased, left or do not read it."""
    return owners(connection, [document]).get(document.id)


def whose(connection: Connection, document: Document) -> int | None:
    """The same, also where they left, and with them what tells what its main author reads."""
    owner, maker = (
        None if key is None else people.whole(connection, key)
        for key in (document.owner_id, main_maker(document))
    )
    return owner if owner is not None and reads(connection, owner, document) else maker


def owners(connection: Connection, held: Collection[Document]) -> dict[int, int]:
    """By document: whose it is. What is nobody's is absent."""
    said = {one.id: (one.owner_id, main_maker(one)) for one in held}
    told = {person for pair in said.values() for person in pair if person is not None}
    wholes = people.wholes(connection, told)
    there = store.there(connection, {wholes.get(person, person) for person in told})
    # Each person and each audience is asked once, of however many documents.
    askers = {
        key: access.principal_of(connection, key) for key in there if not is_former(connection, key)
    }
    audiences = {
        key: access.audience_of(connection, key) for key in {one.audience_id for one in held}
    }
    found: dict[int, int] = {}
    for one in held:
        for person in said[one.id]:
            whole = None if person is None else wholes.get(person, person)
            if whole in askers and access.admits(audiences[one.audience_id], askers[whole]):
                found[one.id] = whole
                break
    return found


def due_by_owner(connection: Connection, ageing: Ageing, now: datetime) -> dict[int, int]:
    """By document whose review is due: whose it is. What is nobody's is absent."""
    ids = store.to_review(connection, OPERATOR, now, ageing.months)
    held = documents.load(connection, ids, OPERATOR)
    said = currency.load(connection, held, OPERATOR, ageing, now)
    return owners(connection, [one for key, one in held.items() if said[key].due])


def still_here(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of people who have not left."""
    return store.there(connection, ids)


class Care:
    """Who looks after what, and when. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        ageing: Ageing,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._ageing = ageing
        self._now = now

    def show(self, document_id: int, editor: Editor, standing: Standing = MEMBER) -> Cared:
        """What a reader is told. Raises NotFound, the same for unknown and forbidden."""
        with self._database.read() as connection:
            document = documents.get(connection, document_id, editor.principal)
            owner = owner_of(connection, document)
            yours = owner is not None and owner == editor.principal.person_id
            held = {document_id: document}
            asker, now = editor.principal, self._now()
            told = currency.load(connection, held, asker, self._ageing, now)[document_id]
            return Cared(
                profiles.maybe(connection, owner, asker),
                _passed_on(connection, document, owner),
                yours,
                yours or editor.admin,
                currency.looks_after(connection, editor, standing, document),
                told.review_at,
                store.get(connection, document_id).every_months,
                told.due,
            )

    def pass_on(self, document_id: int, person_id: int | None, editor: Editor) -> None:
        """Give a document to somebody who reads it; None: back to its main author. Raises
        NotFound, NotAllowed, InvalidInput."""
        with self._database.write() as connection:
            document = documents.get(connection, document_id, editor.principal)
            owner = owner_of(connection, document)
            if not (editor.admin or (owner is not None and owner == editor.principal.person_id)):
                raise NotAllowed("only its owner and administrators pass a document on")
            to = None
            if person_id is not None:
                to = receiver(connection, person_id, editor.principal)
                if not reads(connection, to, document):
                    raise InvalidInput("choose somebody who can read this document")
            store.own(connection, document_id, to)
            subject, said = f"document:{document_id}", "" if to is None else f"person:{to}"
            audit.record(
                connection, editor.name, Action.OWNER_CHANGED, subject, at=self._now(), owner=said
            )

    def review(
        self,
        document_id: int,
        at: datetime | None,
        every_months: int | None,
        editor: Editor,
        standing: Standing = MEMBER,
    ) -> None:
        """Say until when a document is to be looked at again, once or every so many months from
        then on; without a date, so many months from now; without either, as is usual for its kind.
        Raises NotFound, NotAllowed, InvalidInput."""
        now = self._now()
        if every_months is not None and not 1 <= every_months <= MOST:
            raise InvalidInput(f"let it be looked at every 1 to {MOST} months")
        if at is not None and not now < at <= now + _FARTHEST:
            raise InvalidInput("choose a day that is still to come, within ten years")
        if at is None and every_months is not None:
            at = currency.later(now, every_months)
        with self._database.write() as connection:
            document = documents.get(connection, document_id, editor.principal)
            if not currency.looks_after(connection, editor, standing, document):
                raise NotAllowed("only those who look after a document say when it is reviewed")
            store.review(connection, document_id, at, every_months)

    def reviews(self, principal: Principal) -> list[Review]:
        """What is somebody's own and to be looked at soon, the longest due first."""
        person_id = principal.person_id
        if person_id is None:
            return []
        return self._reviews(principal, self._now() + SOON, person_id)

    def overdue(self, principal: Principal) -> list[Review]:
        """What the asker may read, should have been looked at and has nobody to do so."""
        return self._reviews(principal, self._now(), None)

    def _reviews(
        self, principal: Principal, until: datetime, person_id: int | None
    ) -> list[Review]:
        with self._database.read() as connection:
            months = self._ageing.months
            ids = store.to_review(connection, principal, until, months, person_id)
            # What the asker finds something newer of is looked at there.
            gone = successors.readable(connection, ids, principal)
            held = documents.load(connection, [key for key in ids if key not in gone], principal)
            owned = owners(connection, held.values())
            held = {key: one for key, one in held.items() if owned.get(key) == person_id}
            said = currency.load(connection, held, principal, self._ageing, self._now())
        due = [
            (at, Review(held[key], one))
            for key, one in said.items()
            if (at := one.review_at) is not None and at <= until
        ]
        due.sort(key=lambda one: (one[0], one[1].document.id))
        return [review for _, review in due[:LISTED]]


def receiver(connection: Connection, person_id: int, principal: Principal) -> int:
    """Somebody whom the asker may see and who has not left. Raises NotFound, InvalidInput."""
    whole = people.whole(connection, person_id)
    to = profiles.seen(connection, whole, principal).id
    if not store.there(connection, {to}):
        raise InvalidInput("choose somebody who is still here")
    return to


def reads(connection: Connection, person_id: int, document: Document) -> bool:
    """Whether somebody reads a document."""
    principal = access.principal_of(connection, person_id)
    return access.admits(access.audience_of(connection, document.audience_id), principal)


def _passed_on(connection: Connection, document: Document, owner: int | None) -> bool:
    decided = document.owner_id
    return decided is not None and owner == people.whole(connection, decided)
