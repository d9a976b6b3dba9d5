"""Signing in at an OpenID provider: what a real one does, and what an attacker would like."""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.auth import cookies
from api.auth.oidc import Provider
from api.auth.sealing import Seal
from api.fairness import Fairness
from knowledge.identity import AccountRole
from knowledge.people import Profile
from knowledge.settings import ServeSettings
from knowledge.types import Scope
from tests.api.auth.providers import CLIENT_ID, PUBLIC, SECRET, Lying, agree, real
from tests.api.auth.signing import ADA, House, house
from tests.knowledge.signing import told

BEGIN, CALLBACK = "/sign-in/oidc", "/sign-in/oidc/callback"


def settings(issuer: str, **more: Any) -> dict[str, Any]:
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SECRET,
        "oidc_scopes": "openid email profile groups",
        "oidc_administrators": "whoknows-admins",
    } | more


def begin(browser: TestClient, after: str = "/?q=kiln") -> str:
    """Where the browser is sent."""
    answer = browser.get(BEGIN, params={"next": after})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def back(browser: TestClient, url: str) -> Response:
    answer: Response = browser.get(url.removeprefix(PUBLIC))
    return answer


def refused(answer: Response, status: int = 403) -> bool:
    assert answer.status_code == status, answer.text
    told = answer.headers.get_list("set-cookie")
    assert not [one for one in told if one.startswith(f"{cookies.SESSION}=")]
    assert "That did not work" in answer.text
    return True


# A real provider


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with real() as made:
        yield made


@pytest.fixture
def company(issuer: str, tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, **settings(issuer)) as made:
        yield made


