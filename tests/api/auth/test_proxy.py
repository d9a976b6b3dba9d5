"""A proxy that says who asks: believed by its own address, and nobody else is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.auth import cookies, csrf
from api.auth.proxy import Proxies
from knowledge.errors import InvalidSettings
from knowledge.settings import AuthSettings
from tests.api.auth.signing import ADA, BEN, OWN, House, house

AUTH = {
    "proxies": "10.1.0.0/28, 2001:db8::/64",
    "proxy_user_header": "X-Company-User",
    "proxy_groups_header": "X-Company-Groups",
}
INSIDE = ("10.1.0.3", "10.1.0.15", "2001:db8::7", "::ffff:10.1.0.3")
OUTSIDE = ("10.1.0.16", "10.2.0.3", "192.0.2.1", "127.0.0.1", "2001:db9::7", "testclient", "")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house"), **AUTH) as made:
        yield made


def at(home: House, address: str, **headers: str) -> TestClient:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return home.another(client=(address, 50000), headers=told)


@pytest.mark.parametrize("address", INSIDE)
def test_a_proxy_of_ours_says_who_asks(home: House, address: str) -> None:
    asks = at(home, address, X_Company_User=" Ada@Example.org ")
    assert home.who(asks) == "Ada Field"
    assert asks.get("/probe").json() == [f"person:{home.person()}", "vault"]


@pytest.mark.parametrize("address", OUTSIDE)
@pytest.mark.parametrize(
    "headers",
    [
        {"X_Company_User": ADA},
        {"X_Company_User": ""},
        {"X_Company_Groups": "vault"},
        {"X_Company_User": ADA, "X_Forwarded_For": "10.1.0.3"},
        {"X_Company_User": ADA, "Forwarded": "for=10.1.0.3", "X_Real_IP": "10.1.0.3"},
    ],
)
def test_nobody_else_does_and_is_refused(
    home: House, address: str, headers: dict[str, str]
) -> None:
    answer = at(home, address, **headers).get("/api/v1/session")
    assert answer.status_code == 403
    assert "leave X-Company-User out" in answer.json()["detail"]


def test_a_token_or_a_session_does_not_make_up_for_it(home: House) -> None:
    from knowledge.types import Scope

    key = home.services.tokens.create("ci", [Scope.SEARCH], email=ADA)[1]
    secret = home.come_in()
    for more in ({"Authorization": f"Bearer {key}"}, {"Cookie": f"{cookies.SESSION}={secret}"}):
        asks = at(home, "192.0.2.1")
        assert home.who(asks, headers=more) == "Ada Field"
        answer = asks.get("/api/v1/session", headers=more | {"X-Company-User": ADA})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "address", ["", "nobody@example.org", "ada", "ada@example.org,ben@example.org", "\t"]
)
def test_who_is_not_in_the_directory_is_refused(home: House, address: str) -> None:
    answer = at(home, "10.1.0.3", X_Company_User=address).get("/api/v1/session")
    assert answer.status_code == 403
    assert "the directory does not list" in answer.json()["detail"]


def test_a_header_twice_is_refused(home: House) -> None:
    asks = home.another(client=("10.1.0.3", 1))
    for name in ("X-Company-User", "X-Company-Groups"):
        headers = [("X-Company-User", ADA), (name, BEN), ("X-Company-Groups", "a")]
        assert asks.get("/api/v1/session", headers=headers).status_code == 403


def test_groups_that_it_says_count_beside_those_of_the_directory(home: House) -> None:
    told = {"X_Company_User": ADA, "X_Company_Groups": " board, no group at all,,kiln"}
    assert at(home, "10.1.0.3", **told).get("/probe").json()[1:] == ["board", "kiln", "vault"]
    # Only for as long as it says so.
    assert at(home, "10.1.0.3", X_Company_User=ADA).get("/probe").json()[1:] == ["vault"]


def test_without_the_header_nobody_is_signed_in(home: House) -> None:
    assert at(home, "10.1.0.3").get("/api/v1/session").status_code == 401


def test_who_is_disabled_is_out_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    with house(tmp_path_factory.mktemp("own"), **AUTH) as own:
        asks = at(own, "10.1.0.3", X_Company_User=ADA)
        assert own.who(asks) == "Ada Field"
        own.services.accounts.disable(own.person(), "operator")
        assert asks.get("/api/v1/session").status_code == 403


def test_a_session_goes_before_it_and_one_that_has_ended_does_not(home: House) -> None:
    secret = home.come_in(BEN)
    asks = at(home, "10.1.0.3", X_Company_User=ADA)
    asks.cookies.set(cookies.SESSION, secret)
    assert home.who(asks) == "Ben Osei"
    home.services.sessions.sign_out(secret)
    assert home.who(asks) == "Ada Field"


def test_pages_of_other_sites_change_nothing(home: House) -> None:
    """The browser tells the proxy who it is, whoever wrote the page."""
    asks = at(home, "10.1.0.3", X_Company_User=ADA)
    proof = {csrf.HEADER: asks.get("/api/v1/session").json()["csrf"]}
    ben = at(home, "10.1.0.3", X_Company_User=BEN)
    assert asks.post("/probe", headers=OWN | proof).status_code == 200
    assert asks.post("/probe", headers=OWN).status_code == 403
    assert asks.post("/probe", headers=proof).status_code == 403
    assert asks.post("/probe", headers=proof | {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert ben.post("/probe", headers=OWN | proof).status_code == 403


def test_who_has_no_password_there_is_refused_one_and_the_audit_is_told(home: House) -> None:
    asks = at(home, INSIDE[0], X_Company_User=BEN)
    sent = {csrf.HEADER: asks.get("/api/v1/session").json()["csrf"]} | OWN
    refused = asks.post("/account/password", data={"current": "x"}, headers=sent)
    assert refused.status_code == 422
    assert "only who signed in on the page" in refused.text
    home.services.later.flush()
    told = [(one.actor, one.subject) for one in home.services.journal.newest(9)]
    assert (f"person:{home.person(BEN)}", "POST /account/password") in told


def test_where_a_request_comes_from_is_the_proxy_s_word_only(home: House) -> None:
    """It slows down who guesses; whoever is no proxy could be anybody by it."""
    proxies = home.browser.app.state.door.proxies  # type: ignore[attr-defined]

    def client(peer: str, *way: str) -> str:
        from starlette.requests import Request

        headers = [(b"x-forwarded-for", one.encode()) for one in way]
        scope = {"type": "http", "headers": headers, "client": (peer, 1)}
        return str(proxies.client(Request(scope)))

    assert client("192.0.2.1", "198.51.100.1") == "192.0.2.1"
    assert client("10.1.0.3") == "10.1.0.3"
    assert client("10.1.0.3", "198.51.100.1") == "198.51.100.1"
    assert client("10.1.0.3", "10.9.9.9, 198.51.100.1, 10.1.0.4") == "198.51.100.1"
    assert client("10.1.0.3", "10.9.9.9", "198.51.100.1") == "198.51.100.1"
    assert client("10.1.0.3", "x" * 500) == "x" * 100


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({"proxy_user_header": "X-User"}, "WHOKNOWS_AUTH_PROXIES"),
        ({"proxy_groups_header": "X-Groups", "proxies": "10.0.0.1"}, "PROXY_USER_HEADER"),
        ({"proxies": "everywhere"}, "WHOKNOWS_AUTH_PROXIES"),
        ({"proxies": "10.0.0.1/8"}, "has host bits set"),
    ],
)
def test_half_a_setting_is_refused(auth: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        Proxies(AuthSettings(**auth))


def test_where_it_is_not_set_up_the_header_means_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with house(tmp_path_factory.mktemp("plain")) as plain:
        asks = at(plain, "127.0.0.1", X_Company_User=ADA)
        assert asks.get("/api/v1/session").status_code == 401
