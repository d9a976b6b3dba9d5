"""Local accounts: colleagues of the directory who sign in with a password of their own.

Nobody registers. Who runs the service makes a link, with which its owner chooses a password, once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import audit, passwords, sessions
from knowledge.audit import Action
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from knowledge.identity import AccountRole, Session, digest
from knowledge.people import clean_email
from knowledge.sessions import Browser, Lifetimes, SignedIn
from knowledge.store import accounts as store
from knowledge.store import identities, people, roles
from knowledge.store.database import Database
from knowledge.throttle import Throttle
from knowledge.types import Person

LOCAL = "local"
_LINK_LASTS = timedelta(hours=24)
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in, or could: with what, and whether they may. ``invited_until`` while
    a link of theirs works."""

    person: Person
    password: bool
    provider: bool
    invited_until: datetime | None
    disabled_since: datetime | None


class Accounts:
    """Everything that makes, checks and disables accounts. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        lifetimes: Lifetimes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._lifetimes = lifetimes
        self._now = now
        self._throttle = Throttle(database, now)

    def invite(self, email: str, by: str, *, administrator: bool = False) -> str:
        """The secret of a link with which a colleague chooses a password, within 24 hours and once.
        Any earlier one works no more. ``administrator``: they become one at once.

        Raises InvalidInput for an address that the directory does not list, and for who is
        disabled.
        """
        secret = secrets.token_urlsafe(_BYTES)
        with self._database.write() as connection:
            now = self._now()
            person_id = colleague(connection, clean_email(email) or "")
            if person_id is None:
                raise InvalidInput(
                    f"nobody in the directory has the address {email}; try: whoknows person import"
                )
            if store.disabled(connection, person_id):
                raise InvalidInput(f"{email} is disabled; first: whoknows account enable {email}")
            store.invite(connection, digest(secret), person_id, now, now + _LINK_LASTS)
            subject = f"person:{person_id}"
            audit.record(connection, by, Action.INVITED, subject, at=now)
            role = AccountRole.ADMINISTRATOR
            if administrator and roles.add(connection, person_id, role, "", "", by, now):
                audit.record(connection, by, Action.ROLE_GRANTED, subject, at=now, role=role.value)
        return secret

    def invited(self, link: str) -> Person:
        """Whom a link is for. Raises NotFound, in the same words for one that is unknown, was used
        or is too old."""
        with self._database.read() as connection:
            return people.get(connection, self._invited(connection, link))

    def accept(self, link: str, password: str, browser: Browser) -> tuple[Session, str]:
        """Choose a password by a link, and be signed in; all other sessions end.

        Raises NotFound as ``invited``, InvalidInput for a password that is not taken.
        """
        passwords.check(password, _names(self.invited(link)))
        # Slow on purpose, so not while everybody else who writes waits.
        told = passwords.made(password)
        with self._database.write() as connection:
            now = self._now()
            person_id = self._invited(connection, link)
            store.use(connection, digest(link), now)
            self._set(connection, person_id, told, now)
            return self._lifetimes.begin(
                connection, person_id, LOCAL, browser, now, way="invitation"
            )

    def sign_in(
        self, email: str, password: str, client: str, browser: Browser
    ) -> tuple[Session, str]:
        """A session for whom address and password belong to. ``client``: where from.

        Raises NotSignedIn, in the same words and after the same time for an unknown address and a
        wrong password, and for somebody who is disabled; TooMany for who guesses.
        """
        address = clean_email(email) or ""
        attempt = self._throttle.attempt(client, address)
        with self._database.read() as connection:
            person_id = colleague(connection, address)
            held = None if person_id is None else store.password_of(connection, person_id)
        right = passwords.fits(password, held)
        anew = passwords.made(password) if right and held and passwords.outdated(held) else None
        with self._database.write() as connection:
            now = self._now()
            if right and person_id is not None and self._may(connection, person_id, held):
                self._throttle.right(connection, attempt)
                if anew is not None:
                    store.set_password(connection, person_id, anew, now)
                return self._lifetimes.begin(
                    connection, person_id, LOCAL, browser, now, way="password"
                )
            refused(connection, person_id, "password", now)
        raise NotSignedIn("the address or the password is wrong")

    def change_password(self, who: SignedIn, current: str, new: str, client: str) -> None:
        """Take another password in place of the current one; all other sessions end.

        Raises NotAllowed if the current one is wrong, TooMany for who guesses, InvalidInput for a
        password that is not taken.
        """
        person_id = who.person.id
        attempt = self._throttle.attempt(client, f"person:{person_id}")
        with self._database.read() as connection:
            held = store.password_of(connection, person_id)
        right = passwords.fits(current, held)
        if right:
            passwords.check(new, _names(who.person))
        told = passwords.made(new) if right else ""
        with self._database.write() as connection:
            now = self._now()
            if right and self._may(connection, person_id, held):
                self._throttle.right(connection, attempt)
                self._set(connection, person_id, told, now, but=who.session.id)
                return
            refused(connection, person_id, "password", now)
        raise NotAllowed("the current password is wrong")

    def disable(self, person_id: int, by: str) -> None:
        """Let somebody in no more, from the next request on: their sessions end, their tokens and
        links open nothing. Twice is no error.

        Raises NotFound, and Conflict where no administrator is left who may sign in, unless it is
        the operator who does it.
        """
        with self._database.write(frees=True) as connection:
            now = self._now()
            person = people.get(connection, person_id)
            if not store.disabled(connection, person.id):
                if by != "operator" and _is_last_administrator(connection, person.id):
                    raise Conflict(
                        f"{person.name} is the only administrator who may sign in; name another "
                        "one first"
                    )
                store.disable(connection, person.id, now)
                sessions.end_all(connection, person.id, by, now)
                subject = f"person:{person.id}"
                audit.record(connection, by, Action.PERSON_DISABLED, subject, at=now)

    def enable(self, person_id: int, by: str) -> None:
        """Let somebody in again; twice is no error. Raises NotFound."""
        with self._database.write() as connection:
            now = self._now()
            person = people.get(connection, person_id)
            if store.disabled(connection, person.id):
                store.disable(connection, person.id, None)
                subject = f"person:{person.id}"
                audit.record(connection, by, Action.PERSON_ENABLED, subject, at=now)

    def has_password(self, person_id: int) -> bool:
        """Whether somebody signs in with a password of their own."""
        with self._database.read() as connection:
            return store.password_of(connection, person_id) is not None

    def everybody(self) -> list[Account]:
        """All who can sign in, could do so, or are invited, by their ids."""
        with self._database.read() as connection:
            with_password = store.with_passwords(connection)
            known = identities.everybody(connection)
            waiting = store.waiting(connection, self._now())
            disabled = store.disabled_since(connection)
            found = people.load(connection, {*with_password, *known, *waiting, *disabled})
        return [
            Account(
                person,
                person_id in with_password,
                person_id in known,
                waiting.get(person_id),
                disabled.get(person_id),
            )
            for person_id, person in sorted(found.items())
        ]

    def _invited(self, connection: Connection, link: str) -> int:
        found = store.invited(connection, digest(link), self._now())
        if found is None or store.disabled(connection, found):
            raise NotFound("this link does not work, or no longer; ask for a new one")
        return found

    def _may(self, connection: Connection, person_id: int, held: str | None) -> bool:
        """Whether what was checked before still holds."""
        same = store.password_of(connection, person_id) == held
        return same and not store.disabled(connection, person_id)

    def _set(
        self,
        connection: Connection,
        person_id: int,
        told: str,
        at: datetime,
        but: int | None = None,
    ) -> None:
        who = f"person:{person_id}"
        store.set_password(connection, person_id, told, at)
        audit.record(connection, who, Action.PASSWORD_SET, who, at=at)
        sessions.end_all(connection, person_id, who, at, but=but)


def _is_last_administrator(connection: Connection, person_id: int) -> bool:
    out = store.disabled_since(connection)
    held = roles.all_of_them(connection)
    them = {who for who, role, *_ in held if role is AccountRole.ADMINISTRATOR and who not in out}
    return them == {person_id}


def colleague(connection: Connection, address: str) -> int | None:
    """Whom the directory lists at an address, if anybody: what documents say opens nothing."""
    found = people.vouched(connection, address, "", None) if address else None
    return found if found is not None and people.get(connection, found).listed else None


def refused(connection: Connection, person_id: int | None, way: str, at: datetime) -> None:
    """Tell in the audit that somebody did not get in, never with what they tried it."""
    whom = "nobody" if person_id is None else f"person:{person_id}"
    audit.record(connection, "nobody", Action.SIGN_IN_FAILED, whom, at=at, way=way)


def _names(person: Person) -> list[str]:
    return [person.name, *person.name.split(), *person.emails]
