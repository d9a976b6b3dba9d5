"""The use case: whether a document still holds, as readers and those who look after it say.

Whoever reads a document may doubt it. Its owner, authors and editors, curators of its source or of
one of its tags, the steward of its topic, and administrators, all only if they read it, say that it
is verified, or out of date. Either is said of a text: when that changes, nothing is said any more.
A document whose review is due may be out of date until somebody verifies it.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from knowledge import limits
from knowledge.editing import Editor, may_edit
from knowledge.errors import InvalidInput, NotAllowed
from knowledge.review_months import by_kind
from knowledge.roles import MEMBER, Standing
from knowledge.settings import SearchSettings
from knowledge.store import access, care, documents, people, profiles
from knowledge.store import currency as store
from knowledge.store import topics as topic_store
from knowledge.store.currency import Said
from knowledge.store.database import Database
from knowledge.store.privacy import topic_key
from knowledge.types import Document, Kind, Principal

MAX_REASON = 500


class Verdict(StrEnum):
    """What those who look after a document say of it."""

    VERIFIED = "verified"
    OUTDATED = "outdated"


class State(StrEnum):
    """What a reader is told."""

    VERIFIED = "verified"
    OUTDATED = "outdated"
    MAYBE = "may_be_outdated"
    UNSAID = "unverified"


@dataclass(frozen=True, slots=True)
class Currency:
    """Whether a document holds. ``at`` and ``by`` are of the last verdict on this text, ``by`` None
    for somebody whom the asker may not see; ``old``: nobody changed or verified it for long;
    ``review_at``: until when it is to be looked at again, and ``due``: that is past."""

    state: State
    at: datetime | None = None
    by_id: int | None = None
    by: str | None = None
    doubts: int = 0
    old: bool = False
    review_at: datetime | None = None
    due: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A document's currency, for one of its readers. ``yours``: they doubt it; ``may_judge``: they
    may say more, and are told the ``reasons`` of those who doubt it."""

    currency: Currency
    yours: bool
    may_judge: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ageing:
    """When a text is no longer taken on trust. ``old_days``: nobody changed or verified it for so
    long; 0 for never. ``months``: by kind, after how many a text is looked at again for which
    nobody decided it; what has none is not."""

    old_days: int
    months: Mapping[Kind, int] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: SearchSettings) -> Ageing:
        """As an installation says it."""
        return cls(settings.old_days, by_kind(settings.review_months))


def later(at: datetime, months: int) -> datetime:
    """The same day so many months after; the month's last where it has no such day."""
    years, month = divmod(at.month - 1 + months, 12)
    year = at.year + years
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day)


def may_judge(editor: Editor, standing: Standing, document: Document) -> bool:
    """Whether somebody looks after a document that they may read."""
    topics = {topic_key(topic) for topic in standing.topics}
    return (
        may_edit(editor, document)
        or document.source_key in standing.sources
        or any(topic_key(tag) in topics for tag in document.tags)
    )


def looks_after(
    connection: Connection, editor: Editor, standing: Standing, document: Document
) -> bool:
    """The same, also for the steward of its topic."""
    if may_judge(editor, standing, document):
        return True
    steward = topic_store.steward_of(connection, document.id)
    return steward is not None and steward == editor.principal.person_id


def load(
    connection: Connection,
    held: Mapping[int, Document],
    principal: Principal,
    ageing: Ageing,
    now: datetime,
) -> dict[int, Currency]:
    """The currency of documents that the asker may read."""
    said = store.said(connection, held)
    names = _names(connection, {one.person_id for one in said.values()} - {None}, principal)
    return {
        key: _currency(held[key], one, names.get(one.person_id), ageing, now)
        for key, one in said.items()
    }


def _renew(connection: Connection, document_id: int, now: datetime) -> None:
    """What holds is looked at again after its months; what has none, not any more."""
    held = care.get(connection, document_id)
    if held.review_at is not None:
        again = later(now, held.every_months) if held.every_months else None
        care.review(connection, document_id, again, held.every_months)


