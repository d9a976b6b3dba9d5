"""A request that is sent again, because its answer was lost, makes nothing a second time.

The caller gives each request a key. What it made is remembered in the transaction that made it, and
write transactions run one after the other: so a repetition, however soon, finds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from knowledge.errors import InvalidInput
from knowledge.store import requests as store

REMEMBERED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RequestKey:
    """``key`` is the caller's own, ``fingerprint`` (SHA-256 in hex) of all that was asked."""

    owner: str
    key: str
    fingerprint: str


class Repeated(Exception):
    """Ends a transaction whose work is done already; ``made`` names what it made. Never leaves
    the use case."""

    def __init__(self, made: str) -> None:
        super().__init__(made)
        self.made = made


def made_before(connection: Connection, key: RequestKey | None, now: datetime) -> str | None:
    """What this request made when it came before; None when it is new or has no key.

    Raises InvalidInput when the key came with another request.
    """
    found = key and store.find(connection, key.owner, key.key, now - REMEMBERED)
    if not key or not found:
        return None
    fingerprint, made = found
    if fingerprint != key.fingerprint:
        raise InvalidInput(
            "this Idempotency-Key came with another request before; give each request its own"
        )
    return made


def begin(connection: Connection, key: RequestKey | None, now: datetime) -> None:
    """At the start of a transaction. Raises Repeated for a request that came before."""
    made = made_before(connection, key, now)
    if made is not None:
        raise Repeated(made)


def remember(connection: Connection, key: RequestKey | None, made: str, now: datetime) -> None:
    """In the transaction that made it; what is too old is forgotten on the way."""
    if key is not None:
        store.forget_before(connection, now - REMEMBERED)
        store.add(connection, key.owner, key.key, key.fingerprint, made, now)
