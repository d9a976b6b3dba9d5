"""The page of a colleague: what an asker may see of them, and what they agree to be found by."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.store import profiles
from knowledge.store.database import Database
from knowledge.types import Made, Person, Principal, Topic

TOPICS = 20


@dataclass(frozen=True, slots=True)
class Profile:
    """A person without handles and with the directory's address at most; ``more`` says that
    contributions follow."""

    person: Person
    topics: tuple[Topic, ...]
    made: tuple[Made, ...]
    more: bool


def profile(
    database: Database, person_id: int, principal: Principal, *, offset: int = 0, limit: int = 20
) -> Profile:
    """What the asker may see of somebody. Raises NotFound, also for somebody they may not see.

    Counts and contributions are of documents that the asker may read and, as in the ranking of
    people, only of those by which the person agrees to be found.
    """
    with database.read() as connection:
        person = profiles.person(connection, person_id, principal)
        made = profiles.made(connection, person_id, principal, offset, limit + 1)
        topics = profiles.topics(connection, person_id, principal, TOPICS)
    return Profile(person, topics, made[:limit], len(made) > limit)
