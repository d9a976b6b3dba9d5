"""Whom an OpenID provider means: by (issuer, subject), and by nothing else once that is known.

The first time, a verified address that the directory gives to a colleague tells who it is. Whoever
takes over an address does not take over what its former owner could read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import audit
from knowledge.accounts import colleague, refused
from knowledge.audit import Action
from knowledge.errors import NotAllowed, NotFound, WhoknowsError
from knowledge.identity import AccountRole, Session
from knowledge.limits import MAX_NAME, storable
from knowledge.people import Directory, Profile, clean_email
from knowledge.roles import Standing, standing_of
from knowledge.sessions import Browser, Lifetimes, end_all
from knowledge.store import access, accounts, people, roles
from knowledge.store import identities as store
from knowledge.store.database import Database
from knowledge.throttle import Throttle
from knowledge.types import Audience, Person, Principal

_MOST_GROUPS = 500
_REFUSED = "you are signed in at your company, but {}; ask whoever runs this service"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of somebody, checked to come from it and to be meant for us. ``email``
    is None where the provider does not say that it has verified it."""

    issuer: str
    subject: str
    email: str | None
    name: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a proxy says who asks, with the groups and the roles that they have now."""

    person: Person
    principal: Principal
    standing: Standing


@dataclass(frozen=True, slots=True)
class Trust:
    """What is done with claims. ``administrators``: the group whose members are administrators;
    ``directory``: whoever the provider vouches for becomes a colleague; ``lasts``: how long after
    somebody's last sign-in their groups and role count."""

    administrators: str = ""
    directory: bool = False
    lasts: timedelta = timedelta(days=7)


