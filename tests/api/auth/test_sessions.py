"""What a session opens over HTTP, and what other sites' pages cannot do with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message
from starlette.types import Scope as Connection

from api.auth import cookies, csrf
from knowledge.identity import AccountRole
from knowledge.sessions import Browser
from knowledge.types import Scope
from tests.api.auth.signing import ADA, BEN, OWN, PUBLIC, House, house
from tests.knowledge.signing import PASSWORD, told

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests that change nothing but sessions."""
    with house(tmp_path_factory.mktemp("house")) as made:
        made.join()
        yield made


@pytest.fixture
def home(shared: House) -> House:
    shared.browser.cookies.clear()
    return shared


@pytest.fixture
def own(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


# What the cookie is


def test_it_is_kept_only_over_tls_for_this_host_and_hidden_from_scripts(home: House) -> None:
    told = home.sign_in().headers["set-cookie"]
    name, *attributes = [part.strip() for part in told.split(";")]
    assert name.startswith("__Host-whoknows=")
    kept = {part.partition("=")[0].lower(): part.partition("=")[2] for part in attributes}
    assert {"secure", "httponly"} <= kept.keys()
    assert (kept["path"], kept["samesite"].lower(), kept["max-age"]) == ("/", "lax", "86400")
    assert "domain" not in kept


def test_its_secret_stands_in_no_page_and_no_answer(home: House) -> None:
    secret = home.come_in()
    for path in ("/", "/account", "/api/v1/session", "/api/v1/sessions", "/nowhere"):
        answer = home.browser.get(path, headers={"Accept": "text/html"})
        assert secret not in answer.text
        assert secret not in str(answer.headers)


def test_each_sign_in_makes_another_and_ends_the_one_before(home: House) -> None:
    first = home.sign_in().cookies[cookies.SESSION]
    second = home.sign_in().cookies[cookies.SESSION]
    assert first != second
    other = home.another(cookies={cookies.SESSION: first})
    assert (home.who(), home.who(other)) == ("Ada Field", None)


def test_a_session_that_was_put_there_is_not_signed_in(home: House) -> None:
    """An attacker's secret in the victim's browser stays the attacker's."""
    planted = home.services.sessions.begin(home.person(BEN), "local", Browser())[1]
    home.keep(planted)
    assert home.sign_in().cookies[cookies.SESSION] != planted
    assert home.who() == "Ada Field"
    assert home.who(home.another(cookies={cookies.SESSION: planted})) is None


TOSSED = {
    "a no-break space before": b"\xa0%s=%s",
    "a no-break space after": b"%s\xa0=%s",
    "a next line before": b"\x85%s=%s",
    "a unit separator before": b"\x1f%s=%s",
    "a form feed before": b"\x0c%s=%s",
    "a vertical tab after": b"%s\x0b=%s",
    "nothing before the name": b"=%s=%s",
    "quotes": b'"%s"=%s',
}


def exactly(browser: TestClient, *sent: bytes) -> str | None:
    """Whom cookies mean, byte for byte: clients would send them in another encoding."""
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        told.append(message)

    scope: Connection = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/session",
        "query_string": b"",
    }
    scope["headers"] = [(b"cookie", cookie) for cookie in sent]
    asyncio.run(browser.app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in told)
    return json.loads(body)["person"]["name"] if told[0]["status"] == 200 else None


@pytest.mark.parametrize("name", TOSSED)
def test_a_name_that_browsers_take_for_another_is_another(home: House, name: str) -> None:
    """It lacks what the prefix promises: a neighbour may have put it there."""
    ada, ben = (
        home.services.sessions.begin(home.person(who), "local", Browser())[1].encode()
        for who in (ADA, BEN)
    )
    right = f"{cookies.SESSION}=".encode() + ada
    tossed = TOSSED[name] % (cookies.SESSION.encode(), ben)
    bare = home.another()
    assert exactly(bare, tossed) is None
    assert exactly(bare, right + b"; " + tossed) == "Ada Field"
    assert exactly(bare, tossed + b"; " + right) == "Ada Field"


