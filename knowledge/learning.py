"""The use case: whoever would teach something meets whoever wants to learn it.

Only those are told of whom the asker sees the page, where the same stands; what they could teach
besides, by what they wrote and said, is told to themselves alone.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Match:
    """A topic of one's own, how many say the other half of it, and some of them."""

    topic: str
    count: int
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Learning:
    """Who wants to learn what the asker would teach, who would teach what they want to learn, and
    what they could teach, too."""

    learners: tuple[Match, ...]
    teachers: tuple[Match, ...]
    suggested: tuple[str, ...]


class Learners:
    """Who could learn from whom. Safe to share between threads."""

    def __init__(self, database: Database, privacy: PrivacySettings) -> None:
        self._database = database
        self._privacy = privacy

    def of(self, asker: Principal) -> Learning:
        """What is told to the asker. Raises NotAllowed for nobody in particular."""
        person, *_ = theirs = records(asker)
        found: dict[OfferKind, list[Match]] = {kind: [] for kind in OfferKind}
        with self._database.read() as connection:
            own = offers.of(connection, person)
            for one in own:
                other = OfferKind.LEARN if one.kind is OfferKind.TEACH else OfferKind.TEACH
                ids = offers.saying(connection, other, topic_key(one.topic)) - set(theirs)
                known = [profiles.maybe(connection, key, asker) for key in sorted(ids)]
                seen = tuple(person for person in known if person is not None)
                if seen:
                    found[other].append(Match(one.topic, len(seen), seen[:_SHOWN]))
            known_for = profiles.topics(connection, self._privacy, person, asker, _TOPICS)
        taught = {topic_key(one.topic) for one in own if one.kind is OfferKind.TEACH}
        fresh = [topic.tag for topic in known_for if topic_key(topic.tag) not in taught]
        return Learning(
            tuple(found[OfferKind.LEARN]),
            tuple(found[OfferKind.TEACH]),
            tuple(fresh[:SUGGESTED]),
        )
