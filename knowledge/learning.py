"""The use case: whoever would teach something meets whoever wants to learn it.

Only those are told of whom the asker sees the page, where the same stands; what they could teach
besides, by what they wrote and said, is told to themselves alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from knowledge.identity import OfferKind
from knowledge.meeting import records
from knowledge.settings import PrivacySettings
from knowledge.store import offers, profiles
from knowledge.store.database import Database
from knowledge.store.privacy import topic_key
from knowledge.types import Person, Principal

SUGGESTED = 5
_TOPICS = 20
_SHOWN = 5
_ALSO = 3

Same = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[int]]]
"""Topics of one's own and of others -> of each own one, the places of those that are the same."""


@dataclass(frozen=True, slots=True)
class Match:
    """A topic of one's own, how many say the other half of it, and some of them; ``also``: what
    else some of those call it."""

    topic: str
    count: int
    people: tuple[Person, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Learning:
    """Who wants to learn what the asker would teach, who would teach what they want to learn, and
    what they could teach, too."""

    learners: tuple[Match, ...]
    teachers: tuple[Match, ...]
    suggested: tuple[str, ...]


class Learners:
    """Who could learn from whom. Safe to share between threads."""

    def __init__(self, database: Database, privacy: PrivacySettings, same: Same) -> None:
        self._database = database
        self._privacy = privacy
        self._same = same

    def of(self, asker: Principal) -> Learning:
        """What is told to the asker. Raises NotAllowed for nobody in particular."""
        person, *_ = theirs = records(asker)
        with self._database.read() as connection:
            own = offers.of(connection, person)
            said = {kind: offers.saying(connection, kind) for kind in OfferKind}
        alike = {
            kind: self._alike([one.topic for one in own if one.kind is not kind], said[kind])
            for kind in OfferKind
        }
        with self._database.read() as connection:
            found = {
                kind: [
                    match
                    for topic, others in alike[kind]
                    if (match := _match(connection, topic, others, asker, theirs)) is not None
                ]
                for kind in OfferKind
            }
            known_for = profiles.topics(connection, self._privacy, person, asker, _TOPICS)
        taught = {topic_key(one.topic) for one in own if one.kind is OfferKind.TEACH}
        fresh = [topic.tag for topic in known_for if topic_key(topic.tag) not in taught]
        return Learning(
            tuple(found[OfferKind.LEARN]),
            tuple(found[OfferKind.TEACH]),
            tuple(fresh[:SUGGESTED]),
        )

    def _alike(
        self, topics: Sequence[str], said: Mapping[str, Mapping[int, str]]
    ) -> list[tuple[str, list[Mapping[int, str]]]]:
        """Each topic with who says the other half of it, first those who say the same words."""
        keys = list(said)
        near = self._same([topic_key(topic) for topic in topics], keys)
        found = []
        for topic, places in zip(topics, near, strict=True):
            own = topic_key(topic)
            others = [keys[at] for at in places if keys[at] != own]
            found.append((topic, [said[key] for key in (own, *others) if key in said]))
        return found


def _match(
    connection: Connection,
    topic: str,
    others: Sequence[Mapping[int, str]],
    asker: Principal,
    theirs: Collection[int],
) -> Match | None:
    """What of it is told to somebody: only whom they see, and what those say."""
    called: dict[int, str] = {}
    for said in others:
        for key in sorted(said.keys() - called.keys() - set(theirs)):
            called[key] = said[key]
    seen = [
        (person, words)
        for key, words in called.items()
        if (person := profiles.maybe(connection, key, asker)) is not None
    ]
    if not seen:
        return None
    also = dict.fromkeys(words for _, words in seen if topic_key(words) != topic_key(topic))
    people = tuple(person for person, _ in seen)
    return Match(topic, len(people), people[:_SHOWN], tuple(also)[:_ALSO])
