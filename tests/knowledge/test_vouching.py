"""What a site's token proves, and every way in which it proves nothing."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from knowledge.errors import InvalidInput
from knowledge.identity import Algorithm, Site
from knowledge.vouching import Unproven, address, checked_key
from tests.knowledge.vouchers import NOW, claims, key, public, signed

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


def site(algorithm: str = "ES256") -> Site:
    return Site(
        1, "Intranet", "wks_a", ("https://a.example",), NOW, Algorithm(algorithm), public(algorithm)
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_the_site_signed_names_somebody(algorithm: str) -> None:
    told = site(algorithm)
    assert address(signed(told), told, NOW) == "ada@example.org"
    by_email = signed(told, sub="7", email="ben@example.org", jti="x", groups=["vault"])
    assert address(by_email, told, NOW) == "ben@example.org"
    assert address(signed(told, aud=["other", told.key]), told, NOW) == "ada@example.org"


@pytest.mark.parametrize("seconds", [-60, 0, 359])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)
    assert address(signed(site()), site(), now) == "ada@example.org"


@pytest.mark.parametrize("seconds", [-61, 360, 10**6])
def test_and_no_more_than_that(seconds: int) -> None:
    with pytest.raises(Unproven):
        address(signed(site()), site(), NOW + timedelta(seconds=seconds))


AT = int(NOW.timestamp())
WRONG: dict[str, dict[str, Any]] = {
    "no issuer": {"iss": None},
    "another issuer": {"iss": "wks_b"},
    "no audience": {"aud": None},
    "another audience": {"aud": "wks_b"},
    "an audience that is a prefix": {"aud": "wks_"},
    "no audiences": {"aud": []},
    "no time of issue": {"iat": None},
    "no end": {"exp": None},
    "a long life": {"exp": AT + 901},
    "no life": {"exp": AT},
    "a life backwards": {"iat": AT + 30, "exp": AT + 20},
    "an end that is a word": {"exp": "never"},
    "an end without end": {"exp": float("inf")},
    "an end that is no number": {"exp": float("nan")},
    "an end that is true": {"exp": True},
    "an issue that is a word": {"iat": "now"},
    "not before tomorrow": {"nbf": AT + 86_400},
    "nobody": {"sub": None},
    "somebody blank": {"sub": ""},
    "a number": {"sub": 7},
    "many": {"sub": ["ada@example.org"]},
    "an address that is none": {"email": {"a": 1}},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_what_says_anything_else_proves_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(Unproven):
        address(signed(site(), **changes), site(), NOW)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("agreed", ALGORITHMS)
def test_only_the_agreed_algorithm_does(algorithm: str, agreed: str) -> None:
    told, other = site(agreed), site(algorithm)
    # One key of RSA serves both of its algorithms, and still only one is agreed.
    if {algorithm, agreed} == {"RS256", "PS256"}:
        other = replace(other, public_key=told.public_key)
        token = signed(other, by=key(agreed))
    else:
        token = signed(other)
    if algorithm == agreed:
        assert address(token, told, NOW) == "ada@example.org"
    else:
        with pytest.raises(Unproven):
            address(token, told, NOW)


def _b64(told: bytes) -> str:
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode()


def _unsigned(header: dict[str, Any]) -> str:
    body = _b64(json.dumps(claims(site())).encode())
    return f"{_b64(json.dumps(header).encode())}.{body}."


def _with_the_public_key_as_secret() -> str:
    secret = OctKey.import_key(base64.urlsafe_b64encode(public("RS256").encode()).decode())
    return jwt.encode({"alg": "HS256"}, claims(site()), secret, algorithms=["HS256"])


def _with_a_key_of_its_own() -> str:
    own = key("ES256", 1)
    header = {"alg": "ES256", "jwk": own.as_dict(private=False)}
    return jwt.encode(header, claims(site()), own, algorithms=["ES256"])


def _changed(at: int) -> str:
    parts = signed(site()).split(".")
    parts[at] = parts[at][:-3] + ("AAA" if parts[at][-3:] != "AAA" else "BBB")
    return ".".join(parts)


FORGED: dict[str, Any] = {
    "another key": lambda: signed(site(), by=key("ES256", 1)),
    "no signature": lambda: _unsigned({"alg": "none"}),
    "no signature in capitals": lambda: _unsigned({"alg": "NONE"}),
    "no algorithm": lambda: _unsigned({"typ": "JWT"}),
    "a signature left out": lambda: signed(site()).rpartition(".")[0] + ".",
    "the public key as a secret": _with_the_public_key_as_secret,
    "a key that it brings along": _with_a_key_of_its_own,
    "a changed header": lambda: _changed(0),
    "a changed body": lambda: _changed(1),
    "a changed signature": lambda: _changed(2),
    "no JSON": lambda: jws.serialize_compact({"alg": "ES256"}, b"x", key("ES256"), ["ES256"]),
    "a list": lambda: jws.serialize_compact({"alg": "ES256"}, b"[1]", key("ES256"), ["ES256"]),
    "a deep list": lambda: jws.serialize_compact(
        {"alg": "ES256"}, b"[" * 2500 + b"]" * 2500, key("ES256"), ["ES256"]
    ),
    "nothing": lambda: "",
    "dots": lambda: "..",
    "four parts": lambda: signed(site()) + ".x",
    "letters": lambda: "ä.ö.ü",
    "half a letter": lambda: "\ud800.a.b",
    "too much": lambda: signed(site(), filler="x" * 8000),
}


@pytest.mark.parametrize("made", FORGED.values(), ids=FORGED)
def test_a_forgery_proves_nothing(made: Any) -> None:
    with pytest.raises(Unproven):
        address(made(), site(), NOW)


def test_a_site_that_agreed_on_nothing_proves_nothing() -> None:
    token = signed(site())
    with pytest.raises(Unproven):
        address(token, replace(site(), algorithm=None, public_key=None), NOW)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_that_fits_is_kept(algorithm: str) -> None:
    assert checked_key(Algorithm(algorithm), f"\n {public(algorithm)}\n") == public(algorithm)


def _pem(made: Any, private: bool = False) -> str:
    return str(made.as_pem(private=private).decode())


@pytest.mark.parametrize(
    ("algorithm", "pem", "said"),
    [
        ("ES256", _pem(key("RS256")), "no key for ES256"),
        ("RS256", _pem(key("ES256")), "no key for RS256"),
        ("ES256", _pem(ECKey.generate_key("P-384")), "P-256"),
        ("EdDSA", _pem(OKPKey.generate_key("Ed448")), "Ed25519"),
        ("EdDSA", _pem(OKPKey.generate_key("X25519")), "Ed25519"),
        ("ES256", _pem(key("ES256"), private=True), "private key, which stays"),
        ("RS256", "", "as PEM"),
        ("RS256", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "as PEM"),
        ("ES256", json.dumps(key("ES256").as_dict(private=False)), "as PEM"),
    ],
)
def test_a_key_that_does_not_fit_says_why(algorithm: str, pem: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        checked_key(Algorithm(algorithm), pem)
    assert "AAAA" not in str(caught.value)


def test_a_short_key_of_rsa_is_refused() -> None:
    with pytest.warns(match="2048"):
        short = _pem(RSAKey.generate_key(1024))
    with pytest.raises(InvalidInput, match="at least 2048 bits"):
        checked_key(Algorithm.PS256, short)