@pytest.mark.slow
def test_somebody_signs_in_at_a_real_provider(company: House) -> None:
    url = begin(company.browser)
    asked = parse_qs(urlsplit(url).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{PUBLIC}{CALLBACK}"]
    done = back(company.browser, agree(url, "sub-ada"))
    assert (done.status_code, done.headers["location"]) == (303, "/?q=kiln")
    assert company.who() == "Ada Field"
    found = company.browser.get("/api/v1/session").json()
    assert (found["administrator"], found["scopes"]) == (True, sorted(Scope))
    # Groups of the directory and of the provider both count.
    assert company.browser.get("/probe").json()[1:] == ["board", "vault", "whoknows-admins"]


@pytest.mark.slow
def test_a_code_is_taken_once(company: House) -> None:
    url = begin(company.browser)
    kept = company.browser.cookies[cookies.OIDC]
    answer = agree(url, "sub-ada")
    assert back(company.browser, answer).status_code == 303
    # The browser has dropped what it kept; an attacker who has not gets no further.
    assert refused(back(company.browser, answer))
    other = company.another()
    other.cookies.set(cookies.OIDC, kept)
    assert refused(back(other, answer))
    assert company.who(other) is None


@pytest.mark.slow
def test_a_code_of_somebody_else_s_sign_in_is_of_no_use(company: House) -> None:
    """Injected into the victim's: the verifier is another one."""
    stolen = parse_qs(urlsplit(agree(begin(company.another()), "sub-ada")).query)["code"][0]
    state = parse_qs(urlsplit(begin(company.browser)).query)["state"][0]
    params = {"code": stolen, "state": state, "iss": company.services.settings.auth.oidc_issuer}
    assert refused(company.browser.get(CALLBACK, params=params))


@pytest.mark.slow
def test_an_unverified_address_of_somebody_else_opens_nothing(company: House) -> None:
    assert refused(back(company.browser, agree(begin(company.browser), "sub-mallory")))
    assert company.who() is None
    assert told(company.services)[-1] == ("nobody", "sign-in-failed", "nobody")


@pytest.mark.slow
def test_whom_the_directory_does_not_list_stays_outside(company: House) -> None:
    answer = back(company.browser, agree(begin(company.browser), "sub-new"))
    assert refused(answer)
    assert "the directory does not list your address" in answer.text


@pytest.mark.slow
def test_the_provider_can_be_the_directory(issuer: str, tmp_path: Path) -> None:
    with house(tmp_path, **settings(issuer, oidc_directory=True)) as made:
        assert back(made.browser, agree(begin(made.browser), "sub-new")).status_code == 303
        assert made.who() == "Nia Holt"
        other = made.another()
        assert refused(back(other, agree(begin(other), "sub-mallory")))


@pytest.mark.slow
def test_a_wrong_secret_of_ours_is_refused_there(issuer: str, tmp_path: Path) -> None:
    wrong = settings(issuer, oidc_client_secret="quite another secret")
    with house(tmp_path, **wrong) as made:
        assert refused(back(made.browser, agree(begin(made.browser), "sub-ada")))


# One that lies


@pytest.fixture(scope="module")
def _keys() -> Iterator[Lying]:
    made = Lying()
    yield made
    made.close()


@pytest.fixture
def lying(_keys: Lying) -> Lying:
    _keys.algorithm, _keys.sign = "RS256", _keys._signed
    _keys.userinfo = {"sub": "sub-ada", "groups": ["board"]}
    for held in (_keys.changes, _keys.header, _keys.metadata, _keys.answers, _keys.nonces):
        held.clear()
    _keys.asked.clear()
    return _keys


@pytest.fixture
def trusting(lying: Lying, tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, **settings(lying.issuer)) as made:
        yield made


@pytest.fixture(scope="module")
def _kept(_keys: Lying, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("kept"), **settings(_keys.issuer)) as made:
        yield made


@pytest.fixture
def closed(_kept: House, lying: Lying) -> House:
    """For tests in which nobody gets in."""
    _kept.browser.cookies.clear()
    return _kept


def come(
    company: House, lying: Lying, browser: TestClient | None = None, **answer: str
) -> Response:
    used = browser or company.browser
    return back(used, lying.agree(begin(used), **answer))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_signatures_of_these_algorithms_are_taken(
    trusting: House, lying: Lying, algorithm: str
) -> None:
    lying.algorithm = algorithm
    assert come(trusting, lying).status_code == 303
    assert trusting.who() == "Ada Field"


def changed(**changes: Any) -> Callable[[Lying], None]:
    return lambda lying: lying.changes.update(changes)


def signed(how: str) -> Callable[[Lying], None]:
    return lambda lying: setattr(lying, "sign", getattr(lying, how))


ATTACKS: dict[str, Callable[[Lying], None]] = {
    "another issuer": changed(iss="https://accounts.evil.example"),
    "no issuer": changed(iss=None),
    "an issuer with a slash more": lambda it: it.changes.update(iss=f"{it.issuer}/"),
    "another audience": changed(aud="another-service"),
    "no audience": changed(aud=None),
    "several audiences and no party": changed(aud=[CLIENT_ID, "another-service"]),
    "another party": changed(azp="another-service"),
    "another nonce": changed(nonce="another"),
    "no nonce": changed(nonce=None),
    "expired": changed(exp=int(time.time()) - 120),
    "no expiry": changed(exp=None),
    "from the future": changed(iat=int(time.time()) + 3600),
    "not yet valid": changed(nbf=int(time.time()) + 3600),
    "no subject": changed(sub=None),
    "an empty subject": changed(sub=""),
    "a subject that is none": changed(sub=7),
    "a subject without end": changed(sub="s" * 301),
    "for another access token": changed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "alg none": signed("unsigned"),
    "the public key as a secret": signed("confused"),
    "a key of somebody else": signed("foreign"),
    "an unknown key": lambda it: it.header.update(kid="unknown"),
    "userinfo of somebody else": lambda it: it.userinfo.update(sub="sub-ben"),
    "no token": lambda it: setattr(it, "sign", lambda *_: ""),
    "half a token": lambda it: setattr(it, "sign", lambda *_: "a.b"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_token_that_is_not_for_us_is_refused(closed: House, lying: Lying, attack: str) -> None:
    ATTACKS[attack](lying)
    assert refused(come(closed, lying))
    assert closed.who() is None


def test_a_signature_that_was_tampered_with_is_refused(closed: House, lying: Lying) -> None:
    def tampered(header: dict[str, Any], claims: dict[str, Any]) -> str:
        head, _, mark = lying._signed(header, claims).split(".")
        body = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "sub-ben"}).encode())
        return f"{head}.{body.decode().rstrip('=')}.{mark}"

    lying.sign = tampered
    assert refused(come(closed, lying))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"state": "another"}, "another sign-in"),
        ({"state": ""}, "another sign-in"),
        ({"state": "\ud7ff"}, "another sign-in"),
        ({"iss": "https://accounts.evil.example"}, "begin again"),
        ({"iss": ""}, "begin again"),
        ({"error": "access_denied"}, "begin again"),
    ],
)
def test_an_answer_that_is_not_ours_is_refused(
    closed: House, lying: Lying, answer: dict[str, str], why: str
) -> None:
    done = come(closed, lying, **answer)
    assert refused(done)
    assert why in done.text
    # No code was sent anywhere: that is what a mix-up is after.
    assert not [path for path, _ in lying.asked if path == "/token"]


