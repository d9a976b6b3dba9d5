"""Topics as somebody sees them: made of nothing but the documents that they may read.

Names, counts, people and risk are all of these. Who alone knows of something is told to themselves,
to the topic's steward and to administrators.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from indexer import holders, topic_finding, topic_names
from indexer.holders import Shares
from indexer.protocols import Embedder
from knowledge import currency, queries
from knowledge.currency import State
from knowledge.errors import NotAllowed
from knowledge.settings import PeopleSettings, PrivacySettings
from knowledge.store import access, documents, passages, privacy, profiles
from knowledge.store import people as everybody
from knowledge.store import topics as store
from knowledge.store.database import Database, position
from knowledge.store.topics import Reading, Seen
from knowledge.topics import NAMED_FROM, looks_after
from knowledge.types import Document, Person, Principal

ALONE = 1.5
"""With fewer holders in effect, it is rounded one person who knows."""
FEWEST = 3
"""Of a topic with fewer documents nobody is told that they know it alone."""
PEOPLE = 5
HELD_FROM = 0.05
"""Whoever has this part of what is known of a topic holds it: see docs/quality.md."""
DEMAND_DAYS = 30
_TELLING = 50
_TERMS = 200
_SCOPES = 100
_Key = tuple[str, int, tuple[datetime, str] | None, frozenset[int] | None]
STALE = frozenset({State.OUTDATED, State.MAYBE})


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as one reader sees it. ``called``: somebody gave it the name; ``steward``: whoever
    looks after it, if the reader may see them."""

    id: int
    name: str
    called: bool
    documents: int
    first_seen_at: datetime
    steward: Person | None = None


@dataclass(frozen=True, slots=True)
class TopicPage:
    """With its documents, the most central first, and those who are known for it."""

    topic: Topic
    documents: tuple[Document, ...]
    people: tuple[Person, ...]
    at_risk_told: bool


