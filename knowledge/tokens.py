"""Access tokens: made once, shown once, looked up at every request.

The operator makes them for anybody, and people for themselves: such a token does nothing that they
may not do at that moment. Whoever comes with a token makes none, so that one which was stolen ends
when it is revoked.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from knowledge import audit, requests
from knowledge.audit import Action
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from knowledge.identity import AccessToken, digest
from knowledge.later import Later
from knowledge.people import clean_email
from knowledge.requests import Repeated, RequestKey
from knowledge.roles import EVERYTHING, MEMBER, Standing, standing_of
from knowledge.store import access, accounts, people, profiles
from knowledge.store import tokens as store
from knowledge.store.database import Database
from knowledge.types import Person, Principal, Scope

PREFIX = "wk_"
OPERATOR_MADE = "operator"
OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)
OWN_DAYS = 365
OWN_MOST = 50
_BYTES = 32
_MAX_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a secret identifies, with the groups and the roles that they have now."""

    token: AccessToken
    principal: Principal
    person: Person | None
    standing: Standing
    scopes: frozenset[Scope]


class Tokens:
    """Everything that makes, checks and withdraws tokens. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        later: Later | None = None,
    ) -> None:
        """``later`` takes notes of when tokens were last used; without it nobody does."""
        self._database = database
        self._now = now
        self._later = later

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        *,
        email: str | None = None,
        days: int = 90,
    ) -> tuple[AccessToken, str]:
        """A new token of the operator's making and its secret, which cannot be read again.

        It reads as the person with this address, or, without one, as somebody signed in who is
        in no group. Raises InvalidInput.
        """
        token = self._drawn(name, scopes, days, _MAX_DAYS)
        with self._database.write() as connection:
            if email is not None:
                person_id = people.by_email(connection, clean_email(email) or "")
                if person_id is None:
                    raise InvalidInput(
                        f"nobody with the address {email} is known; try: whoknows person import"
                    )
                token = replace(token, person_id=person_id)
            return _add(connection, token, OPERATOR_MADE)

    def create_own(
        self,
        person_id: int,
        name: str,
        scopes: Collection[Scope],
        days: int = 90,
        key: RequestKey | None = None,
    ) -> tuple[AccessToken, str]:
        """A token that somebody makes for themselves, of scopes that they have now.

        Raises InvalidInput, NotAllowed, and Conflict when they have too many or the request came
        before: the secret of then is kept nowhere.
        """
        by = f"person:{person_id}"
        token = replace(self._drawn(name, scopes, days, OWN_DAYS), person_id=person_id, made_by=by)
        now = token.created_at
        try:
            with self._database.write() as connection:
                requests.begin(connection, key, now)
                more = token.scopes - standing_of(connection, person_id).scopes
                if more:
                    raise NotAllowed(f"you do not hold {_listed(more)}, so no token of yours can")
                if store.working(connection, person_id, now) >= OWN_MOST:
                    raise Conflict(f"you have {OWN_MOST} tokens that work; revoke some")
                made = _add(connection, token, by)
                requests.remember(connection, key, str(made[0].id), now)
                return made
        except Repeated as before:
            raise Conflict(
                f"this request made token {before.made} before, and its secret is shown once; "
                "rotate or revoke that one"
            ) from None

    def rotate(
        self,
        token_id: int,
        *,
        overlap: timedelta = OVERLAP,
        own: int | None = None,
    ) -> tuple[AccessToken, str]:
        """A new secret for the same holder, name and scopes, for as long as the old one was made
        for; the old one works on for the ``overlap``.

        ``own``: the person who asks, for one that they made; the operator rotates any. Raises
        NotFound, InvalidInput, and Conflict for what no longer works or was rotated already.
        """
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise InvalidInput(f"the old token works on for at most {LONGEST_OVERLAP.days} days")
        now = self._now()
        with self._database.write() as connection:
            old = _held(connection, token_id, own)
            if own is not None and old.made_by == OPERATOR_MADE:
                raise NotAllowed("the operator made this token, and alone can rotate it")
            if not works(old, now):
                raise Conflict("the token has expired or was revoked; make a new one")
            successor = store.replaced(connection, token_id)
            if successor is not None:
                raise Conflict(f"the token was rotated already; rotate token {successor}")
            fresh = AccessToken(
                0,
                old.name,
                old.scopes,
                now,
                now + (old.expires_at - old.created_at),
                old.person_id,
                made_by=old.made_by,
                replaces=old.id,
            )
            store.shorten(connection, old.id, now + overlap)
            if own is not None and store.working(connection, own, now) >= OWN_MOST:
                raise Conflict(
                    f"you have {OWN_MOST} tokens that work, with those that were rotated and work "
                    "on; revoke some, or rotate without an overlap"
                )
            made, secret = _kept(connection, fresh)
            by = OPERATOR_MADE if own is None else f"person:{own}"
            audit.record(
                connection,
                by,
                Action.TOKEN_ROTATED,
                f"token:{made.id}",
                at=now,
                replaces=old.id,
                overlap_s=int(overlap.total_seconds()),
            )
        return made, secret

    def identify(self, secret: str) -> Holder:
        """Whom a secret belongs to.

        Raises NotSignedIn, in the same words for a secret that is unknown, expired or revoked, and
        where its holder may not sign in any more.
        """
        now = self._now()
        with self._database.read() as connection:
            token = store.by_digest(connection, digest(secret))
            if token is None or not works(token, now) or _out(connection, token):
                raise NotSignedIn("the token is unknown, has expired or was revoked")
            principal = access.principal_of(connection, token.person_id)
            person = None if token.person_id is None else people.get(connection, token.person_id)
            own = MEMBER if person is None else standing_of(connection, person.id)
        self._note(token, now)
        if token.made_by != OPERATOR_MADE:
            return Holder(token, principal, person, own, token.scopes & own.scopes)
        # What the operator gave to a token it may do, whatever its holder is.
        standing = EVERYTHING if Scope.ADMIN in token.scopes else own
        return Holder(token, principal, person, standing, token.scopes)

    def all_of_them(self) -> list[tuple[AccessToken, Person | None]]:
        """Every token ever made, oldest first, with whom it reads as."""
        with self._database.read() as connection:
            held = store.all_of_them(connection)
            owners = people.load(connection, [t.person_id for t in held if t.person_id is not None])
        return [(t, None if t.person_id is None else owners.get(t.person_id)) for t in held]

    def own(self, person_id: int, limit: int, below: int | None = None) -> list[AccessToken]:
        """A page of somebody's tokens, the newest first."""
        with self._database.read() as connection:
            return store.page(connection, limit, below, person_id)

    def page(
        self, principal: Principal, limit: int, below: int | None = None
    ) -> list[tuple[AccessToken, Person | None]]:
        """A page of everybody's, the newest first, with their holders as far as the asker may see
        them."""
        with self._database.read() as connection:
            return [
                (token, profiles.maybe(connection, token.person_id, principal))
                for token in store.page(connection, limit, below)
            ]

    def revoke(self, token_id: int, by: str = OPERATOR_MADE, own: int | None = None) -> None:
        """Withdraw a token from the next request on; twice is no error.

        ``own``: the person who asks, for one of theirs. Raises NotFound.
        """
        # On a full disk most of all.
        with self._database.write(frees=True) as connection:
            _held(connection, token_id, own)
            if store.revoke(connection, token_id, self._now()):
                subject = f"token:{token_id}"
                audit.record(connection, by, Action.TOKEN_REVOKED, subject, at=self._now())

    def _drawn(
        self, name: str, scopes: Collection[Scope], days: int, most_days: int
    ) -> AccessToken:
        name = " ".join(name.split())
        if not name or len(name) > 200:
            raise InvalidInput("a token needs a name, of at most 200 characters")
        if not scopes:
            raise InvalidInput(f"a token needs at least one scope of {_listed(list(Scope))}")
        if not 1 <= days <= most_days:
            raise InvalidInput(f"a token lasts between 1 and {most_days} days, not {days}")
        now = self._now()
        return AccessToken(0, name, frozenset(scopes), now, now + timedelta(days=days))

    def _note(self, token: AccessToken, now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        if self._later is None or (token.last_used_at and token.last_used_at >= minute):
            return
        key = token.id
        self._later.put(f"token {key}", lambda connection: store.used(connection, key, minute))


def works(token: AccessToken, now: datetime) -> bool:
    """Whether a token opens the door, as far as it is itself concerned."""
    return token.revoked_at is None and token.expires_at > now


def _out(connection: Connection, token: AccessToken) -> bool:
    return token.person_id is not None and accounts.disabled(connection, token.person_id)


def _add(connection: Connection, token: AccessToken, by: str) -> tuple[AccessToken, str]:
    made, secret = _kept(connection, token)
    holder = "" if made.person_id is None else f"person:{made.person_id}"
    audit.record(
        connection,
        by,
        Action.TOKEN_MADE,
        f"token:{made.id}",
        at=made.created_at,
        scopes=sorted(scope.value for scope in made.scopes),
        holder=holder,
    )
    return made, secret


def _kept(connection: Connection, token: AccessToken) -> tuple[AccessToken, str]:
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    return store.add(connection, token, digest(secret)), secret


def _held(connection: Connection, token_id: int, own: int | None) -> AccessToken:
    found = store.get(connection, token_id)
    if found is None or (own is not None and found.person_id != own):
        raise NotFound(f"there is no token {token_id}")
    return found


def _listed(scopes: Collection[Scope]) -> str:
    return ", ".join(scope.value for scope in Scope if scope in scopes)