class Identities:
    """Everything that concerns identities of providers. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        lifetimes: Lifetimes,
        trust: Trust,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._lifetimes = lifetimes
        self._trust = trust
        self._now = now
        self._throttle = Throttle(database, now)

    def sign_in(self, claims: Claims, client: str, browser: Browser) -> tuple[Session, str]:
        """A session for whom claims mean; their groups and role are those of the claims from now
        on. ``client``: where from.

        Raises NotAllowed for whom the directory does not know, and for who is disabled.
        """
        attempt = self._throttle.attempt(client)
        if self._trust.directory:
            self._enter(claims)
        with self._database.write() as connection:
            now = self._now()
            person_id, problem = self._whom(connection, claims)
            if not problem:
                assert person_id is not None
                self._throttle.right(connection, attempt)
                self._take_over(connection, person_id, claims, now)
                return self._lifetimes.begin(
                    connection, person_id, claims.issuer, browser, now, way="provider"
                )
            refused(connection, person_id, "provider", now)
        raise NotAllowed(_REFUSED.format(problem))

    def vouched(self, email: str, more: Collection[str]) -> Vouched:
        """Whom the directory lists at an address that a proxy of ours gives. ``more``: groups that
        it says beside those that are known.

        Raises NotAllowed, in the same words for an unknown address and for who is disabled.
        """
        with self._database.read() as connection:
            person_id = colleague(connection, clean_email(email) or "")
            if person_id is None or accounts.disabled(connection, person_id):
                raise NotAllowed(
                    "the directory does not list the address that the proxy gives, or they may not "
                    "sign in; ask whoever runs this service"
                )
            known = access.principal_of(connection, person_id)
            return Vouched(
                people.get(connection, person_id),
                replace(known, groups=known.groups | groups(more)),
                standing_of(connection, person_id),
            )

    def forget(self, person_id: int, by: str) -> None:
        """Forget how providers call somebody, so that their next sign-in tells anew by their
        address; until then they are signed in nowhere.

        Raises NotFound if no provider knows them.
        """
        with self._database.write(frees=True) as connection:
            now = self._now()
            if not store.unlink(connection, person_id):
                raise NotFound("no provider knows them")
            subject = f"person:{person_id}"
            self._be_administrator(connection, person_id, False, now)
            audit.record(
                connection, by, Action.DIRECTORY_CHANGED, subject, at=now, forgot="provider"
            )
            end_all(connection, person_id, by, now)

    def expire(self) -> int:
        """End the groups and the roles that a provider gave to people who have not signed in there
        for long, for it may say otherwise by now; and the role of all if it makes none any more.
        Tokens and other sites ask it nothing. Returns of how many people something ended."""
        with self._database.read() as connection:
            if not self._outdated(connection):
                return 0
        with self._database.write(frees=True) as connection:
            outdated, now = self._outdated(connection), self._now()
            for person_id, whole in sorted(outdated.items()):
                if whole:
                    store.set_groups(connection, person_id, ())
                self._be_administrator(connection, person_id, False, now)
        return len(outdated)

    def _outdated(self, connection: Connection) -> dict[int, bool]:
        """Whose claims hold no more: all of them, or only that they are an administrator."""
        seen = store.seen_since(connection, self._now() - self._trust.lasts)
        roles_of = set() if self._trust.administrators else roles.lent(connection)
        return dict.fromkeys(roles_of, False) | dict.fromkeys(store.lent(connection) - seen, True)

    def _enter(self, claims: Claims) -> None:
        """Make a colleague of whom the provider vouches for and nobody knows yet."""
        with self._database.read() as connection:
            known = store.find(connection, claims.issuer, claims.subject)
            known = known or colleague(connection, claims.email or "")
        if known or claims.email is None:
            return
        name = " ".join(claims.name.split())[:MAX_NAME]
        try:
            # Many let people choose how they are called, so a name tells nothing of who it is.
            profile = Profile(name or claims.email, claims.email)
            Directory(self._database).put(profile, roles.BY_PROVIDER, by_name=False)
        except WhoknowsError as error:
            raise NotAllowed(_REFUSED.format("could not be taken into the directory")) from error

    def _whom(self, connection: Connection, claims: Claims) -> tuple[int | None, str]:
        """Who it is as far as that is known, and why they do not get in, if they do not."""
        person_id = store.find(connection, claims.issuer, claims.subject)
        if person_id is None:
            if claims.email is None:
                return None, "it does not say that your address is verified"
            person_id = colleague(connection, claims.email)
            if person_id is None:
                return None, "the directory does not list your address"
            if any(
                issuer == claims.issuer for issuer, _ in store.subjects_of(connection, person_id)
            ):
                return (
                    person_id,
                    "your address belongs to somebody who signed in with another account",
                )
            if not accounts.disabled(connection, person_id):
                store.link(connection, claims.issuer, claims.subject, person_id, self._now())
        if accounts.disabled(connection, person_id):
            return person_id, "your account here is disabled"
        return person_id, ""

    def _take_over(
        self, connection: Connection, person_id: int, claims: Claims, now: datetime
    ) -> None:
        store.see(connection, claims.issuer, claims.subject, now)
        before, after = store.groups_of(connection, person_id), groups(claims.groups)
        if before != after:
            audit.record_groups(connection, roles.BY_PROVIDER, person_id, before, after, at=now)
            store.set_groups(connection, person_id, after)
        named = self._trust.administrators
        is_one = bool(named) and named in claims.groups
        self._be_administrator(connection, person_id, is_one, now)

    def _be_administrator(
        self, connection: Connection, person_id: int, is_one: bool, now: datetime
    ) -> None:
        """What the provider says holds beside what was granted here, which it does not take."""
        role, subject = AccountRole.ADMINISTRATOR, f"person:{person_id}"
        if is_one and roles.add(connection, person_id, role, "", "", roles.BY_PROVIDER, now):
            audit.record(
                connection, roles.BY_PROVIDER, Action.ROLE_GRANTED, subject, at=now, role=role.value
            )
        elif not is_one and roles.granted_by(connection, person_id, role) == roles.BY_PROVIDER:
            roles.remove(connection, person_id, role, "", "")
            audit.record(
                connection,
                roles.BY_PROVIDER,
                Action.ROLE_WITHDRAWN,
                subject,
                at=now,
                role=role.value,
            )


def groups(told: Collection[str]) -> frozenset[str]:
    """Of the groups that somebody else says those that an audience can name; so many that there
    are more are cut off in the order of their names."""
    return frozenset(sorted(filter(_is_group, told))[:_MOST_GROUPS])


def verified(email: object, said: object) -> str | None:
    """An address that a provider says it has verified."""
    return clean_email(email) if isinstance(email, str) and said is True else None


def _is_group(slug: str) -> bool:
    try:
        Audience.of(f"group:{slug}")
    except ValueError:
        return False
    return storable(slug)
