"""The use case: a colleague asks, a few who likely know are asked, and an answer becomes knowledge.

Who reads a question and what they are told of it stands in ``knowledge.asking``, whom it goes to in
``knowledge.routing`` and ``knowledge.escalating``. What comes of it is a document like others.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from knowledge import asking, drafts, limits, requests, template
from knowledge.asking import Asking, Box, Question, State
from knowledge.capture import Capture
from knowledge.drafts import Draft
from knowledge.editing import SOURCE
from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.escalating import OPEN, catch_up, go_on, possible, wholes
from knowledge.learning_settings import AskSettings
from knowledge.requests import RequestKey
from knowledge.routing import Candidate, route
from knowledge.settings import PrivacySettings
from knowledge.store import people
from knowledge.store import questions as store
from knowledge.store.database import Database
from knowledge.types import EVERYONE, Audience, Contribution, Kind, Principal, Role, SourceDocument

MAX_OPEN = 20
MAX_ANSWER = 50_000
MAX_CANDIDATES = 50


class Questions:
    """Everything that people ask each other. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        capture: Capture,
        settings: AskSettings,
        privacy: PrivacySettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._capture = capture
        self._settings = settings
        self._privacy = privacy
        self._now = now

    def count(self, candidates: Sequence[Candidate], asker: Principal) -> int:
        """How many colleagues a question would go to at once, whatever else they were asked."""
        given = Audience.of(EVERYONE), asking.records(asker), self._privacy, self._now()
        with self._database.read() as connection:
            free = possible(connection, candidates, *given)
        return len(route(free, {}, self._settings.weekly))

    def same(self, title: str, asker: Principal) -> int | None:
        """The asker's open question with the same words, if there is one."""
        with self._database.read() as connection:
            key = store.title_key(title)
            return store.same(connection, asking.records(asker), key, OPEN) if key else None

    def create(
        self,
        given: Asking,
        asker: Principal,
        candidates: Sequence[Candidate],
        key: RequestKey | None = None,
        before: int | None = None,
    ) -> int:
        """Ask, and let it go to a few of the ``candidates``; a repeated request asks nothing anew
        and gives the id of before. ``before``: the thread that everybody reads and that means the
        same, if there is one, which is counted and shown to nobody.

        Raises InvalidInput for what is missing, too long or too many, and where nobody can be
        asked; NotFound for a colleague whom the asker may not see; Conflict for what they ask
        already.
        """
        theirs, now = asking.records(asker), self._now()
        given = replace(given, title=" ".join(given.title.split()), body=given.body.strip())
        asking.check(given, asker)
        with self._database.write() as connection:
            made = requests.made_before(connection, key, now)
            if made is not None:
                return int(made)
            title_key = store.title_key(given.title)
            if store.same(connection, theirs, title_key, OPEN) is not None:
                raise Conflict("you ask this already; withdraw that question first")
            if store.count(connection, theirs, OPEN) >= MAX_OPEN:
                raise InvalidInput(f"{MAX_OPEN} questions of yours are open; withdraw some first")
            told = [*asking.named(connection, given.to, asker), *candidates]
            known = wholes(connection, told, theirs)
            # Whether a colleague who is meant can be asked is theirs to tell.
            asks = given.to is not None or possible(
                connection, known, given.audience, theirs, self._privacy, now
            )
            if not asks:
                raise InvalidInput(
                    "nobody who can be asked is known to know this; say it in other words, or "
                    "name a colleague"
                )
            values = {
                "person_id": theirs[0],
                "anonymous": given.anonymous,
                "title": given.title,
                "title_key": title_key,
                "body": given.body,
                "query": " ".join(given.query.split()),
                "audience": [list(clause) for clause in given.audience.clauses],
                "state": OPEN,
                "created_at": now,
                "asked_before": before,
            }
            question_id = store.add(connection, values, known[:MAX_CANDIDATES])
            go_on(
                connection, store.get(connection, question_id), self._settings, self._privacy, now
            )
            requests.remember(connection, key, str(question_id), now)
        return question_id

    def listed(
        self, asker: Principal, box: Box, offset: int = 0, limit: int = 20
    ) -> tuple[list[Question], bool]:
        """The asker's questions of a box, the newest first, without their answers' texts; and
        whether more follow."""
        theirs = asking.records(asker)
        self._go_on()
        with self._database.read() as connection:
            if box is Box.ASKED:
                rows = store.asked_by(connection, theirs, offset, limit + 1)
            elif box is Box.TO_ANSWER:
                rows = store.asked_of(connection, theirs, [OPEN], offset, limit + 1)
            else:
                done = State.ANSWERED.value
                rows = store.answered_by(connection, theirs, done, offset, limit + 1)
            found = asking.told(connection, rows[:limit], asker, texts=False)
        return found, len(rows) > limit

    def count_waiting(self, asker: Principal) -> int:
        """How many questions wait for the asker's answer; nobody else asks this."""
        if asker.person_id is None:
            return 0
        with self._database.read() as connection:
            return store.count_waiting(connection, asking.records(asker), OPEN)

    def show(self, question_id: int, asker: Principal) -> Question:
        """A question. Raises NotFound, also for whoever neither asks nor was asked."""
        self._go_on()
        with self._database.read() as connection:
            row = asking.readable(connection, question_id, asker)
            return asking.told(connection, [row], asker)[0]

    def answer(self, question_id: int, body: str, asker: Principal) -> None:
        """Answer what one was asked; a second answer takes the place of the first.

        Raises NotFound, Conflict for whoever asks and when it is not open any more, InvalidInput.
        """
        told = body.strip()
        if not told or len(told) > MAX_ANSWER or not limits.storable(told):
            raise InvalidInput(f"an answer has 1 to {MAX_ANSWER:,} characters")
        with self._database.write() as connection:
            row = asking.of_others(connection, question_id, asker)
            store.put_answer(connection, row.id, asking.records(asker), told, self._now())

    def hand_on(self, question_id: int, asker: Principal, to: int | None = None) -> None:
        """Let somebody else be asked: ``to``, or whoever likely knows. It is then the asker's no
        more. Whether ``to`` is asked is not told: they may be away, or ask it themselves.

        Raises NotFound, Conflict for whoever asks and when it is not open any more.
        """
        now = self._now()
        with self._database.write() as connection:
            row = asking.of_others(connection, question_id, asker)
            for one in asking.named(connection, to, asker):
                store.name_candidate(connection, row.id, one.person_id)
            store.hand_on(connection, row.id, asking.records(asker), now)
            go_on(connection, row, self._settings, self._privacy, now, most=1)

    def withdraw(self, question_id: int, asker: Principal) -> None:
        """Ask it no more: nobody else sees it from now on. Raises NotFound, Conflict for what
        is answered or not theirs."""
        with self._database.write() as connection:
            row = asking.own(connection, question_id, asker)
            if row.state == State.ANSWERED:
                raise Conflict("it is answered, and what came of it is a document")
            store.put(connection, row.id, state=State.WITHDRAWN.value, due_at=None)

    def accept(
        self,
        question_id: int,
        answer_id: int,
        asker: Principal,
        read_at: datetime | None = None,
    ) -> int:
        """Take an answer: question and answer become a thread, by whoever answered, which the next
        search finds. Returns the document's id, also when it was accepted before. ``read_at`` is
        the time of the answer that was read; None takes any.

        Raises NotFound, Conflict for whoever does not ask, when another answer was accepted, the
        question withdrawn, or the answer changed.
        """
        with self._database.read() as connection:
            row = asking.own(connection, question_id, asker)
            chosen = asking.answer(connection, row.id, answer_id)
            if read_at not in (None, chosen.at):
                raise Conflict("the answer changed since you read it; read it again")
            if row.state == State.ANSWERED and chosen.accepted and row.document_id is not None:
                return int(row.document_id)
            asking.check_open(row)
            makers = _makers(connection, chosen)
        now = self._now()

        def first(connection: Connection) -> None:
            asking.check_open(asking.own(connection, question_id, asker))
            if asking.answer(connection, row.id, answer_id).body != chosen.body:
                raise Conflict("the answer changed since you read it; read it again")

        def last(connection: Connection, document_id: int | None) -> None:
            store.accept(connection, answer_id)
            done = State.ANSWERED.value
            store.put(connection, row.id, state=done, document_id=document_id, due_at=None)

        outcome = self._capture.save(
            _thread(row, chosen, now),
            makers=makers,
            first=first,
            beside=lambda connection, _, made: last(connection, made.document_id),
        )
        assert outcome.document_id is not None
        return outcome.document_id

    def note(self, question_id: int, asker: Principal) -> Draft:
        """What one answered, as a note that one could write. Raises NotFound."""
        told = self.show(question_id, asker)
        own = next((one for one in told.answers if one.mine), None)
        if own is None:
            raise NotFound("there is no answer of yours")
        body = f"## {template.PARTS['thing']}\n\n{own.body}\n"
        return drafts.draft(
            title=told.title, body=body, kind=Kind.NOTE, audience=told.audience.clauses
        )

    def _go_on(self) -> None:
        catch_up(self._database, self._settings, self._privacy, self._now())


def _makers(connection: Connection, answer: Row[Any]) -> tuple[Contribution, ...]:
    """Whoever answered. Who asks is no expert for it, as in threads that come by import, so that
    no document says who it was."""
    if answer.person_id is None:
        return ()
    found = people.get(connection, people.whole(connection, answer.person_id))
    return (Contribution(found.id, found.name, Role.ANSWERER, at=answer.at),)


def _thread(row: Row[Any], answer: Row[Any], now: datetime) -> SourceDocument:
    asked = f"{row.body}\n\n## Answer\n\n" if row.body else ""
    return SourceDocument(
        source=SOURCE,
        external_id=uuid.uuid4().hex,
        title=row.title,
        body=f"{asked}{answer.body}\n",
        kind=Kind.THREAD,
        audience=Audience.of(*row.audience),
        created_at=now,
        updated_at=now,
    )
