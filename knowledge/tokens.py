"""Access tokens: made once, shown once, looked up at every request."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from knowledge.errors import InvalidInput, NotSignedIn
from knowledge.people import clean_email
from knowledge.store import access, people
from knowledge.store import tokens as store
from knowledge.store.database import Database
from knowledge.types import AccessToken, Person, Principal, Scope

PREFIX = "wk_"
_BYTES = 32
_MAX_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a secret identifies, with the groups that they have now."""

    token: AccessToken
    principal: Principal
    person: Person | None


class Tokens:
    """Everything that makes, checks and withdraws tokens. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        *,
        email: str | None = None,
        days: int = 90,
    ) -> tuple[AccessToken, str]:
        """A new token and its secret, which cannot be read again.

        It reads as the person with this address, or, without one, as somebody signed in who is
        in no group. Raises InvalidInput.
        """
        name = " ".join(name.split())
        if not name or len(name) > 200:
            raise InvalidInput("a token needs a name, of at most 200 characters")
        if not scopes:
            known = ", ".join(scope.value for scope in Scope)
            raise InvalidInput(f"a token needs at least one scope of {known}")
        if not 1 <= days <= _MAX_DAYS:
            raise InvalidInput(f"a token lasts between 1 and {_MAX_DAYS} days, not {days}")
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        made_at = self._now()
        with self._database.write() as connection:
            person_id = None
            if email is not None:
                person_id = people.by_email(connection, clean_email(email) or "")
                if person_id is None:
                    raise InvalidInput(
                        f"nobody with the address {email} is known; try: whoknows person import"
                    )
            token = store.add(
                connection,
                name=name,
                digest=_digest(secret),
                person_id=person_id,
                scopes=frozenset(scopes),
                created_at=made_at,
                expires_at=made_at + timedelta(days=days),
            )
        return token, secret

    def identify(self, secret: str) -> Holder:
        """Whom a secret belongs to.

        Raises NotSignedIn, in the same words for a secret that is unknown, expired or revoked.
        """
        with self._database.read() as connection:
            token = store.by_digest(connection, _digest(secret))
            if token is None or token.revoked_at is not None or token.expires_at <= self._now():
                raise NotSignedIn("the token is unknown, has expired or was revoked")
            principal = access.principal_of(connection, token.person_id)
            person = token.person_id and people.get(connection, token.person_id)
        return Holder(token, principal, person or None)

    def all_of_them(self) -> list[tuple[AccessToken, Person | None]]:
        """Every token ever made, oldest first, with whom it reads as."""
        with self._database.read() as connection:
            held = store.all_of_them(connection)
            owners = people.load(connection, [t.person_id for t in held if t.person_id is not None])
        return [(t, None if t.person_id is None else owners.get(t.person_id)) for t in held]

    def revoke(self, token_id: int) -> None:
        """Withdraw a token from the next request on; twice is no error. Raises NotFound."""
        # On a full disk most of all.
        with self._database.write(frees=True) as connection:
            store.revoke(connection, token_id, self._now())


def _digest(secret: str) -> str:
    """SHA-256 in hex. Enough, unslowed, because a secret is 256 random bits and not a word."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
