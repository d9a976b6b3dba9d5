"""The use case: what people decide about themselves, and what they see of it.

Everything holds at the next request, in the ranking too, and looks as if what was withdrawn were
not there. What an organisation decides for those who said nothing is in the settings: no row is
rewritten by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import limits
from knowledge.errors import InvalidInput, NotFound
from knowledge.identity import Objection
from knowledge.limits import MAX_SHORT
from knowledge.settings import PrivacySettings
from knowledge.store import appearances, documents, merges, people
from knowledge.store import privacy as store
from knowledge.store.database import Database
from knowledge.types import Document, Person, Principal, Role

MOST_TOPICS = 500
_LONGEST_PAUSE = timedelta(days=3660)
KEEP = object()
"""Instead of None, which takes a decision back."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What somebody decided. A consent is None where nobody said anything: then the settings hold.
    ``by_directory`` names those that the directory said for them."""

    person: Person
    consents: dict[str, bool | None]
    by_directory: frozenset[str]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnEvidence:
    """A document that names somebody, as they see it. ``counts``: it may speak for them;
    ``topics``: those of its tags that they hide."""

    document: Document
    roles: tuple[Role, ...]
    counts: bool
    topics: tuple[str, ...]
    verdict: Objection | None


class Privacy:
    """What each person does about themselves; ``person_id`` is always whoever asks. Safe to share
    between threads."""

    def __init__(
        self,
        database: Database,
        settings: PrivacySettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        self._database = database
        self._now = now

    def decisions(self, person_id: int) -> Decisions:
        """What holds now. Raises NotFound."""
        with self._database.read() as connection:
            return self._decisions(connection, person_id)

    def _decisions(self, connection: Connection, person_id: int) -> Decisions:
        person = people.get(connection, person_id)
        said = store.said(connection, person_id)
        return Decisions(
            person,
            {name: told if by else None for name, (told, by) in said.items()},
            frozenset(name for name, (_, by) in said.items() if by == people.DIRECTORY),
            tuple(store.topics(connection, person_id)),
        )

    def decide(
        self,
        person_id: int,
        *,
        consents: dict[str, bool | None] | None = None,
        paused_until: datetime | object | None = KEEP,
        topics: Iterable[str] | None = None,
    ) -> Decisions:
        """Change what is given; a consent of None takes back what was said. ``topics`` are all
        that are hidden from now on. Raises InvalidInput, NotFound."""
        now = self._now()
        with self._database.write() as connection:
            people.get(connection, person_id)
            for name, told in (consents or {}).items():
                store.say(connection, person_id, name, told)
                merges.settle_consent(connection, person_id, [name, f"{name}_by"])
            if paused_until is not KEEP:
                assert paused_until is None or isinstance(paused_until, datetime)
                if paused_until is not None and paused_until > now + _LONGEST_PAUSE:
                    raise InvalidInput("a pause ends within ten years")
                store.pause(connection, person_id, paused_until)
            if topics is not None:
                _put_topics(connection, person_id, topics, now)
            return self._decisions(connection, person_id)

    def hide_topic(self, person_id: int, topic: str) -> None:
        """Let what is tagged so speak for them no more; twice is no error. Raises InvalidInput."""
        with self._database.write() as connection:
            held = store.topics(connection, person_id)
            _put_topics(connection, person_id, [*held, topic], self._now())

    def show_topic(self, person_id: int, topic: str) -> None:
        """Let it speak for them again; of what was not hidden, nothing changes."""
        key = store.topic_key(topic)
        with self._database.write() as connection:
            held = store.topics(connection, person_id)
            rest = [one for one in held if store.topic_key(one) != key]
            store.put_topics(connection, person_id, rest, self._now())

    def object_to(self, principal: Principal, document_id: int, verdict: Objection) -> None:
        """Let a document speak for them no more. Raises NotFound for one that they may not read,
        or that does not name them."""
        person_id = principal.person_id
        with self._database.write() as connection:
            document = documents.get(connection, document_id, principal)
            if person_id is None or not _roles(document, person_id):
                raise NotFound("no such document of yours")
            store.put_objection(connection, person_id, document_id, verdict, self._now())

    def withdraw_objection(self, person_id: int, document_id: int) -> None:
        """Let it speak for them again; of what was not objected to, nothing changes."""
        with self._database.write() as connection:
            store.put_objection(connection, person_id, document_id, None, self._now())

    def evidence(
        self, principal: Principal, offset: int, limit: int
    ) -> tuple[list[OwnEvidence], bool]:
        """Everything that they may read and that names them, the newest first; and whether more
        follows. Nobody is told of what they may not read, be it about themselves."""
        person_id = principal.person_id
        assert person_id is not None
        with self._database.read() as connection:
            ids = store.made_by(connection, person_id, principal, offset, limit + 1)
            held = documents.load(connection, ids[:limit], principal)
            verdicts = store.objected(connection, person_id, ids)
            hidden = store.hidden_tags(connection, person_id)
            consent = store.consent(connection, self.settings, [person_id], ids)
        told = []
        for document in (held[key] for key in ids[:limit] if key in held):
            roles = _roles(document, person_id)
            counts = any(
                consent.allows(person_id, role.value, document.source_key, document.id)
                for role in roles
            )
            topics = tuple(tag for tag in document.tags if tag in hidden)
            told.append(OwnEvidence(document, roles, counts, topics, verdicts.get(document.id)))
        return told, len(ids) > limit

    def appearances(self, person_id: int) -> list[tuple[str, int]]:
        """How often they were shown as one who knows, by day, the newest first."""
        with self._database.read() as connection:
            return appearances.of(connection, person_id)


def _roles(document: Document, person_id: int) -> tuple[Role, ...]:
    return tuple(made.role for made in document.contributions if made.person_id == person_id)


def _put_topics(
    connection: Connection, person_id: int, topics: Iterable[str], now: datetime
) -> None:
    cleaned = [" ".join(topic.split()) for topic in topics]
    for topic in cleaned:
        if not topic or len(topic) > MAX_SHORT or not limits.storable(topic):
            raise InvalidInput(f"a topic is a tag, of 1 to {MAX_SHORT} characters")
    if len({store.topic_key(topic) for topic in cleaned}) > MOST_TOPICS:
        raise InvalidInput(f"at most {MOST_TOPICS} topics can be hidden")
    store.put_topics(connection, person_id, cleaned, now)