def test_of_two_of_one_name_none_counts(home: House) -> None:
    name = cookies.SESSION.encode()
    ada, ben = (
        home.services.sessions.begin(home.person(who), "local", Browser())[1].encode()
        for who in (ADA, BEN)
    )
    bare = home.another()
    assert exactly(bare, b"a=b;\t" + name + b"=" + ada + b" ;c") == "Ada Field"
    for other in (ben, ada, b""):
        assert exactly(bare, name + b"=" + ada + b"; " + name + b"=" + other) is None
    assert exactly(bare, b"a=b", name + b"=" + ada) == "Ada Field"
    assert exactly(bare, name + b"=" + ada, name + b"=" + ben) is None


# Who sends it


@dataclass(frozen=True)
class Case:
    """A request with Ada's session. ``token``: right, wrong, another's, or none; ``where`` it is.
    ``status``: what it gets."""

    status: int
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=lambda: dict(OWN))
    token: str = "right"
    where: str = "header"


def sites(**headers: str) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


CASES: dict[str, Case] = {
    # From a page of ours, with its token.
    **{f"own page, {method}": Case(200, method) for method in UNSAFE},
    "own page, in a form": Case(200, where="form"),
    "own page that sends no referrer": Case(200, headers=OWN | {"Origin": "null"}),
    "own page, browser without Sec-Fetch-Site": Case(200, headers=sites(Origin=PUBLIC)),
    "own page, browser without Origin": Case(200, headers=sites(Sec_Fetch_Site="same-origin")),
    # With its token, but not from a page of ours.
    **{
        f"another site's page, {method}": Case(
            403, method, sites(Sec_Fetch_Site="cross-site", Origin="https://evil.example")
        )
        for method in UNSAFE
    },
    "a neighbour's page": Case(
        403, headers=sites(Sec_Fetch_Site="same-site", Origin="https://www.example.org")
    ),
    "typed into the address bar": Case(403, headers=sites(Sec_Fetch_Site="none")),
    "no browser's word at all": Case(403, headers={}),
    "an unknown word": Case(403, headers=sites(Sec_Fetch_Site="own")),
    "an empty word": Case(403, headers=sites(Sec_Fetch_Site="")),
    "the words disagree": Case(
        403, headers=sites(Sec_Fetch_Site="same-origin", Origin="https://evil.example")
    ),
    "the words disagree the other way": Case(
        403, headers=sites(Sec_Fetch_Site="cross-site", Origin=PUBLIC)
    ),
    "no site": Case(403, headers=sites(Origin="null")),
    "plain http": Case(403, headers=sites(Origin="http://knows.example.org")),
    "another port": Case(403, headers=sites(Origin=f"{PUBLIC}:8443")),
    "a longer name": Case(403, headers=sites(Origin=f"{PUBLIC}.evil.example")),
    "a shorter name": Case(403, headers=sites(Origin="https://example.org")),
    "a user before the name": Case(
        403, headers=sites(Origin="https://knows.example.org@evil.example")
    ),
    "the name that it is called by": Case(
        403, headers=sites(Origin="https://evil.example", Host="evil.example")
    ),
    "a referrer alone": Case(403, headers=sites(Referer=f"{PUBLIC}/")),
    # From a page of ours, without its token.
    **{f"no token, {method}": Case(403, method, token="none") for method in UNSAFE},
    "an empty token": Case(403, token="empty"),
    "a wrong token": Case(403, token="wrong"),
    "half a token": Case(403, token="half"),
    "a token that is no ASCII": Case(403, token="odd", where="form"),
    "another session's token": Case(403, token="another's"),
    "an earlier session's token": Case(403, token="earlier"),
    "the secret itself": Case(403, token="secret"),
    "a wrong token in a form": Case(403, token="wrong", where="form"),
    "the token in the address": Case(403, where="query"),
    "the token first in a form with a file": Case(200, where="before a file"),
    "the token after a file": Case(403, where="after a file"),
    "the token in a cookie": Case(403, where="cookie"),
    "the token in JSON": Case(403, where="json"),
    "the token in text/plain": Case(403, where="text"),
    # Reading needs no token; other sites' pages cannot look at the answer.
    "reading": Case(200, "GET", headers={}, token="none"),
    "reading by a link elsewhere": Case(
        200, "GET", sites(Sec_Fetch_Site="cross-site"), token="none"
    ),
    "the head only": Case(200, "HEAD", headers={}, token="none"),
}


