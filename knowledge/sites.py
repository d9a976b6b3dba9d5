"""Other sites that show the search, and who is asking there.

A site's key stands in its pages, so it is no secret and opens only what is public anyway, to pages
of the origins that an administrator named. Where the site's backend says who is asking, and proves
that it says so, they read as that colleague of our directory. With what it proves that is for the
operator alone to say: whoever names the key reads as anybody.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from knowledge import audit, requests, vouching
from knowledge.audit import Action
from knowledge.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn, Stale
from knowledge.identity import Algorithm, Site
from knowledge.later import Later
from knowledge.people import clean_email
from knowledge.requests import Repeated, RequestKey
from knowledge.store import access, accounts, people
from knowledge.store import sites as store
from knowledge.store.database import Database
from knowledge.types import ANYONE, Person, Principal

PREFIX = "wks_"
MOST = 200
MOST_ORIGINS = 20
_BYTES = 32
_OPERATOR = "operator"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Plan:
    """What an administrator says of a site. ``public_key`` is PEM; either both it and the
    ``algorithm`` are given, or neither."""

    name: str
    origins: tuple[str, ...]
    algorithm: Algorithm | None = None
    public_key: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks at a site: anybody, or the colleague whom the site's backend vouches for."""

    site: Site
    principal: Principal
    person: Person | None = None


