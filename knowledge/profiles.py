"""The page of a colleague: what an asker may see of them, and what they agree to be found by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge.identity import Offer
from knowledge.settings import PrivacySettings
from knowledge.store import access, offers, passages, people, privacy, profiles
from knowledge.store.database import Database
from knowledge.types import Kind, Made, Passage, Person, Principal, Role, Topic

TOPICS = 20
BEHIND = 4
SESSIONS = 5
_SPOKEN = tuple(role for role in Role if role.spoken)


@dataclass(frozen=True, slots=True)
class Behind:
    """A document that stands behind a topic, with the passage that says most of why."""

    made: Made
    passage: Passage | None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person without handles and with the directory's address at most; ``more`` says that
    contributions follow, ``behind`` what stands behind each topic, ``kinds`` how many documents of
    each kind they made, ``sessions`` where they spoke."""

    person: Person
    topics: tuple[Topic, ...]
    made: tuple[Made, ...]
    more: bool
    behind: Mapping[str, tuple[Behind, ...]] = field(default_factory=dict)
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    sessions: tuple[Made, ...] = ()
    offers: tuple[Offer, ...] = ()


class Profiles:
    """Everybody's pages. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        settings: PrivacySettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._settings = settings
        self._now = now

    def named(self, ids: Collection[int], principal: Principal) -> dict[int, Person]:
        """Colleagues by their ids, without those whom the asker may not see."""
        with self._database.read() as connection:
            found = {key: profiles.maybe(connection, key, principal) for key in set(ids)}
        return {key: person for key, person in found.items() if person is not None}

    def show(
        self,
        person_id: int,
        principal: Principal,
        *,
        offset: int = 0,
        limit: int = 20,
        kind: Kind | None = None,
    ) -> Profile:
        """What the asker may see of somebody. Raises NotFound, also for somebody they may not see.

        Counts and contributions are of documents that the asker may read and, as in the ranking of
        people, only of those by which the person agrees to be found; ``kind`` narrows the
        contributions. The id of a record that is part of somebody leads to them.
        """
        with self._database.read() as connection:
            person_id = people.whole(connection, person_id)
            person = profiles.person(connection, person_id, principal)
            person = privacy.availability({person_id: person}, principal, self._now())[person_id]
            given = (connection, self._settings, person_id, principal)
            made = profiles.made(*given, offset, limit + 1, kind=kind)
            topics = profiles.topics(*given, TOPICS)
            found = profiles.behind(*given, [topic.tag for topic in topics], BEHIND)
            sessions = profiles.made(*given, 0, 2 * SESSIONS, kind=Kind.TRANSCRIPT, roles=_SPOKEN)
            # Like the directory, what somebody says of themselves is for who is signed in.
            told = offers.of(connection, person_id) if access.sees_directory(principal) else []
            return Profile(
                person,
                topics,
                made[:limit],
                len(made) > limit,
                _behind(connection, person_id, principal, found),
                profiles.kinds(*given),
                tuple({one.document_id: one for one in reversed(sessions)}.values())[::-1][
                    :SESSIONS
                ],
                tuple(told),
            )


def _behind(
    connection: Connection,
    person_id: int,
    principal: Principal,
    found: Mapping[str, list[Made]],
) -> dict[str, tuple[Behind, ...]]:
    every = {one.document_id: one for held in found.values() for one in held}
    said = [key for key, one in every.items() if one.role.spoken]
    chosen = profiles.opening(connection, every.keys() - set(said))
    chosen |= profiles.spoken_in(connection, person_id, said)
    texts = passages.load(connection, chosen.values(), principal)
    return {
        tag: tuple(Behind(one, texts.get(chosen.get(one.document_id, 0))) for one in held)
        for tag, held in found.items()
    }