def _names(
    connection: Connection, ids: Collection[int | None], principal: Principal
) -> dict[int | None, tuple[int, str]]:
    """Those whom the asker sees, who may be somebody else by now."""
    wholes = {key: store.judge(connection, key) for key in ids}
    known = people.load(connection, {key for key in wholes.values() if key is not None})
    found: dict[int | None, tuple[int, str]] = {}
    for key, whole in wholes.items():
        person = known.get(whole or 0)
        if person is not None and not (person.listed and access.sees_directory(principal)):
            person = profiles.maybe(connection, whole, principal)
        if person is not None:
            found[key] = person.id, person.name
    return found


def _currency(
    document: Document, said: Said, by: tuple[int, str] | None, ageing: Ageing, now: datetime
) -> Currency:
    times = [at for at in (document.updated_at or document.created_at, said.at) if at]
    old_days, months = ageing.old_days, ageing.months.get(document.kind)
    old = bool(old_days and times and max(times) < now - timedelta(days=old_days))
    review_at = said.review_at
    if review_at is None and months and times:
        review_at = later(max(times), months)
    due = review_at is not None and review_at <= now
    if said.state == Verdict.OUTDATED:
        state = State.OUTDATED
    elif said.doubts or old or due:
        state = State.MAYBE
    else:
        state = State.UNSAID if said.state is None else State.VERIFIED
    by_id, name = by or (None, None)
    return Currency(state, said.at, by_id, name, said.doubts, old, review_at, due)


class Keeping:
    """Everything that is said of whether documents hold. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        ageing: Ageing,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._ageing = ageing
        self._now = now

    def show(self, document_id: int, editor: Editor, standing: Standing = MEMBER) -> Judged:
        """What a reader is told. Raises NotFound, the same for unknown and forbidden."""
        with self._database.read() as connection:
            document = documents.get(connection, document_id, editor.principal)
            held = {document_id: document}
            now = self._now()
            told = load(connection, held, editor.principal, self._ageing, now)[document_id]
            judges = looks_after(connection, editor, standing, document)
            yours = store.doubted_by(connection, document_id, editor.principal.person_id)
            why = store.reasons(connection, document_id, told.at) if judges else []
        return Judged(told, yours, judges, tuple(why))

    def judge(
        self,
        document_id: int,
        verdict: Verdict | None,
        editor: Editor,
        standing: Standing = MEMBER,
        revision: int | None = None,
    ) -> None:
        """Say that a document holds, or does not; None: take back what was said. ``revision`` is
        the one that was read; None takes any. Raises NotFound, NotAllowed, InvalidInput."""
        with self._database.write() as connection:
            document = documents.get(connection, document_id, editor.principal)
            if not looks_after(connection, editor, standing, document):
                raise NotAllowed(
                    "only its owner, those who wrote or edited a document, curators of its source "
                    "or of one of its tags, its topic's steward and administrators say whether it "
                    "holds; say that you doubt it"
                )
            _check_revision(document, revision)
            person, now = editor.principal.person_id, self._now()
            store.put(connection, document_id, document.revision, verdict, person, now)
            if verdict is Verdict.VERIFIED:
                _renew(connection, document_id, now)

    def doubt(
        self, document_id: int, principal: Principal, reason: str, revision: int | None = None
    ) -> None:
        """Say that a document may be out of date; twice is once, with the latest reason. Raises
        NotFound, InvalidInput."""
        told = " ".join(reason.split())
        if len(told) > MAX_REASON or not limits.storable(told):
            raise InvalidInput(f"the reason is longer than {MAX_REASON} characters; shorten it")
        self._doubt(document_id, principal, told, revision)

    def trust(self, document_id: int, principal: Principal) -> None:
        """Take back one's doubt, if there is one. Raises NotFound."""
        self._doubt(document_id, principal, None, None)

    def _doubt(
        self, document_id: int, principal: Principal, reason: str | None, revision: int | None
    ) -> None:
        person_id = principal.person_id
        assert person_id is not None
        with self._database.write() as connection:
            document = documents.get(connection, document_id, principal)
            _check_revision(document, revision)
            now = self._now()
            store.doubt(connection, document_id, document.revision, person_id, reason, now)


def _check_revision(document: Document, revision: int | None) -> None:
    if revision is not None and revision != document.revision:
        raise InvalidInput("the text changed since you read it; read it again and say it of that")
