"""What is fetched from an OpenID provider: so much, for so long, and nothing packed."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx2

from knowledge.errors import Busy

_LARGEST = 1_000_000
_SECONDS = 10.0
_UNREACHABLE = "the company's sign-in cannot be reached; try again in a moment"


class Unusable(Exception):
    """What a provider says cannot be trusted or understood. For the log, never for users."""


class _Bounded(httpx2.SyncByteStream):
    """An answer's body, cut off when it is too large or takes too long."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream
        self._until = time.monotonic() + _SECONDS

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        for part in self._stream:
            seen += len(part)
            if seen > _LARGEST or time.monotonic() > self._until:
                raise Unusable("the provider's answer is too large, or takes too long")
            yield part

    def close(self) -> None:
        self._stream.close()


def _bound(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unusable("the provider's answer is packed, which was not asked for")
    assert isinstance(response.stream, httpx2.SyncByteStream)
    response.stream = _Bounded(response.stream)


@cache
def _trust() -> ssl.SSLContext:
    """Whom TLS believes; slow to load."""
    return httpx2.create_ssl_context()


def options() -> dict[str, Any]:
    """For a client of httpx2: every request is bounded, and no redirect is followed."""
    return {
        "verify": _trust(),
        "timeout": httpx2.Timeout(5.0),
        "follow_redirects": False,
        "headers": {"Accept-Encoding": "identity", "Accept": "application/json"},
        "event_hooks": {"response": [_bound]},
    }


def unreachable() -> Busy:
    """What a user is told when the provider does not answer."""
    return Busy(_UNREACHABLE)


def json_object(response: httpx2.Response) -> dict[str, Any]:
    """The object that an answer holds. Raises Unusable."""
    try:
        told = response.json() if response.status_code == 200 else None
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{response.url} answers no JSON") from error
    if not isinstance(told, dict):
        raise Unusable(f"{response.url} answers {response.status_code}, not with an object")
    return told