def test_the_issuer_may_be_missing_only_where_it_is_never_named(
    closed: House, lying: Lying
) -> None:
    answer = lying.agree(begin(closed.browser)).replace("iss=", "ssi=")
    assert refused(back(closed.browser, answer))


def test_without_what_the_browser_kept_no_answer_is_taken(closed: House, lying: Lying) -> None:
    """Signing somebody else in as the attacker: their browser has begun nothing."""
    answer = lying.agree(begin(closed.browser))
    assert refused(back(closed.another(), answer))
    for kept in ("", "x", "e30=.x", closed.browser.cookies[cookies.OIDC][:-1] + "x"):
        other = closed.another()
        other.cookies.set(cookies.OIDC, kept)
        assert refused(back(other, answer))


def test_what_the_browser_kept_asks_the_provider_once(closed: House, lying: Lying) -> None:
    """Kept from the browser that drops it, it would ask as often as anybody likes."""
    answer = lying.agree(begin(closed.browser))
    kept = closed.browser.cookies[cookies.OIDC]
    lying.answers["/token"] = (400, {}, b'{"error": "invalid_grant"}')
    for _ in range(3):
        other = closed.another()
        other.cookies.set(cookies.OIDC, kept)
        assert refused(back(other, answer))
    assert [path for path, _ in lying.asked].count("/token") == 1


def test_who_asks_too_often_is_not_sent_on_to_the_provider(closed: House, lying: Lying) -> None:
    app: Any = closed.browser.app
    free = app.state.fairness
    app.state.fairness = Fairness(ServeSettings(sign_ins_per_minute=2), app.state.metrics)
    try:
        answer = lying.agree(begin(closed.browser))
        assert refused(back(closed.another(), answer))
        asked = len(lying.asked)
        for path in (answer, BEGIN):
            late = back(closed.browser, path)
            assert late.status_code == 429
            assert int(late.headers["retry-after"]) >= 1
        assert len(lying.asked) == asked
    finally:
        app.state.fairness = free


def test_whatever_came_of_it_what_was_kept_is_dropped(trusting: House, lying: Lying) -> None:
    for answer in ({}, {"state": "another"}):
        (dropped,) = [
            one
            for one in come(trusting, lying, **answer).headers.get_list("set-cookie")
            if one.startswith(f"{cookies.OIDC}=")
        ]
        assert "Max-Age=0" in dropped
        assert cookies.OIDC not in trusting.browser.cookies


