"""The use case: who leaves hands over what they own, all of it at once.

Documents, topics that they look after and sessions to come go to whom they or an administrator
choose; the open questions that they were asked go to whoever else likely knows, as when one hands
them on. Drafts stay theirs. Who receives something is told and may decline it; whoever handed over,
and administrators, undo it within thirty days. The audit knows ids and counts, and nothing of
questions: whom somebody was asked by is nobody else's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from knowledge import audit, care
from knowledge.audit import Action
from knowledge.editing import Editor
from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.escalating import OPEN, go_on
from knowledge.learning_settings import AskSettings
from knowledge.meeting import State
from knowledge.settings import PrivacySettings
from knowledge.store import access, documents, handovers, meetings, people, profiles, questions
from knowledge.store import care as owning
from knowledge.store import topics as topic_store
from knowledge.store.database import Database
from knowledge.store.handovers import Given
from knowledge.types import Person, Principal

UNDONE_WITHIN = timedelta(days=30)
MOST = 300
"""Things of each kind that are handed over at once; the rest after that."""
_TO_COME = (State.PLANNED.value,)
_ASKED = 1000


class Thing(StrEnum):
    """What is handed over."""

    DOCUMENT = "document"
    TOPIC = "topic"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Owned:
    """Something of somebody's. ``title``: None for a topic, which each reader knows by a name of
    their own."""

    kind: Thing
    id: int
    title: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """To whom something of somebody's is to go."""

    kind: Thing
    id: int
    to: int


@dataclass(frozen=True, slots=True)
class Received:
    """Something that somebody got, and from whom, if they may see them."""

    handover_id: int
    sender: Person | None
    thing: Owned


@dataclass(frozen=True, slots=True)
class Done:
    """A hand-over that can still be undone; how many of it were not declined."""

    id: int
    at: datetime
    count: int


