"""The use case: an author asks one colleague to look at a draft before it is published.

A draft is its author's alone (see ``knowledge.drafting``), with this one exception: while a review
that its author asked for waits, the one who was asked reads the draft as it is then. Where it
changes a document, they read that too, when they are asked and while it waits. They say something
of it or decline, and read it no more. Nobody else learns that there is a review.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import limits
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound
from knowledge.hints import About
from knowledge.learning_settings import AskSettings
from knowledge.routing import WEEK
from knowledge.settings import PrivacySettings
from knowledge.store import access, documents, drafts, people, profiles, questions
from knowledge.store import draft_reviews as store
from knowledge.store.database import Database
from knowledge.types import KeptFile, Person, Principal

MAX_COMMENT = 10_000
MAX_WISH = 500
POINTS = (About.TITLE, About.ONE_THING, About.EXAMPLE, About.LIMITS, About.ASK, About.LENGTH)
"""What a reviewer says of a draft beside the comment, each found or not."""


class State(StrEnum):
    """How far a review is."""

    OPEN = "open"
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Review:
    """A review as its author or the one who was asked has it; ``other`` is the other of the two, as
    far as the reader may see them. ``found``: the points that the reviewer ticked; ``changed``: the
    draft was saved again since."""

    id: int
    draft_id: int
    title: str
    state: State
    mine: bool
    other: Person | None
    wish: str
    comment: str
    found: tuple[About, ...]
    asked_at: datetime
    ended_at: datetime | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A draft for the one who was asked: its text as it is now, and its pictures."""

    review: Review
    form: str
    title: str
    body: str
    files: tuple[KeptFile, ...]


