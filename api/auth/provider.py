"""What an OpenID provider says of itself: where its endpoints are, and its keys."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx2
from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.auth.fetching import Unusable, json_object, options
from api.auth.origin import is_safe

_FRESH_S = 3600.0
# So often an unknown key may make us look for new ones.
_AGAIN_S = 30.0
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Described:
    """A provider's metadata and keys, fetched when needed. Safe to share between threads."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def metadata(self) -> dict[str, Any]:
        """Raises Unusable, httpx2.HTTPError."""
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata[0] > _FRESH_S:
                self._metadata = (time.monotonic(), self._described())
            return self._metadata[1]

    def keys(self, *, renewed: bool = False) -> KeySet:
        """The keys that the provider signs with. ``renewed``: one was not among them.

        Raises Unusable, httpx2.HTTPError.
        """
        uri = self.metadata()["jwks_uri"]
        with self._lock:
            age = time.monotonic() - self._keys[0] if self._keys else None
            if self._keys is None or age is None or age > (_AGAIN_S if renewed else _FRESH_S):
                try:
                    keys = KeySet.import_key_set(self._get(uri))  # type: ignore[arg-type]
                except (JoseError, KeyError, TypeError, ValueError) as error:
                    raise Unusable(f"the keys at {uri} cannot be used: {error}") from error
                self._keys = (time.monotonic(), keys)
            return self._keys[1]

    def _described(self) -> dict[str, Any]:
        told = self._get(get_well_known_url(self.issuer, external=True))
        if told.get("issuer") != self.issuer:
            raise Unusable(f"the provider calls itself {told.get('issuer')!r}, not {self.issuer!r}")
        for name in (*_NEEDED, "userinfo_endpoint"):
            url = told.get(name)
            if url is None and name not in _NEEDED:
                continue
            if not isinstance(url, str) or not is_safe(url):
                raise Unusable(f"the provider's {name} is {url!r}")
        return told

    def _get(self, url: str) -> dict[str, Any]:
        with httpx2.Client(**options()) as client:
            return json_object(client.get(url))