def test_what_is_kept_is_hidden_and_lasts_ten_minutes(
    closed: House, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = closed.browser.get(BEGIN).headers["set-cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert part in told
    assert "Domain" not in told
    answer = lying.agree(begin(closed.browser))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)
    assert refused(back(closed.browser, answer))


def test_another_worker_can_finish(trusting: House, lying: Lying, tmp_path: Path) -> None:
    door = trusting.browser.app.state.door  # type: ignore[attr-defined]
    url = begin(trusting.browser)
    seal = Seal(tmp_path)
    door.provider = Provider(trusting.services.settings.auth, SECRET, seal)
    assert back(trusting.browser, lying.agree(url)).status_code == 303
    assert (tmp_path / "sign-in.key").stat().st_mode & 0o777 == 0o600


def test_nobody_is_sent_to_another_site(trusting: House, lying: Lying) -> None:
    for after in ("https://evil.example", "//evil.example", "/\\evil.example"):
        done = back(trusting.browser, lying.agree(begin(trusting.browser, after)))
        assert done.headers["location"] == "/"


# Who it is


def test_after_the_first_time_only_issuer_and_subject_count(trusting: House, lying: Lying) -> None:
    assert come(trusting, lying).status_code == 303
    # The provider calls them otherwise now, and verifies nothing.
    lying.changes.update(email="ben@example.org", email_verified=False)
    assert come(trusting, lying).status_code == 303
    assert trusting.who() == "Ada Field"


def test_whoever_gets_an_address_does_not_get_its_former_owner(
    trusting: House, lying: Lying
) -> None:
    assert come(trusting, lying).status_code == 303
    lying.changes.update(sub="sub-other")
    lying.userinfo.update(sub="sub-other")
    other = trusting.another()
    answer = come(trusting, lying, other)
    assert refused(answer)
    assert "somebody who signed in with another account" in answer.text
    trusting.services.identities.forget(trusting.person(), "operator")
    assert come(trusting, lying, other).status_code == 303


@pytest.mark.parametrize("said", [False, None, "true", 1])
def test_an_address_counts_only_if_the_provider_has_verified_it(
    closed: House, lying: Lying, said: object
) -> None:
    lying.changes["email_verified"] = said
    assert refused(come(closed, lying))


@pytest.mark.parametrize(
    ("token", "userinfo"),
    [
        ({"email_verified": None}, {"email": "zed@example.org", "email_verified": True}),
        ({"email_verified": None}, {"email_verified": True}),
        ({"email_verified": False}, {"email": ADA, "email_verified": True}),
        ({"email": None}, {"email": ADA}),
        ({"email": None}, {"email": ADA, "email_verified": False}),
    ],
)
def test_what_is_said_of_one_address_vouches_for_no_other(
    closed: House, lying: Lying, token: dict[str, Any], userinfo: dict[str, Any]
) -> None:
    lying.changes.update(token)
    lying.userinfo.update(userinfo)
    assert refused(come(closed, lying))


@pytest.mark.parametrize("token", [{"email": None}, {"email_verified": None}])
def test_the_provider_is_asked_for_what_its_token_leaves_out(
    trusting: House, lying: Lying, token: dict[str, Any]
) -> None:
    lying.changes.update(groups=[], **token)
    lying.userinfo.update(email=ADA, email_verified=True)
    assert come(trusting, lying).status_code == 303
    assert trusting.who() == "Ada Field"


def test_an_address_that_only_documents_know_opens_nothing(trusting: House, lying: Lying) -> None:
    from tests.builders import document

    list(trusting.services.capture.ingest([document("a", "Words of Ada.")]))
    trusting.services.directory.put(
        Profile("Ada Field", "ada.field@example.org", other_emails=(ADA,))
    )
    assert come(trusting, lying).status_code == 303
    lying.changes.update(email="zed@example.org", sub="zed")
    lying.userinfo.update(sub="zed")
    assert refused(come(trusting, lying, trusting.another()))


def test_who_is_disabled_is_refused(trusting: House, lying: Lying) -> None:
    assert come(trusting, lying).status_code == 303
    trusting.services.accounts.disable(trusting.person(), "operator")
    assert trusting.who() is None
    answer = come(trusting, lying)
    assert refused(answer)
    assert "disabled" in answer.text
    assert told(trusting.services)[-1] == (
        "nobody",
        "sign-in-failed",
        f"person:{trusting.person()}",
    )


def test_groups_and_the_administrator_are_those_of_the_last_sign_in(
    trusting: House, lying: Lying
) -> None:
    def groups() -> list[str]:
        found: list[str] = trusting.browser.get("/probe").json()[1:]
        return found

    lying.userinfo["groups"] = ["board", "whoknows-admins", "no group at all", 7]
    come(trusting, lying)
    assert groups() == ["board", "vault", "whoknows-admins"]
    assert trusting.services.roles.of(trusting.person()).administrator
    lying.userinfo["groups"] = "kiln"
    come(trusting, lying)
    assert groups() == ["kiln", "vault"]
    assert not trusting.services.roles.of(trusting.person()).administrator
    # Nothing is said: nothing is left.
    del lying.userinfo["groups"]
    come(trusting, lying)
    assert groups() == ["vault"]
    # What was granted here is not the provider's to take.
    trusting.services.roles.grant(trusting.person(), AccountRole.ADMINISTRATOR, "operator")
    come(trusting, lying)
    assert trusting.services.roles.of(trusting.person()).administrator


def test_signing_in_again_rotates_the_session(trusting: House, lying: Lying) -> None:
    come(trusting, lying)
    before = trusting.browser.cookies[cookies.SESSION]
    come(trusting, lying)
    assert trusting.browser.cookies[cookies.SESSION] != before
    other = trusting.another()
    other.cookies.set(cookies.SESSION, before)
    assert trusting.who(other) is None


# What is fetched

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "answer", "status"),
    [
        ("/.well-known/openid-configuration", (404, JSON, b"{}"), 403),
        ("/.well-known/openid-configuration", (200, JSON, b"[]"), 403),
        ("/.well-known/openid-configuration", (200, JSON, b"[" * 100_000), 403),
        ("/.well-known/openid-configuration", (200, JSON, b" " * 1_000_001), 403),
        ("/.well-known/openid-configuration", (302, {"Location": "/keys"}, b""), 403),
        (
            "/.well-known/openid-configuration",
            (200, JSON | {"Content-Encoding": "gzip"}, gzip.compress(b" " * 10_000_000)),
            403,
        ),
    ],
)
def test_what_a_provider_says_of_itself_is_bounded(
    trusting: House, lying: Lying, path: str, answer: tuple[int, dict[str, str], bytes], status: int
) -> None:
    lying.answers[path] = answer
    assert refused(trusting.browser.get(BEGIN), status)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://accounts.evil.example"},
        {"token_endpoint": "http://accounts.evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": "file:///etc/passwd"},
    ],
)
def test_a_provider_that_leads_elsewhere_is_refused(
    trusting: House, lying: Lying, metadata: dict[str, Any]
) -> None:
    lying.metadata.update(metadata)
    assert refused(trusting.browser.get(BEGIN))