@pytest.mark.parametrize("name", CASES)
def test_only_a_page_of_ours_changes_something(home: House, name: str) -> None:
    case = CASES[name]
    earlier = home.come_in()
    token = {
        "none": "",
        "empty": "",
        "wrong": "0" * 64,
        "odd": "ä" * 64,
        "another's": csrf.token_of("another secret"),
        "earlier": csrf.token_of(earlier),
    }
    secret = home.sign_in().cookies[cookies.SESSION]
    right = csrf.token_of(secret)
    told = token | {"right": right, "half": right[:32], "secret": secret}
    sent = told[case.token]
    headers: dict[str, str] = dict(case.headers)
    given: dict[str, Any] = {}
    if case.token != "none":
        match case.where:
            case "header":
                headers[csrf.HEADER] = sent
            case "form":
                given = {"data": {csrf.FIELD: sent}}
            case "before a file":
                given = {"data": {csrf.FIELD: sent}, "files": {"file": ("a.zip", b"x" * 9000)}}
            case "after a file":
                parts = [("file", ("a.zip", b"x" * 9)), (csrf.FIELD, (None, sent))]
                given = {"files": parts}
            case "query":
                given = {"params": {csrf.FIELD: sent}}
            case "json":
                given = {"json": {csrf.FIELD: sent}}
            case "text":
                given = {"content": f"{csrf.FIELD}={sent}"}
                headers["Content-Type"] = "text/plain"
            case "cookie":
                home.browser.cookies.set(csrf.FIELD, sent)
    answer = home.browser.request(case.method, "/probe", headers=headers, **given)
    assert answer.status_code == case.status, answer.text
    if case.status == 403:
        assert answer.json()["type"] == "/problems/not-allowed"
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_there_are_as_many_cases_as_were_promised() -> None:
    assert len(CASES) >= 40


def test_what_another_site_makes_a_session_send_is_told_in_the_audit(own: House) -> None:
    own.come_in()
    for headers in (sites(Sec_Fetch_Site="cross-site"), OWN):
        assert own.browser.post("/probe", headers=headers).status_code == 403
    own.services.later.flush()
    (denied,) = [one for one in told(own.services) if one[1] == "denied"]
    assert denied == (f"person:{own.person()}", "denied", "POST /probe")


