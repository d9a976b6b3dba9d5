"""Sessions: what somebody's browser holds from signing in until they are out, looked up at every
request. They end by themselves, by signing out, and at once when their person is disabled.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import audit
from knowledge.audit import Action
from knowledge.errors import NotFound, NotSignedIn
from knowledge.identity import Session, digest
from knowledge.later import Later
from knowledge.roles import Standing, standing_of
from knowledge.settings import AuthSettings
from knowledge.store import access, people
from knowledge.store import sessions as store
from knowledge.store.database import Database
from knowledge.types import Person, Principal

_BYTES = 32
_SEEN_EVERY = timedelta(minutes=1)
# So long its owner can look up what has ended.
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom a session is of, with the groups and the roles that they have now."""

    session: Session
    person: Person
    principal: Principal
    standing: Standing


@dataclass(frozen=True, slots=True)
class Browser:
    """What asks to sign in: what it calls itself, and the secret of the session that it has."""

    agent: str = ""
    presented: str | None = None


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """For how long sessions hold."""

    idle: timedelta
    absolute: timedelta

    @staticmethod
    def of(settings: AuthSettings) -> Lifetimes:
        """As they are set."""
        return Lifetimes(
            timedelta(hours=settings.session_idle_h), timedelta(hours=settings.session_h)
        )

    def holds(self, session: Session, at: datetime) -> bool:
        """Whether it can be used at that time."""
        alive = session.ended_at is None and at < session.expires_at
        return alive and at < session.seen_at + self.idle

    def begin(
        self,
        connection: Connection,
        person_id: int,
        issuer: str,
        browser: Browser,
        at: datetime,
        **told: str,
    ) -> tuple[Session, str]:
        """A new session and its secret, in the transaction that finds out who it is. The one that
        the browser has ends. ``told``: what the audit says of it."""
        if browser.presented:
            held = store.by_digest(connection, digest(browser.presented))
            if held is not None and store.end(connection, held[0].id, at):
                _tell_end(connection, f"person:{held[0].person_id}", held[0].id, at)
        store.forget_before(connection, at - _KEPT)
        secret = secrets.token_urlsafe(_BYTES)
        session = store.add(
            connection,
            digest=digest(secret),
            person_id=person_id,
            issuer=issuer,
            agent=" ".join(browser.agent.split()),
            created_at=at,
            expires_at=at + self.absolute,
        )
        subject = f"session:{session.id}"
        audit.record(connection, f"person:{person_id}", Action.SIGNED_IN, subject, at=at, **told)
        return session, secret


def end_all(
    connection: Connection, person_id: int, by: str, at: datetime, *, but: int | None = None
) -> int:
    """End all of somebody's sessions but one, in the transaction of its reason. Says how many."""
    ended = store.end_all(connection, person_id, at, but=but)
    for session_id in ended:
        _tell_end(connection, by, session_id, at)
    return len(ended)


def _tell_end(connection: Connection, by: str, session_id: int, at: datetime) -> None:
    audit.record(connection, by, Action.SESSION_ENDED, f"session:{session_id}", at=at)


class Sessions:
    """Everything that looks up and ends sessions. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        lifetimes: Lifetimes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        later: Later | None = None,
    ) -> None:
        """``later`` takes notes of when sessions were last used; without it nobody does."""
        self._database = database
        self._lifetimes = lifetimes
        self._now = now
        self._later = later

    def begin(
        self, person_id: int, issuer: str, browser: Browser, **told: str
    ) -> tuple[Session, str]:
        """A new session and its secret, which cannot be read again."""
        with self._database.write() as connection:
            at = self._now()
            return self._lifetimes.begin(connection, person_id, issuer, browser, at, **told)

    def identify(self, secret: str) -> SignedIn:
        """Whom a secret belongs to.

        Raises NotSignedIn, in the same words for a session that is unknown, has ended, was not used
        for too long or is too old, and for somebody who is disabled.
        """
        now = self._now()
        with self._database.read() as connection:
            held = store.by_digest(connection, digest(secret))
            if held is None or not held[1] or not self._lifetimes.holds(held[0], now):
                raise NotSignedIn("you are not signed in, or no longer; sign in again")
            session = held[0]
            found = SignedIn(
                session,
                people.get(connection, session.person_id),
                access.principal_of(connection, session.person_id),
                standing_of(connection, session.person_id),
            )
        if self._later is not None and now - session.seen_at >= _SEEN_EVERY:
            key = session.id
            self._later.put(f"session {key}", lambda connection: store.see(connection, key, now))
        return found

    def of_person(self, person_id: int) -> list[Session]:
        """Those that somebody is signed in with now, the newest first."""
        now = self._now()
        with self._database.read() as connection:
            held = store.of_person(connection, person_id)
        return [session for session in held if self._lifetimes.holds(session, now)]

    def end(self, session_id: int, person_id: int, by: str) -> None:
        """End one of somebody's sessions from the next request on; twice is no error.

        Raises NotFound, also for somebody else's.
        """
        now = self._now()
        with self._database.write(frees=True) as connection:
            held = {session.id for session in store.of_person(connection, person_id)}
            if session_id not in held:
                raise NotFound("there is no such session")
            if store.end(connection, session_id, now):
                _tell_end(connection, by, session_id, now)

    def sign_out(self, secret: str) -> None:
        """End the session with this secret; for one that holds no more this does nothing."""
        now = self._now()
        with self._database.write(frees=True) as connection:
            held = store.by_digest(connection, digest(secret))
            if held is not None and store.end(connection, held[0].id, now):
                by, subject = f"person:{held[0].person_id}", f"session:{held[0].id}"
                audit.record(connection, by, Action.SIGNED_OUT, subject, at=now)

    def end_all(self, person_id: int, by: str) -> int:
        """End all of somebody's sessions. Returns how many there were."""
        with self._database.write(frees=True) as connection:
            return end_all(connection, person_id, by, self._now())