class Reviewing:
    """Everything that concerns reviews of drafts. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        ask: AskSettings,
        privacy: PrivacySettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._weekly = ask.weekly
        self._privacy = privacy
        self._now = now

    def ask(self, draft_id: int, colleague: int, wish: str, asker: Principal) -> Review:
        """Ask a colleague to look at a draft.

        Raises NotFound for a draft that is none of the asker's and for whom they may not see,
        InvalidInput for an empty draft or who cannot be asked now, Conflict while one waits.
        """
        theirs, now, told = _records(asker), self._now(), " ".join(wish.split())
        if len(told) > MAX_WISH or not limits.storable(told):
            raise InvalidInput(f"what you want to know has at most {MAX_WISH} characters")
        with self._database.write() as connection:
            row = drafts.get(connection, draft_id, theirs)
            if not row.title.strip() or not row.body.strip():
                raise InvalidInput("write a title and some text first, then ask for a review")
            before = store.asked_for(connection, theirs, draft_id)
            if any(one.state == State.OPEN for one in before):
                raise Conflict("one review at a time: it waits for a colleague already")
            person = profiles.person(connection, people.whole(connection, colleague), asker)
            self._check_free(connection, person, theirs, now)
            if not _reads(connection, row, access.principal_of(connection, person.id)):
                raise InvalidInput("choose somebody who can read the document that it changes")
            values = {
                "draft_id": draft_id,
                "author_id": theirs[0],
                "reviewer_id": person.id,
                "state": State.OPEN.value,
                "wish": told,
                "comment": "",
                "points": [],
                "asked_at": now,
            }
            made = store.add(connection, values)
            return _told(connection, [store.of_author(connection, made, theirs)], asker)[0]

    def _check_free(
        self, connection: Connection, person: Person, theirs: Collection[int], now: datetime
    ) -> None:
        if person.id in theirs:
            raise InvalidInput("a colleague sees what you do not; choose somebody else than you")
        known = questions.availability(connection, [person.id], self._privacy).get(person.id)
        away = known is None or not known.enabled
        paused = known is not None and known.paused_until is not None and known.paused_until > now
        # One's own are counted apart, also those that one withdrew: however often one asks, it
        # depends on no more than whether others filled their week.
        others, own = store.asked_since(connection, person.id, theirs, now - WEEK)
        # Why is theirs: how often others ask them is nobody's business.
        if away or paused or others >= self._weekly or own >= self._weekly:
            raise InvalidInput(f"{person.name} cannot be asked for a review now; ask somebody else")

    def withdraw(self, review_id: int, asker: Principal) -> None:
        """Ask for it no more. Raises NotFound, Conflict for what does not wait."""
        with self._database.write() as connection:
            row = store.of_author(connection, review_id, _records(asker))
            if row.state != State.OPEN:
                raise Conflict(f"that is over: the review is {row.state}")
            store.put(connection, row.id, state=State.WITHDRAWN.value, ended_at=self._now())

    def decline(self, review_id: int, asker: Principal) -> None:
        """Say that one cannot; nobody is told why. Raises NotFound."""
        with self._database.write() as connection:
            row, _ = _asked_of(connection, review_id, asker)
            store.put(connection, row.id, state=State.DECLINED.value, ended_at=self._now())

    def give(
        self, review_id: int, comment: str, found: Collection[About], asker: Principal
    ) -> None:
        """Say what one thinks of the draft; one reads it no more then.

        Raises NotFound, InvalidInput for a comment that is blank or too long.
        """
        text = comment.replace("\r\n", "\n").strip()
        if not text or len(text) > MAX_COMMENT or not limits.storable(text):
            raise InvalidInput(f"a review has 1 to {MAX_COMMENT:,} characters")
        with self._database.write() as connection:
            row, draft = _asked_of(connection, review_id, asker)
            store.put(
                connection,
                row.id,
                state=State.GIVEN.value,
                comment=text,
                points=[one.value for one in POINTS if one in found],
                draft_version=draft.version,
                ended_at=self._now(),
            )

    def waiting(self, asker: Principal) -> list[Review]:
        """Those that wait for the asker, what was asked first comes first."""
        with self._database.read() as connection:
            rows = store.waiting(connection, _records(asker))
            drafted = [(row, store.draft(connection, row.draft_id)) for row in rows]
            read = [row for row, draft in drafted if _reads(connection, draft, asker)]
            return _told(connection, read, asker)

    def asked_for(self, asker: Principal, draft_id: int | None = None) -> list[Review]:
        """Those that the asker asked for, of drafts that are there, the newest first."""
        with self._database.read() as connection:
            rows = store.asked_for(connection, _records(asker), draft_id)
            return _told(connection, rows, asker)

    def show(self, review_id: int, asker: Principal) -> Reviewed:
        """The draft, for the one who was asked and while it waits. Raises NotFound."""
        with self._database.read() as connection:
            row, draft = _asked_of(connection, review_id, asker)
            files = tuple(drafts.files(connection, draft.id))
            (review,) = _told(connection, [row], asker)
        return Reviewed(review, draft.form, draft.title, draft.body, files)

    def content(self, review_id: int, number: int, asker: Principal) -> tuple[KeptFile, bytes]:
        """A picture of that draft. Raises NotFound."""
        with self._database.read() as connection:
            _, draft = _asked_of(connection, review_id, asker)
            return drafts.content(connection, draft.id, number)


def _records(asker: Principal) -> list[int]:
    if asker.person_id is None:
        raise NotAllowed("reviews are a person's, and you ask as none")
    return [asker.person_id, *sorted(asker.parts)]


def _asked_of(
    connection: Connection, review_id: int, asker: Principal
) -> tuple[Row[Any], Row[Any]]:
    """A review that waits for the asker, and its draft. Raises NotFound, also where the draft
    changes a document that they read no more."""
    row = store.of_reviewer(connection, review_id, _records(asker))
    draft = store.draft(connection, row.draft_id)
    if not _reads(connection, draft, asker):
        raise NotFound(store.NONE)
    return row, draft


def _reads(connection: Connection, draft: Row[Any], principal: Principal) -> bool:
    changed = draft.document_id
    return changed is None or bool(documents.visible(connection, [changed], principal))


def _told(connection: Connection, rows: Collection[Row[Any]], asker: Principal) -> list[Review]:
    theirs, found = _records(asker), []
    for row in rows:
        mine = row.author_id in theirs
        other = people.whole(connection, row.reviewer_id if mine else row.author_id)
        draft = store.draft(connection, row.draft_id)
        review = Review(
            row.id,
            row.draft_id,
            draft.title,
            State(row.state),
            mine,
            profiles.maybe(connection, other, asker),
            row.wish,
            row.comment,
            tuple(About(one) for one in row.points),
            row.asked_at,
            row.ended_at,
            row.draft_version is not None and row.draft_version != draft.version,
        )
        found.append(review)
    return found
