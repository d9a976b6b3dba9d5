"""Who is asking at another site, as that site's backend says it: a JSON web token, signed with the
site's key and good for minutes. It names a colleague, and nothing that it says gives them anything.
"""

from __future__ import annotations

import binascii
import math
import warnings
from datetime import datetime, timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from knowledge.errors import InvalidInput
from knowledge.identity import Algorithm, Site

# Its name is outdated, by RFC 9864, and what every library calls it.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)

LONGEST = timedelta(minutes=15)
SKEW = timedelta(seconds=60)
MAX_CHARS = 8000
_MIN_RSA_BITS = 2048


class Unproven(Exception):
    """What was sent proves nothing. Never leaves the use case."""


def checked_key(algorithm: Algorithm, pem: str) -> str:
    """A public key that fits the algorithm, as it is kept. Raises InvalidInput."""
    if "PRIVATE KEY" in pem:
        raise InvalidInput(
            "this is the private key, which stays with the site; give the public one"
        )
    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unfit(algorithm) from error
    match algorithm:
        case Algorithm.RS256 | Algorithm.PS256:
            fits = isinstance(key, RSAPublicKey) and key.key_size >= _MIN_RSA_BITS
        case Algorithm.ES256:
            fits = isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
        case Algorithm.EDDSA:
            fits = isinstance(key, Ed25519PublicKey)
    if not fits:
        raise _unfit(algorithm)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def address(told: str, site: Site, now: datetime) -> str:
    """The address of the colleague whom a token of the site's names. Raises Unproven.

    It must be signed with the site's key by exactly its algorithm, be made by it and for it (both
    say the site's key), and last at most a quarter of an hour.
    """
    if site.algorithm is None or site.public_key is None:
        raise Unproven
    if len(told) > MAX_CHARS:
        raise Unproven
    try:
        key = _key(site.algorithm, site.public_key)
        claims = jwt.decode(told, key, algorithms=[site.algorithm.value]).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(SKEW.total_seconds()),
            iss={"essential": True, "value": site.key},
            aud={"essential": True, "value": site.key},
            iat={"essential": True},
            exp={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError, TypeError, KeyError, binascii.Error, RecursionError) as error:
        raise Unproven from error
    # A life that is too long is refused from its first second on, not from its last.
    lasts = claims["exp"] - claims["iat"]
    if not (math.isfinite(lasts) and 0 < lasts <= LONGEST.total_seconds()):
        raise Unproven
    found = claims.get("email", claims.get("sub", ""))
    if not isinstance(found, str) or not found:
        raise Unproven
    return found


def _key(algorithm: Algorithm, pem: str) -> RSAKey | ECKey | OKPKey:
    match algorithm:
        case Algorithm.RS256 | Algorithm.PS256:
            return RSAKey.import_key(pem)
        case Algorithm.ES256:
            return ECKey.import_key(pem)
        case Algorithm.EDDSA:
            return OKPKey.import_key(pem)


def _unfit(algorithm: Algorithm) -> InvalidInput:
    return InvalidInput(
        f"this is no key for {algorithm.value}; give the site's public key as PEM: RSA of at least "
        f"{_MIN_RSA_BITS} bits for RS256 and PS256, P-256 for ES256, Ed25519 for EdDSA"
    )
