"""Who guesses has to wait ever longer: for an address, for where the guesses come from, and for
both together.

Both together are slowed soonest, so that who does not know somebody's password cannot keep them
out from elsewhere; nor can many who guess from everywhere keep them out of where they signed in
lately. What has failed counts half after each hour. An attempt counts before it is looked at and is
given back if it was right: so many at once are no way around. What is refused is not counted, nor
written down anywhere.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from sqlalchemy import Connection

from knowledge.errors import TooMany
from knowledge.store import failures
from knowledge.store.database import Database

_FORGOTTEN_AFTER = timedelta(days=1)
_HALF_LIFE = timedelta(hours=1)
# So long whoever signed in somewhere is known there.
KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` attempts are taken at once; each further one waits twice as long as the one before,
    at most ``most_s``."""

    free: int
    most_s: int

    def wait_s(self, failed: int) -> int:
        """Seconds to wait after so many failures."""
        over = failed - self.free
        return 0 if over < 0 else min(2 ** min(over, 30), self.most_s)


_BOTH = Patience(5, 900)
_ADDRESS = Patience(30, 60)
_CLIENT = Patience(30, 60)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was let through, by the digests that it counts for; ``known``: that of an address
    which is known where it came from. ``counted``: as what attempt from there, ``before``: what had
    failed there until then, and when last."""

    both: str
    address: str
    client: str
    known: str
    at: datetime
    counted: int = 1
    before: tuple[int, datetime] | None = None


class Throttle:
    """Counts attempts. Safe to share between threads."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def attempt(self, client: str, address: str = "") -> Attempt:
        """Count an attempt. ``client``: where from; ``address``: whose account, if it is of one.

        Raises TooMany.
        """
        now, client = self._now(), place(client)
        made = Attempt(
            _digest("both", client, address),
            _digest("address", address),
            _digest("client", client),
            _digest("known", client, address) if address else "",
            now,
        )
        with self._database.read() as connection:
            _check(connection, _limits(connection, made), now)
        with self._database.write() as connection:
            limits = _limits(connection, made)
            held = _check(connection, limits, now)
            failures.forget_before(connection, now - _FORGOTTEN_AFTER, now - KNOWN_FOR)
            counted = {key: _left(held.get(key), now) + 1 for key in limits}
            for key, count in counted.items():
                failures.put(connection, key, count, now)
        return replace(made, counted=counted[made.client], before=held.get(made.client))

    def right(self, connection: Connection, attempt: Attempt) -> None:
        """Give an attempt back that was right, in the transaction that signs in. Where from it came
        is only given this one back: else somebody's own account would wash guesses clean."""
        failures.forget(connection, (attempt.both, attempt.address))
        if attempt.known:
            failures.know(connection, attempt.known, attempt.at)
        held = failures.of(connection, [attempt.client]).get(attempt.client)
        if held == (attempt.counted, attempt.at):
            count, at = attempt.before or (0, attempt.at)
            failures.put(connection, attempt.client, count, at)
        elif held is not None:
            failures.put(connection, attempt.client, held[0] - 1, held[1])


def _limits(connection: Connection, made: Attempt) -> dict[str, Patience]:
    """What an attempt counts for."""
    limits = {made.client: _CLIENT}
    if made.known:
        limits[made.both] = _BOTH
        at = failures.known(connection, made.known)
        if at is None or at < made.at - KNOWN_FOR:
            limits[made.address] = _ADDRESS
    return limits


def _check(
    connection: Connection, limits: dict[str, Patience], now: datetime
) -> dict[str, tuple[int, datetime]]:
    """How often each has failed and when last. Raises TooMany."""
    held = failures.of(connection, limits)
    waits = [
        (one[1] + timedelta(seconds=limits[key].wait_s(_left(one, now))) - now).total_seconds()
        for key, one in held.items()
    ]
    left = math.ceil(max(waits, default=0))
    if left > 0:
        raise TooMany(f"that did not work too often; try again in {left} s", left)
    return held


def _left(held: tuple[int, datetime] | None, now: datetime) -> int:
    """How many of what has failed still count."""
    if held is None or held[1] < now - _FORGOTTEN_AFTER:
        return 0
    count, at = held
    return count >> max(0, (now - at) // _HALF_LIFE)


def place(client: str) -> str:
    """Where from, as far as it costs something to come from elsewhere: of IPv6 addresses everybody
    has as many as the last 64 bits hold."""
    try:
        found = ip_address(client)
    except ValueError:
        return client
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found) >> 64 << 64, 64)))


def _digest(kind: str, *parts: str) -> str:
    told = "\n".join((kind, *parts))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