@pytest.mark.parametrize("path", ["/token", "/keys", "/userinfo"])
@pytest.mark.parametrize(
    "answer", [(500, JSON, b"{}"), (200, JSON, b"no JSON"), (200, JSON, b"{}")]
)
def test_a_provider_that_stumbles_lets_nobody_in(
    trusting: House, lying: Lying, path: str, answer: tuple[int, dict[str, str], bytes]
) -> None:
    lying.answers[path] = answer
    assert come(trusting, lying).status_code in (403, 503)
    assert trusting.who() is None


def test_a_provider_that_is_gone_is_told_as_such(tmp_path: Path) -> None:
    gone = Lying()
    with house(tmp_path, **settings(gone.issuer)) as made:
        gone.close()
        answer = made.browser.get(BEGIN)
        assert refused(answer, 503)
        assert "cannot be reached" in answer.text
        assert "retry-after" in answer.headers
        # Others are not kept waiting by it.
        assert made.browser.get("/livez").status_code == 200


def test_new_keys_are_looked_for_once_in_a_while(
    trusting: House, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetched() -> int:
        return len([path for path, _ in lying.asked if path == "/keys"])

    assert come(trusting, lying).status_code == 303
    lying.header["kid"] = "new"
    assert refused(come(trusting, lying))
    assert fetched() == 1
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 31)
    assert refused(come(trusting, lying))
    assert refused(come(trusting, lying))
    assert fetched() == 2


def test_where_there_is_no_provider_nobody_signs_in_at_one(tmp_path: Path) -> None:
    with house(tmp_path) as made:
        assert made.browser.get(BEGIN).status_code == 404
        assert made.browser.get(CALLBACK).status_code == 404
        assert "Sign in with your company" not in made.browser.get("/sign-in").text