class HandOver:
    """What people give to others when they leave. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        ask: AskSettings,
        privacy: PrivacySettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._ask = ask
        self._privacy = privacy
        self._now = now

    def person(self, person_id: int, editor: Editor) -> Person:
        """Whose things they are: of oneself, and for administrators of anybody whom they see.
        Raises NotFound."""
        with self._database.read() as connection:
            return self._person(connection, person_id, editor)

    def owned(self, person_id: int, editor: Editor) -> list[Owned]:
        """What somebody owns and the asker sees. Raises NotFound."""
        with self._database.read() as connection:
            whole = self._person(connection, person_id, editor).id
            return self._owned(connection, whole, editor.principal)

    def done(self, person_id: int, editor: Editor) -> list[Done]:
        """What of somebody's can still be undone, the newest first. Raises NotFound."""
        with self._database.read() as connection:
            whole = self._person(connection, person_id, editor).id
            rows = handovers.of(connection, whole, self._now() - UNDONE_WITHIN)
            counts = [len(handovers.given(connection, row.id)) for row in rows]
        # Of questions that were handed on nothing can be taken back.
        return [Done(row.id, row.at, n) for row, n in zip(rows, counts, strict=True) if n]

    def hand_over(
        self,
        person_id: int,
        wishes: Sequence[Wish],
        editor: Editor,
        *,
        rest: int | None = None,
        with_questions: bool = False,
    ) -> int:
        """Give everything to whom it is to go, or nothing of it; returns its id. ``rest``: to whom
        everything goes that the asker sees and no wish names. Who owns nothing hands on open
        questions alone. Raises NotFound, InvalidInput, which names what cannot go to somebody,
        ``at`` as "document-12"."""
        now = self._now()
        if not wishes and rest is None and not with_questions:
            raise InvalidInput("say of something to whom it goes")
        with self._database.write() as connection:
            whole = self._person(connection, person_id, editor).id
            asker = editor.principal
            theirs = {(one.kind, one.id): one for one in self._owned(connection, whole, asker)}
            wanted = []
            for wish in dict.fromkeys(wishes):
                item = theirs.pop((wish.kind, wish.id), None)
                if item is None:
                    raise InvalidInput("something of it is not theirs any more; look again")
                wanted.append((item, wish.to))
            if rest is not None:
                wanted += [(item, rest) for item in theirs.values()]
            receivers = {to: care.receiver(connection, to, asker) for _, to in wanted}
            if whole in receivers.values():
                raise InvalidInput("choose somebody else")
            given = [self._give(connection, item, receivers[to], asker) for item, to in wanted]
            if not given and not with_questions:
                raise InvalidInput("there is nothing left to hand over")
            made = handovers.add(connection, whole, editor.name, now, given)
            if with_questions:
                self._hand_on(connection, whole, now)
            counts = Counter(f"{one.kind}s" for one in given)
            subject = f"person:{whole}"
            audit.record(
                connection, editor.name, Action.HANDED_OVER, subject, at=now, number=made, **counts
            )
        return made

    def undo(self, handover_id: int, editor: Editor) -> int:
        """Give back what whoever got it still has; returns whose it was. Raises NotFound,
        Conflict after thirty days."""
        now = self._now()
        with self._database.write() as connection:
            row = handovers.get(connection, handover_id)
            try:
                whole = self._person(connection, row.person_id, editor).id
            except NotFound:
                # Nobody learns from the answer which numbers there are.
                raise NotFound(handovers.NONE) from None
            if row.undone_at is not None or now - row.at > UNDONE_WITHIN:
                raise Conflict("it was undone, or is older than thirty days")
            for one in handovers.given(connection, row.id):
                self._give_back(connection, one, whole)
            handovers.undo(connection, row.id, now)
            subject = f"person:{whole}"
            audit.record(
                connection, editor.name, Action.HANDOVER_UNDONE, subject, at=now, number=row.id
            )
        return whole

    def received(self, principal: Principal) -> list[Received]:
        """What somebody got and has said nothing of. Nobody else asks this."""
        if principal.person_id is None:
            return []
        found = []
        with self._database.read() as connection:
            for number, sender, one in handovers.received(connection, principal.person_id):
                item = thing(connection, one.kind, one.item_id, principal)
                if item is not None:
                    whole = people.whole(connection, sender)
                    by = profiles.maybe(connection, whole, principal)
                    found.append(Received(number, by, item))
        return found

    def settle(
        self, handover_id: int, kind: Thing, item_id: int, principal: Principal, *, declined: bool
    ) -> None:
        """Take what one got, or decline it: then it is whose it was. Raises NotFound."""
        now = self._now()
        with self._database.write() as connection:
            person_id = principal.person_id
            waiting = [] if person_id is None else handovers.received(connection, person_id)
            for number, sender, one in waiting:
                if (number, one.kind, one.item_id) == (handover_id, kind.value, item_id):
                    handovers.settle(connection, number, one, now, declined=declined)
                    if declined:
                        self._give_back(connection, one, people.whole(connection, sender))
                    return
            raise NotFound("nothing of that waits for you")

    def _person(self, connection: Connection, person_id: int, editor: Editor) -> Person:
        whole = people.whole(connection, person_id)
        if not (editor.admin or whole == editor.principal.person_id):
            raise NotFound("no such person")
        return profiles.seen(connection, whole, editor.principal)

    def _owned(self, connection: Connection, person_id: int, principal: Principal) -> list[Owned]:
        ids = owning.owned(connection, principal, person_id)
        held = documents.load(connection, ids, principal)
        # Also of who left already: what is theirs is what no one else owns.
        mine = [one for one in held.values() if care.whose(connection, one) == person_id]
        seen = {one.id for one in topic_store.seen(connection, principal)}
        kept = [key for key in handovers.stewarded(connection, person_id) if key in seen]
        now = self._now()
        sessions = handovers.hosted(connection, person_id, _TO_COME, principal, now)
        return [
            *(Owned(Thing.DOCUMENT, one.id, one.title) for one in mine[:MOST]),
            *(Owned(Thing.TOPIC, key, None) for key in kept[:MOST]),
            *(Owned(Thing.SESSION, row.id, row.title) for row in sessions[:MOST]),
        ]

    def _give(self, connection: Connection, item: Owned, to: int, asker: Principal) -> Given:
        before, at = None, f"{item.kind}-{item.id}"
        if item.kind is Thing.DOCUMENT:
            document = documents.get(connection, item.id, asker)
            if not care.reads(connection, to, document):
                raise InvalidInput(f"choose somebody who can read “{document.title}”", at)
            before = document.owner_id
            owning.own(connection, item.id, to)
        elif item.kind is Thing.TOPIC:
            # Who sees nothing of a topic could not look after it.
            receiving = access.principal_of(connection, to)
            if not topic_store.seen(connection, receiving, item.id):
                raise InvalidInput("choose somebody who can read something of the topic", at)
            topic_store.entrust(connection, item.id, to)
        else:
            theirs = access.principal_of(connection, to)
            row = meetings.readable(connection, item.id, asker, [asker.person_id or 0])
            if not access.admits(access.audience_of(connection, row.audience_id), theirs):
                raise InvalidInput(f"choose somebody for whom the session “{row.title}” is", at)
            self._host(connection, item.id, to)
        return Given(item.kind.value, item.id, to, before)

    def _give_back(self, connection: Connection, one: Given, person_id: int) -> None:
        """To whose it was, if whoever got it still has it; a session only while it is to come: who
        held one is who held it."""
        to = people.whole(connection, one.to_id)
        if one.kind == Thing.DOCUMENT:
            held = owning.get(connection, one.item_id).owner_id
            if held is not None and people.whole(connection, held) == to:
                owning.own(connection, one.item_id, one.before_id)
        elif one.kind == Thing.TOPIC:
            if one.item_id in handovers.stewarded(connection, to):
                topic_store.entrust(connection, one.item_id, person_id)
        elif handovers.holds(connection, one.item_id, to, _TO_COME, self._now()):
            self._host(connection, one.item_id, person_id)

    def _host(self, connection: Connection, meeting_id: int, person_id: int) -> None:
        # Whoever holds a session needs no seat in it.
        meetings.leave(connection, meeting_id, people.ids_of(connection, person_id))
        meetings.put(connection, meeting_id, host_id=person_id, changed_at=self._now())

    def _hand_on(self, connection: Connection, person_id: int, now: datetime) -> None:
        theirs = people.ids_of(connection, person_id)
        for row in questions.asked_of(connection, theirs, [OPEN], 0, _ASKED):
            questions.hand_on(connection, row.id, theirs, now)
            go_on(connection, row, self._ask, self._privacy, now, most=1)


def thing(connection: Connection, kind: str, item_id: int, principal: Principal) -> Owned | None:
    """What somebody was given, if they see it today."""
    if kind == Thing.DOCUMENT:
        held = documents.load(connection, [item_id], principal)
        return Owned(Thing.DOCUMENT, item_id, held[item_id].title) if held else None
    if kind == Thing.TOPIC:
        seen = topic_store.seen(connection, principal, item_id)
        return Owned(Thing.TOPIC, item_id, None) if seen else None
    try:
        row = meetings.readable(connection, item_id, principal, [principal.person_id or 0])
    except NotFound:
        return None
    return Owned(Thing.SESSION, item_id, row.title)