class Sites:
    """Everything that makes, checks and withdraws sites. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        later: Later | None = None,
    ) -> None:
        """``later`` takes notes of when sites were last used; without it nobody does."""
        self._database = database
        self._now = now
        self._later = later

    def create(self, plan: Plan, by: str, key: RequestKey | None = None) -> Site:
        """A new site with its key. A repeated request gets what it made.

        Raises InvalidInput for origins that are none and keys that do not fit, NotAllowed where
        another than the operator names with what a site signs, Conflict when there are too many.
        """
        plan, now = _checked(plan), self._now()
        if plan.public_key is not None and by != _OPERATOR:
            raise _for_operator()
        fresh = Site(0, plan.name, PREFIX + secrets.token_urlsafe(_BYTES), plan.origins, now)
        fresh = replace(fresh, algorithm=plan.algorithm, public_key=plan.public_key)
        try:
            with self._database.write() as connection:
                requests.begin(connection, key, now)
                alive = [site for site in store.all_of_them(connection) if not site.revoked_at]
                if len(alive) >= MOST:
                    raise Conflict(f"there are {MOST} sites already, no more fit; revoke some")
                made = store.add(connection, fresh)
                requests.remember(connection, key, str(made.id), now)
                self._tell(connection, by, Action.SITE_MADE, made)
                return made
        except Repeated as before:
            return self.get(int(before.made))

    def change(
        self, site_id: int, plan: Plan, by: str, expected: frozenset[str] | None = None
    ) -> Site:
        """Say anew what a site is called, where it works and how it signs; its key stays.

        Another than the operator leaves as it is how a site signs, said or not, and gives one that
        signs no further origins. ``expected`` holds versions, one of which must be the current one;
        None takes any. Raises NotFound, InvalidInput, NotAllowed, Stale, and Conflict for one that
        was revoked.
        """
        plan = _checked(plan)
        with self._database.write() as connection:
            held = _held(connection, site_id)
            if held.revoked_at is not None:
                raise Conflict("this site was revoked; make a new one")
            if expected is not None and version(held) not in expected:
                raise Stale("the site changed since you read it; read it again")
            if by != _OPERATOR:
                plan = _allowed(plan, held)
            told = replace(
                held,
                name=plan.name,
                origins=plan.origins,
                algorithm=plan.algorithm,
                public_key=plan.public_key,
            )
            if told != held:
                store.put(connection, told)
                self._tell(connection, by, Action.SITE_CHANGED, told)
            return told

    def revoke(self, site_id: int, by: str) -> None:
        """Withdraw a site's key from the next request on; twice is no error. Raises NotFound."""
        with self._database.write(frees=True) as connection:
            held = _held(connection, site_id)
            if store.revoke(connection, site_id, self._now()):
                self._tell(connection, by, Action.SITE_REVOKED, held)

    def get(self, site_id: int) -> Site:
        """One site. Raises NotFound."""
        with self._database.read() as connection:
            return _held(connection, site_id)

    def all_of_them(self) -> list[Site]:
        """Every site ever made, oldest first."""
        with self._database.read() as connection:
            return store.all_of_them(connection)

    def knows(self, origin: str) -> bool:
        """Whether a key works from there."""
        return any(not site.revoked_at and origin in site.origins for site in self.all_of_them())

    def identify(self, key: str, origin: str | None, proof: str | None = None) -> Visitor:
        """Who asks with this key from this origin; with a ``proof``, the colleague it names.

        Raises NotSignedIn: in the same words for a key that is unknown, was revoked or does not
        work from there, and in the same for every proof that proves nothing.
        """
        now = self._now()
        with self._database.read() as connection:
            site = store.by_key(connection, key)
            if site is None or site.revoked_at is not None or origin not in site.origins:
                raise NotSignedIn("the site key is unknown, was revoked or belongs to another site")
            self._note(site, now)
            if proof is None:
                return Visitor(site, ANYONE)
            person = _proven(connection, site, proof, now)
            return Visitor(site, access.principal_of(connection, person.id), person)

    def _note(self, site: Site, now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        if self._later is None or (site.last_used_at and site.last_used_at >= minute):
            return
        key = site.id
        self._later.put(f"site {key}", lambda connection: store.used(connection, key, minute))

    def _tell(self, connection: Connection, by: str, action: Action, site: Site) -> None:
        signs = "" if site.algorithm is None else site.algorithm.value
        origins = list(site.origins)
        subject = f"site:{site.id}"
        audit.record(
            connection, by, action, subject, at=self._now(), origins=origins, algorithm=signs
        )


def version(site: Site) -> str:
    """What differs after every change of a site."""
    told = (site.name, site.origins, site.algorithm, site.public_key, site.revoked_at)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def origin_of(told: str) -> str:
    """An origin as browsers send it. Raises InvalidInput for what is more, less or unsafe."""
    try:
        parts = urlsplit(told.strip())
        port = parts.port
    except ValueError as error:
        raise _no_origin(told) from error
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    plain = host.isascii() and all(c.isalnum() or c in "-.:" for c in host)
    if parts.scheme not in _PORTS or not host or not plain:
        raise _no_origin(told)
    short = f"{parts.scheme}://{named}"
    whole = short if port is None else f"{short}:{port}"
    if told.strip().lower() != whole:
        raise _no_origin(told)
    if parts.scheme == "http" and named not in _LOOPBACK:
        raise InvalidInput(f"the origin {told!r} needs https; only this machine does without")
    # Browsers leave out the port that everybody knows.
    return short if port == _PORTS[parts.scheme] else whole


def _no_origin(told: str) -> InvalidInput:
    return InvalidInput(
        f"{told!r} is no origin; give scheme and host, and a port where there is one, as in "
        "https://intranet.example.org, without a path and without a *"
    )


def _checked(plan: Plan) -> Plan:
    name = " ".join(plan.name.split())
    if not name or len(name) > 200:
        raise InvalidInput("a site needs a name, of at most 200 characters")
    if not 1 <= len(plan.origins) <= MOST_ORIGINS:
        raise InvalidInput(f"a site has between 1 and {MOST_ORIGINS} origins")
    if (plan.algorithm is None) != (plan.public_key is None):
        raise InvalidInput("give the algorithm and the public key together, or neither")
    key = None
    if plan.algorithm is not None and plan.public_key is not None:
        key = vouching.checked_key(plan.algorithm, plan.public_key)
    return Plan(name, _distinct([origin_of(one) for one in plan.origins]), plan.algorithm, key)


def _allowed(plan: Plan, held: Site) -> Plan:
    """What an administrator may make of a site. Raises NotAllowed for what only the operator may:
    no role lets anybody read as somebody else."""
    signs = (held.algorithm, held.public_key)
    if plan.public_key is not None and (plan.algorithm, plan.public_key) != signs:
        raise _for_operator()
    if held.public_key is not None and not set(plan.origins) <= set(held.origins):
        raise NotAllowed(
            "this site signs who is asking: only the operator of the service gives it further "
            "origins, by making it anew with whoknows site create"
        )
    return replace(plan, algorithm=held.algorithm, public_key=held.public_key)


def _for_operator() -> NotAllowed:
    return NotAllowed(
        "only the operator of the service says with what a site signs who is asking: whoknows site "
        "create --algorithm … --public-key …; leave out the algorithm and the public key here"
    )


def _distinct(origins: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(origins))


def _held(connection: Connection, site_id: int) -> Site:
    found = store.get(connection, site_id)
    if found is None:
        raise NotFound(f"there is no site {site_id}")
    return found


def _proven(connection: Connection, site: Site, proof: str, now: datetime) -> Person:
    try:
        address = vouching.address(proof, site, now)
    except vouching.Unproven as error:
        raise _unproven() from error
    # By the directory alone: what documents say of addresses opens nothing.
    person_id = people.vouched(connection, clean_email(address), "", None)
    if person_id is None or accounts.disabled(connection, person_id):
        raise _unproven()
    return people.get(connection, person_id)


def _unproven() -> NotSignedIn:
    return NotSignedIn(
        "the site's token of who is asking has expired, is not signed as agreed, or names nobody "
        "of the directory"
    )