@dataclass(frozen=True, slots=True)
class Demand:
    """How often people searched near a topic: only what at least five of them searched for."""

    searches: int = 0
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody and their part of what is known, of 1."""

    person: Person
    share: float


@dataclass(frozen=True, slots=True)
class Risk:
    """What may be lost. ``effective``: the effective number of holders; ``stale``: the part of the
    documents that are old, outdated or doubted."""

    topic: Topic
    holders: tuple[Holder, ...]
    effective: float
    demand: Demand
    stale: float


class Topics:
    """All that is told of topics. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        people: PeopleSettings,
        privacy_settings: PrivacySettings,
        ageing: currency.Ageing,
        embedder: Callable[[], Embedder],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``embedder`` is asked for only when a text is to be told a topic."""
        self.database = database
        self.now = now
        self.ageing = ageing
        self._people = people
        self._privacy = privacy_settings
        self._embedder = embedder
        self._words: dict[_Key, Mapping[int, tuple[str, ...]]] = {}

    def refresh(self) -> int:
        """Find topics anew, in a minute or so for 50,000 documents; returns how many there are."""
        with self.database.read() as connection:
            models = passages.models(connection)
        model = models[0] if models else ""
        stem = topic_finding.stemmer()
        count = topic_finding.find(self.database, model, stem, self.now())
        self._words = {}
        return count

    def all_of_them(self, principal: Principal, *, admin: bool = False) -> list[Topic]:
        """Every topic of which somebody may read something, the largest first."""
        with self.database.read() as connection:
            found = self.told(connection, principal, admin, store.seen(connection, principal))
        return sorted(found.values(), key=lambda one: (-one.documents, one.name, one.id))

    def show(
        self,
        topic_id: int,
        principal: Principal,
        *,
        admin: bool = False,
        offset: int = 0,
        limit: int = 20,
    ) -> tuple[TopicPage, bool]:
        """One topic and some of its documents, and whether more follow. Raises NotFound, the same
        for unknown and forbidden."""
        with self.database.read() as connection:
            seen = store.get(connection, topic_id, principal)
            ids = store.members(connection, topic_id, principal)
            held = documents.load(connection, ids[offset : offset + limit], principal)
            known = self.shares(connection, [topic_id], principal)[topic_id]
            may = admin or looks_after(connection, seen, principal)
            people = [one.person for one in self._holders(connection, known, principal)]
            if len(people) < 2 and not may:  # who alone knows of something is told to few
                people = [one for one in people if one.id == principal.person_id]
            page = TopicPage(
                self.told(connection, principal, admin, [seen])[topic_id],
                tuple(held[key] for key in ids[offset : offset + limit] if key in held),
                tuple(people[:PEOPLE]),
                may,
            )
        return page, len(ids) > offset + limit

    def risk(self, topic_id: int, principal: Principal, *, admin: bool = False) -> Risk:
        """What may be lost, for the steward and administrators. Raises NotFound, NotAllowed."""
        with self.database.read() as connection:
            seen = store.get(connection, topic_id, principal)
            if not (admin or looks_after(connection, seen, principal)):
                raise NotAllowed("only the topic's steward and administrators see who holds it")
            known = self.shares(connection, [topic_id], principal)[topic_id]
            ids = store.members(connection, topic_id, principal)
            return Risk(
                self.told(connection, principal, admin, [seen])[topic_id],
                tuple(self._holders(connection, known, principal)),
                holders.effective(known),
                self._demand(connection, topic_id, principal),
                self._stale(connection, documents.load(connection, ids, principal), principal),
            )

    def keeps_some(self, principal: Principal) -> bool:
        """Whether somebody is the steward of a topic of which they may read something."""
        with self.database.read() as connection:
            seen = store.seen(connection, principal)
            return any(looks_after(connection, one, principal) for one in seen)

    def known_alone(self, principal: Principal) -> list[Topic]:
        """What somebody is the only one, or nearly, to be known for; nobody else asks this."""
        person_id = principal.person_id
        if person_id is None:
            return []
        with self.database.read() as connection:
            made = everybody.documents_of(connection, person_id)
            mine = documents.visible(connection, made, principal)
            near = {topic for topic, _ in store.topics_of(connection, mine).values()}
            large = [
                one
                for one in store.seen(connection, principal)
                if one.id in near and one.documents >= FEWEST
            ]
            shares = self.shares(connection, [one.id for one in large], principal)
            alone = [
                one
                for one in large
                if shares[one.id].get(person_id, 0.0) > 0.5
                and holders.effective(shares[one.id]) < ALONE
            ]
            found = self.told(connection, principal, False, alone)
        return [found[one.id] for one in alone]

    def told(
        self, connection: Reading, principal: Principal, admin: bool, seen: Collection[Seen]
    ) -> dict[int, Topic]:
        """Topics with the names that a reader gets. What somebody called a topic may say what
        stands in documents that are closed to a reader: it is told from five documents on."""
        words = self._named(connection, principal) if seen else {}
        made = {}
        for one in seen:
            steward = None
            if one.steward_id is not None:
                whole = everybody.whole(connection, one.steward_id)
                steward = profiles.maybe(connection, whole, principal)
            may = one.documents >= NAMED_FROM or admin or looks_after(connection, one, principal)
            called = one.name is not None and may
            name = one.name if called else ", ".join(words.get(one.id, ()))
            made[one.id] = Topic(
                one.id, name or f"Topic {one.id}", called, one.documents, one.first_seen_at, steward
            )
        return made

    def _named(self, connection: Reading, principal: Principal) -> Mapping[int, tuple[str, ...]]:
        """What tells each topic from the others, of all that somebody sees. Kept for as long as
        nothing is written and nobody is erased, for all who read the same."""
        scope = access.allowed_audiences(connection, principal)
        key = (*position(connection), store.last_run(connection), scope)
        found = self._words.get(key)
        if found is None:
            found = topic_names.named(store.telling(connection, principal, _TELLING))
            # Another thread's is as good; of what was before, nothing is asked for again.
            kept = self._words if len(self._words) < _SCOPES else {}
            self._words = {k: v for k, v in kept.items() if k[:2] == key[:2]} | {key: found}
        return found

    def shares(
        self,
        connection: Reading,
        topic_ids: Collection[int],
        principal: Principal,
        discount: float = 1.0,
    ) -> dict[int, Shares]:
        """By topic: who holds it, by what somebody may read. It reads who made the documents, and
        nothing else of them. ``discount``: see ``holders.shares``."""
        held = store.made(connection, topic_ids, principal)
        every = [one for several in held.values() for one in several]
        persons = {made.person_id for one in every for made in one.contributions}
        ids = {one.id for one in every}
        consent = privacy.consent(connection, self._privacy, persons, ids)
        return {
            key: holders.shares(several, consent, self._people, self.now(), discount)
            for key, several in held.items()
        }

    def speaking(
        self, connection: Reading, person_id: int, held: Mapping[int, Document]
    ) -> dict[int, Document]:
        """Those of some documents by which somebody agrees to be found."""
        consent = privacy.consent(connection, self._privacy, [person_id], held)
        return {
            key: one
            for key, one in held.items()
            if any(
                c.person_id == person_id
                and consent.allows(person_id, c.role.value, one.source_key, key)
                for c in one.contributions
            )
        }

    def _holders(self, connection: Reading, held: Shares, principal: Principal) -> list[Holder]:
        """Those whom the asker may see, who holds most first."""
        found = []
        for person_id, share in held.items():
            person = profiles.maybe(connection, person_id, principal)
            if person is not None:
                found.append(Holder(person, round(share, 4)))
        return sorted(found, key=lambda one: (-one.share, one.person.name, one.person.id))

    def _stale(
        self, connection: Reading, held: Mapping[int, Document], principal: Principal
    ) -> float:
        said = currency.load(connection, held, principal, self.ageing, self.now())
        stale = sum(one.state in STALE for one in said.values())
        return round(stale / len(said), 4) if said else 0.0

    def _demand(self, connection: Reading, topic_id: int, principal: Principal) -> Demand:
        """Each term counts for the nearest topic that the asker sees."""
        since = self.now() - timedelta(days=DEMAND_DAYS)
        terms = queries.terms(connection, since=since)[:_TERMS]
        near = self._nearest(connection, [term.text for term in terms], principal)
        mine = [term for term, at in zip(terms, near, strict=False) if at == topic_id]
        return Demand(sum(term.searches for term in mine), tuple(term.text for term in mine))

    def holding(self, question: str, principal: Principal) -> frozenset[int]:
        """Who holds the topic that is nearest to a question, by what somebody may read. As among
        votes, each further document of somebody counts less: a hundred leave others a part."""
        with self.database.read() as connection:
            near = self._nearest(connection, [question], principal)
            shares = self.shares(connection, near, principal, self._people.discount)
        return frozenset(
            person
            for held in shares.values()
            for person, share in held.items()
            if share >= HELD_FROM
        )

    def _nearest(
        self, connection: Reading, texts: Sequence[str], principal: Principal
    ) -> list[int]:
        """For each text the id of the nearest topic that the asker sees; nothing while there are
        none of this model."""
        run = store.last_run(connection)
        seen = store.seen(connection, principal) if texts and run is not None else []
        if run is None or not seen or run[1] != self._embedder().identity:
            return []
        centres = np.stack([np.frombuffer(one.centre, dtype=np.float32) for one in seen])
        near = (self._embedder().embed(list(texts)) @ centres.T).argmax(axis=1)
        return [seen[at].id for at in near.tolist()]
