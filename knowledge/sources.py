"""The use case: whoever looks after sources sees how each of them is.

Looking after a source opens none of its documents: what is counted here is what the asker may read.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from knowledge import editing
from knowledge.identity import AccountRole
from knowledge.jobs import Import
from knowledge.roles import Standing
from knowledge.store import imports, profiles, roles
from knowledge.store import sources as store
from knowledge.store.database import Database
from knowledge.store.sources import Seen
from knowledge.types import Person, Principal, owned_source, source_name


@dataclass(frozen=True, slots=True)
class Source:
    """A source as somebody sees it who imports into it. ``own``: nobody else does; ``written``:
    it is what colleagues write here, and nothing is imported into it. ``curators`` are those whom
    they may see, ``last`` is their own last import into it."""

    name: str
    own: bool
    written: bool
    seen: Seen | None
    curators: tuple[Person, ...]
    last: Import | None

    @property
    def documents(self) -> int:
        """How many documents of it the asker may read."""
        return sum(self.seen.kinds.values()) if self.seen else 0


class Sources:
    """Where documents come from. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, principal: Principal, standing: Standing, owner: str) -> list[Source]:
        """The sources that somebody looks after and their own, by name: of those that they look
        after as an administrator, the ones of which they may read something."""
        with self._database.read() as connection:
            readable = store.seen(connection, principal)
            last = imports.newest_of_sources(connection, owner)
            curated = _curators(connection, principal)
        own = {
            name for name in {*readable, *last} if name == owned_source(owner, source_name(name))
        }
        kept = {
            name
            for name in {*readable, *last, *standing.sources}
            if source_name(name) == name and standing.keeps(name)
        }
        return [
            Source(
                source_name(name),
                name in own,
                name == editing.SOURCE,
                readable.get(name),
                tuple(curated.get(name, ())) if name in kept else (),
                last.get(name),
            )
            for name in sorted(own | kept, key=lambda name: (source_name(name).casefold(), name))
        ]


def _curators(connection: Connection, principal: Principal) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for person_id, role, source, _ in roles.all_of_them(connection):
        person = profiles.maybe(connection, person_id, principal)
        if role is AccountRole.CURATOR and source and person is not None:
            found.setdefault(source, []).append(person)
    return found
