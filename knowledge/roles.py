"""What people may do. What they may read is no matter of roles: see ``knowledge.store.access``.

Everybody who signs in is a member: they search and write. A curator of sources imports into them, a
curator of topics looks after what is tagged so; an administrator imports into every source and
looks after people, tokens and roles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge import audit
from knowledge.audit import Action
from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.identity import AccountRole
from knowledge.people import clean_email
from knowledge.store import accounts, people, profiles
from knowledge.store import roles as store
from knowledge.store.database import Database
from knowledge.types import OPERATOR, Person, Principal, Scope

_MEMBER = frozenset({Scope.SEARCH, Scope.CAPTURE})


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's roles now: the sources and the topics (tags) that they are curators of."""

    administrator: bool = False
    sources: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()

    @property
    def scopes(self) -> frozenset[Scope]:
        """What they may do, as the scopes of tokens say it: the one table of roles."""
        if self.administrator:
            return frozenset(Scope)
        return _MEMBER | {Scope.IMPORT} if self.sources else _MEMBER

    def keeps(self, source: str) -> bool:
        """Whether they import into the organisation's source of this name, not one of their own."""
        return self.administrator or source in self.sources


MEMBER = Standing()
EVERYTHING = Standing(administrator=True)


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody and their roles. ``person``: None for somebody whom the asker may not see."""

    person_id: int
    person: Person | None
    standing: Standing


def standing_of(connection: Connection, person_id: int) -> Standing:
    """What somebody is now."""
    return _standing(store.of_person(connection, person_id))


class Roles:
    """Who is what. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def of(self, person_id: int) -> Standing:
        """What somebody is now."""
        with self._database.read() as connection:
            return standing_of(connection, person_id)

    def everybody(self, principal: Principal = OPERATOR) -> list[Held]:
        """All who are more than members, by their ids."""
        with self._database.read() as connection:
            rows = store.all_of_them(connection)
            known = {key: profiles.maybe(connection, key, principal) for key, *_ in rows}
        held: dict[int, list[tuple[AccountRole, str, str]]] = {}
        for person_id, role, source, topic in rows:
            held.setdefault(person_id, []).append((role, source, topic))
        return [Held(key, known[key], _standing(roles)) for key, roles in sorted(held.items())]

    def colleague(self, email: str) -> int:
        """Whom the directory lists at an address; what documents say of addresses is not asked.
        Raises InvalidInput."""
        with self._database.read() as connection:
            address = clean_email(email) or ""
            found = people.vouched(connection, address, "", None) if address else None
            if found is None or not people.get(connection, found).listed:
                raise InvalidInput(f"nobody in the directory has the address {email.strip()}")
            return found

    def grant(
        self,
        person_id: int,
        role: AccountRole,
        by: str,
        *,
        source: str = "",
        topic: str = "",
        seen_by: Principal = OPERATOR,
    ) -> None:
        """Give somebody whom one may see a role, also one that the provider gave and would take;
        twice is no error.

        Raises NotFound, InvalidInput.
        """
        _check(role, source, topic)
        with self._database.write() as connection:
            person = profiles.seen(connection, people.whole(connection, person_id), seen_by)
            if store.add(connection, person.id, role, source, topic, by, self._now()):
                self._tell(connection, by, Action.ROLE_GRANTED, person.id, role, source, topic)

    def withdraw(
        self, person_id: int, role: AccountRole, by: str, *, source: str = "", topic: str = ""
    ) -> None:
        """Take a role back, from the next request on. Raises NotFound, and Conflict where no
        administrator is left who may sign in, unless it is the operator who does it."""
        with self._database.write(frees=True) as connection:
            if not store.remove(connection, person_id, role, source, topic):
                raise NotFound(f"they are no {role.value} of that")
            out = accounts.disabled_since(connection)
            held = store.all_of_them(connection)
            rest = [row for row in held if row[1] is role and row[0] not in out]
            if role is AccountRole.ADMINISTRATOR and not rest and by != "operator":
                raise Conflict("somebody has to be an administrator; name another one first")
            self._tell(connection, by, Action.ROLE_WITHDRAWN, person_id, role, source, topic)

    def _tell(
        self,
        connection: Connection,
        by: str,
        action: Action,
        person_id: int,
        role: AccountRole,
        source: str,
        topic: str,
    ) -> None:
        of = {name: told for name, told in (("source", source), ("topic", topic)) if told}
        subject = f"person:{person_id}"
        audit.record(connection, by, action, subject, at=self._now(), role=role.value, **of)


def _check(role: AccountRole, source: str, topic: str) -> None:
    if role is AccountRole.CURATOR and bool(source) == bool(topic):
        raise InvalidInput("a curator is one of a source or of a topic: say which one")
    if role is AccountRole.ADMINISTRATOR and (source or topic):
        raise InvalidInput("an administrator is one of everything: say no source and no topic")
    if max(len(source), len(topic)) > 200:
        raise InvalidInput("sources and topics have at most 200 characters")


def _standing(rows: list[tuple[AccountRole, str, str]]) -> Standing:
    return Standing(
        any(role is AccountRole.ADMINISTRATOR for role, *_ in rows),
        frozenset(source for role, source, _ in rows if role is AccountRole.CURATOR and source),
        frozenset(topic for role, _, topic in rows if role is AccountRole.CURATOR and topic),
    )
