"""What the backend of another site does: sign who is asking."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from knowledge.identity import Algorithm, Site

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@cache
def key(algorithm: str, number: int = 0) -> Any:
    """A pair of keys for an algorithm, made once."""
    del number  # another one each
    if algorithm == "ES256":
        return ECKey.generate_key("P-256")
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519")
    return RSAKey.generate_key(2048)


def public(algorithm: str) -> str:
    """Its public half, as PEM."""
    return str(key(algorithm).as_pem(private=False).decode())


def claims(site: Site, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """What a token says: that Ada asks, from now on for five minutes. None leaves a claim out."""
    at = int(now.timestamp())
    told = {"iss": site.key, "aud": site.key, "sub": "ada@example.org", "iat": at, "exp": at + 300}
    return {name: value for name, value in (told | changes).items() if value is not None}


def signed(site: Site, now: datetime = NOW, *, by: Any = None, **changes: Any) -> str:
    """A token of the site's."""
    assert site.algorithm is not None
    algorithm = site.algorithm.value
    told = claims(site, now, **changes)
    return jwt.encode({"alg": algorithm}, told, by or key(algorithm), algorithms=[algorithm])


def planned(algorithm: str | None) -> dict[str, Any]:
    """What a site is told of how it signs."""
    if algorithm is None:
        return {}
    return {"algorithm": Algorithm(algorithm), "public_key": public(algorithm)}