@pytest.mark.parametrize("path", ["/sign-in/password", "/sign-out", "/invitations/x"])
@pytest.mark.parametrize(
    "headers",
    [
        sites(Sec_Fetch_Site="cross-site"),
        sites(Sec_Fetch_Site="same-site"),
        sites(Origin="https://evil.example"),
        sites(Origin="null"),
    ],
)
def test_another_site_signs_nobody_in_or_out(
    home: House, path: str, headers: dict[str, str]
) -> None:
    secret = home.come_in()
    form = {"email": ADA, "password": PASSWORD, csrf.FIELD: csrf.token_of(secret)}
    answer = home.browser.post(path, data=form, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert home.who() == "Ada Field"


def test_signing_out_needs_the_token_too(home: House) -> None:
    secret = home.come_in()
    assert home.browser.post("/sign-out", headers=OWN).status_code == 403
    assert home.who() == "Ada Field"
    gone = home.browser.post("/sign-out", headers=OWN, data={csrf.FIELD: csrf.token_of(secret)})
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    assert "Max-Age=0" in gone.headers["set-cookie"]
    assert home.who(home.another(cookies={cookies.SESSION: secret})) is None
    # Whoever is out already is not kept from the form.
    home.browser.cookies.clear()
    assert home.browser.post("/sign-out", headers=OWN).status_code == 303


# What it opens


def test_it_opens_what_its_person_may_do_now(own: House) -> None:
    own.come_in()
    assert own.browser.get("/import-probe").status_code == 403
    own.services.roles.grant(own.person(), AccountRole.CURATOR, "operator", source="wiki")
    assert own.browser.get("/import-probe").json() == f"person:{own.person()}"
    assert own.browser.get("/metrics").status_code == 403
    own.services.roles.grant(own.person(), AccountRole.ADMINISTRATOR, "operator")
    found = own.browser.get("/api/v1/session").json()
    assert found == {
        "person": {"id": own.person(), "name": "Ada Field"},
        "scopes": sorted(Scope),
        "administrator": True,
        "sources": ["wiki"],
        "topics": [],
        "csrf": csrf.token_of(own.browser.cookies[cookies.SESSION]),
    }
    own.services.roles.withdraw(own.person(), AccountRole.ADMINISTRATOR, "operator")
    assert own.browser.get("/metrics").status_code == 403


def test_a_token_in_the_header_is_never_helped_out_by_the_cookie(own: House) -> None:
    own.come_in()
    wrong = {"Authorization": "Bearer wk_revoked"}
    assert own.browser.get("/probe", headers=wrong).status_code == 401
    key = own.services.tokens.create("ci", [Scope.CAPTURE], email=BEN)[1]
    right = {"Authorization": f"Bearer {key}"}
    assert own.browser.post("/probe", headers=right).json()[0] == f"person:{own.person(BEN)}"


def test_who_is_disabled_is_out_with_the_next_request(own: House) -> None:
    own.come_in()
    assert own.who() == "Ada Field"
    own.services.accounts.disable(own.person(), "operator")
    assert own.who() is None


def test_one_s_own_sessions_are_listed_and_ended(own: House) -> None:
    here = own.come_in()
    there = own.another(headers={"User-Agent": "A telephone"})
    own.join()
    own.sign_in(browser=there)
    own.keep(here)
    assert own.who() is None  # choosing a password has ended it
    here = own.come_in()
    ben = own.services.sessions.begin(own.person(BEN), "local", Browser())[0]
    held = own.browser.get("/api/v1/sessions").json()["sessions"]
    assert [(one["agent"], one["current"]) for one in held] == [
        ("", True),
        ("A telephone", False),
        ("", False),
    ]
    proof = OWN | {csrf.HEADER: csrf.token_of(here)}
    for key, status in ((ben.id, 404), (999, 404), (held[1]["id"], 204), (held[1]["id"], 204)):
        answer = own.browser.delete(f"/api/v1/sessions/{key}", headers=proof)
        assert answer.status_code == status
    assert own.who(there) is None
    assert own.who() == "Ada Field"
    assert own.browser.delete(f"/api/v1/sessions/{held[0]['id']}", headers=proof).status_code == 204
    assert own.who() is None


def test_a_token_of_nobody_has_no_sessions(own: House) -> None:
    key = own.services.tokens.create("ci", [Scope.SEARCH, Scope.CAPTURE])[1]
    ask = own.another(headers={"Authorization": f"Bearer {key}"})
    found = ask.get("/api/v1/session").json()
    assert (found["person"], found["csrf"]) == (None, None)
    assert found["scopes"] == ["capture", "search"]
    assert ask.get("/api/v1/sessions").status_code == 403
    assert ask.delete("/api/v1/sessions/1").status_code == 403
    assert ask.get("/account", headers={"Accept": "text/html"}).status_code == 403


def test_a_browser_is_led_to_the_form_and_back(home: House) -> None:
    page = {"Accept": "text/html,*/*;q=0.8"}
    asked = home.browser.get("/page-probe?a=b&c=d", headers=page)
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/sign-in?next=%2Fpage-probe%3Fa%3Db%26c%3Dd",
    )
    form = home.browser.get(asked.headers["location"])
    assert 'value="/page-probe?a=b&amp;c=d"' in form.text
    assert home.browser.get("/api/v1/session", headers=page).status_code == 401
    assert home.browser.get("/page-probe").status_code == 401
    assert home.browser.post("/probe", headers=page).status_code == 401
