"""What pages of other sites may ask and read: with a key, from its origins, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import routes
from api.app import create_app
from api.auth import cookies, needs_of
from api.auth.serving import ServeDoor
from api.services import Services
from knowledge.errors import DataLocked
from knowledge.people import Profile
from knowledge.sessions import Browser
from knowledge.sites import Plan
from knowledge.store import people
from knowledge.types import EVERYONE, PUBLIC, Audience, Scope
from tests.builders import disable, document, opened
from tests.knowledge.vouchers import planned, signed

WIDGET = "/widget/v1/widget.js"
HERE, OTHER = "https://intranet.example.org", "https://wiki.example.org"
V1 = "/api/v1"
SEARCH = f"{V1}/search?q=lantern"


@dataclass(frozen=True)
class Site:
    """A service, the key of a site, and a browser."""

    services: Services
    client: TestClient
    key: str

    def headers(self, **more: str) -> dict[str, str]:
        """What a page of the site sends."""
        return {"X-Site-Key": self.key, "Origin": HERE} | more

    def proof(self, **changes: Any) -> str:
        """A token of the site's backend, of now."""
        (held,) = [one for one in self.services.sites.all_of_them() if one.key == self.key]
        return f"Bearer {signed(held, datetime.now(UTC), **changes)}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(tmp_path_factory.mktemp("data")) as services:
        for name, groups in (("ada", ("vault",)), ("ben", ())):
            services.directory.put(
                Profile(name.capitalize(), f"{name}@example.org", team="Watch", groups=groups)
            )
        given = [
            document(name, f"The {name} lantern burns.", audience=Audience.of(who))
            for name, who in (("public", PUBLIC), ("inner", EVERYONE), ("vault", "group:vault"))
        ]
        assert len(list(services.capture.ingest(given))) == 3
        plan = Plan("Intranet", (HERE,), **planned("ES256"))
        key = services.sites.create(plan, "operator").key
        app = create_app(services, ServeDoor(services))
        with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
            yield Site(services, client, key)


def cors(answer: Any) -> dict[str, str]:
    return {k: v for k, v in answer.headers.items() if k.startswith("access-control-")}


def titles(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {one["document"]["title"] for one in answer.json()["answers"]}


def test_anybody_there_finds_what_is_public(site: Site) -> None:
    answer = site.client.get(SEARCH, headers=site.headers())
    assert titles(answer) == {"Page public"}
    assert answer.headers["access-control-allow-origin"] == HERE
    assert "origin" in answer.headers["vary"].lower()
    assert "access-control-allow-credentials" not in answer.headers
    for path in (f"{V1}/people?q=lantern", f"{V1}/suggest?q=page"):
        other = site.client.get(path, headers=site.headers())
        assert other.status_code == 200
        for hidden in ("inner", "vault", "Watch"):
            assert hidden not in other.text
    assert "Ben" not in site.client.get(f"{V1}/suggest?q=be", headers=site.headers()).text


def test_whom_the_site_vouches_for_finds_what_they_may_read(site: Site) -> None:
    def found(**changes: Any) -> set[str]:
        headers = site.headers(Authorization=site.proof(**changes))
        return titles(site.client.get(SEARCH, headers=headers))

    everything = {"Page public", "Page inner", "Page vault"}
    assert found() == everything
    assert found(sub="ben@example.org") == everything - {"Page vault"}
    assert found(sub="ben@example.org", groups=["vault"], scope="admin") == everything - {
        "Page vault"
    }


def test_feedback_is_taken_from_there(site: Site) -> None:
    told = site.client.get(SEARCH, headers=site.headers()).json()
    body = {
        "query_id": told["query_id"],
        "passage_id": told["answers"][0]["passage_id"],
        "verdict": "helpful",
    }
    given = site.client.post(f"{V1}/feedback", headers=site.headers(), json=body)
    assert given.status_code == 201
    assert given.headers["access-control-allow-origin"] == HERE


def test_no_more_than_the_search_is_open_there(site: Site) -> None:
    headers = site.headers(Authorization=site.proof())
    explained = site.client.get(f"{SEARCH}&explain=true", headers=headers)
    assert explained.status_code == 403
    for method, path in (
        ("GET", f"{V1}/documents"),
        ("POST", f"{V1}/documents"),
        ("GET", f"{V1}/people/1"),
        ("GET", f"{V1}/tokens"),
        ("POST", f"{V1}/tokens"),
        ("GET", "/"),
        ("GET", "/metrics"),
    ):
        answer = site.client.request(method, path, headers=headers)
        assert (answer.status_code, cors(answer)) == (403, {}), path


def test_every_key_that_does_not_work_gets_the_same_answer(site: Site) -> None:
    gone = site.services.sites.create(Plan("Gone", (HERE,)), "operator")
    site.services.sites.revoke(gone.id, "operator")
    bodies = set()
    for headers in (
        {"X-Site-Key": "wks_unknown", "Origin": HERE},
        {"X-Site-Key": "", "Origin": HERE},
        {"X-Site-Key": gone.key, "Origin": HERE},
        {"X-Site-Key": site.key},
        {"X-Site-Key": site.key, "Origin": "null"},
        {"X-Site-Key": site.key, "Origin": OTHER},
        {"X-Site-Key": site.key, "Origin": HERE + ".evil.example"},
        {"X-Site-Key": site.key, "Origin": HERE.replace("https", "http")},
        {"X-Site-Key": site.key, "Origin": HERE + ":444"},
        {"X-Site-Key": site.key, "Origin": OTHER, "Referer": HERE + "/"},
        {"X-Site-Key": site.key, "Origin": OTHER, "Host": "intranet.example.org"},
        {"X-Site-Key": site.key, "Origin": OTHER, "X-Forwarded-Host": "intranet.example.org"},
    ):
        answer = site.client.get(SEARCH, headers=headers)
        assert (answer.status_code, cors(answer)) == (401, {})
        bodies.add(answer.text)
    assert len(bodies) == 1


def test_what_proves_nothing_is_refused_and_never_taken_for_anybody(site: Site) -> None:
    services = site.services
    cleo = services.directory.put(Profile("Cleo", "cleo@example.org"))
    disable(services, cleo)
    token = services.tokens.create("x", list(Scope), email="ada@example.org")[1]
    bodies = set()
    for proof in (
        site.proof(sub="cleo@example.org"),
        site.proof(sub="nobody@example.org"),
        site.proof(exp=1),
        f"Bearer {token}",
        "Bearer x",
        "Bearer ",
    ):
        answer = site.client.get(SEARCH, headers=site.headers(Authorization=proof))
        # The page may read it: only so it learns that its proof has expired.
        assert (answer.status_code, cors(answer)["access-control-allow-origin"]) == (401, HERE)
        bodies.add(answer.text)
        elsewhere = {"Authorization": proof, "Origin": OTHER}
        refused = site.client.get(SEARCH, headers=site.headers(**elsewhere))
        assert (refused.status_code, cors(refused)) == (401, {})
    assert len(bodies) == 1
    basic = site.client.get(SEARCH, headers=site.headers(Authorization="Basic eDp4"))
    assert (basic.status_code, cors(basic)["access-control-allow-origin"]) == (401, HERE)


def test_no_cookie_counts_there(site: Site) -> None:
    with site.services.database.read() as connection:
        ada = people.by_email(connection, "ada@example.org")
    assert ada is not None
    secret = site.services.sessions.begin(ada, "local", Browser())[1]
    cookie = f"{cookies.SESSION}={secret}"
    own = site.client.get(SEARCH, headers={"Cookie": cookie})
    assert titles(own) == {"Page public", "Page inner", "Page vault"}
    there = site.client.get(SEARCH, headers=site.headers(Cookie=cookie))
    assert titles(there) == {"Page public"}
    # Without the key a page of the site asks in vain: no answer of ours may be read there.
    without = site.client.get(SEARCH, headers={"Cookie": cookie, "Origin": HERE})
    assert cors(without) == {}


def preflight(site: Site, path: str = f"{V1}/search", **changes: str | None) -> Any:
    headers = {
        "Origin": HERE,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-site-key",
    }
    told = {name.replace("_", "-"): value for name, value in changes.items()}
    sent = {name: value for name, value in (headers | told).items() if value is not None}
    return site.client.request("OPTIONS", path, headers=sent)


METHOD, SENT = "Access-Control-Request-Method", "Access-Control-Request-Headers"


@pytest.mark.parametrize(
    ("path", "method", "sent"),
    [
        ("/search", "GET", "x-site-key"),
        ("/search", "GET", "X-Site-Key, Authorization"),
        ("/people", "GET", "authorization,x-site-key"),
        ("/suggest", "GET", "x-site-key"),
        ("/feedback", "POST", "content-type,idempotency-key,x-site-key"),
    ],
)
def test_a_browser_that_asks_beforehand_is_told(
    site: Site, path: str, method: str, sent: str
) -> None:
    answer = preflight(site, V1 + path, **{METHOD: method, SENT: sent})
    assert (answer.status_code, answer.content) == (204, b"")
    assert cors(answer) == {
        "access-control-allow-origin": HERE,
        "access-control-allow-methods": method,
        "access-control-allow-headers": "authorization, content-type, idempotency-key, x-site-key",
        "access-control-max-age": "600",
    }
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("/search", {"Origin": OTHER}),
        ("/search", {"Origin": "null"}),
        ("/search", {"Origin": "*"}),
        ("/search", {"Origin": ""}),
        ("/search", {"Origin": None}),
        ("/search", {"Origin": HERE + "/"}),
        ("/search", {"Origin": HERE.upper()}),
        ("/search", {"Origin": f"{HERE} {OTHER}"}),
        ("/search", {METHOD: "POST"}),
        ("/search", {METHOD: "PUT"}),
        ("/search", {METHOD: "get"}),
        ("/search", {METHOD: "*"}),
        ("/search", {METHOD: None}),
        ("/search", {SENT: None}),
        ("/search", {SENT: ""}),
        ("/search", {SENT: "authorization"}),
        ("/search", {SENT: "x-site-key, cookie"}),
        ("/search", {SENT: "x-site-key, x-other"}),
        ("/search", {SENT: "x-site-key, *"}),
        ("/search", {SENT: "*"}),
        ("/search/", {}),
        ("/Search", {}),
        ("/searching", {}),
        ("/documents", {}),
        ("/documents/1", {}),
        ("/documents", {METHOD: "POST"}),
        ("/people/1", {}),
        ("/people/review", {}),
        ("/imports", {METHOD: "POST"}),
        ("/tokens", {METHOD: "POST"}),
        ("/sites", {}),
        ("/roles", {METHOD: "PUT"}),
        ("/synonyms", {}),
        ("/nothing", {}),
        ("/openapi.json", {}),
        ("/../../", {}),
        ("/../../metrics", {}),
        ("/../../livez", {}),
    ],
)
def test_everything_else_is_told_nothing(
    site: Site, path: str, changes: dict[str, str | None]
) -> None:
    answer = preflight(site, V1 + path, **changes)
    assert answer.status_code in (404, 405, 307)
    assert cors(answer) == {}


def test_a_revoked_site_is_told_nothing_beforehand(site: Site) -> None:
    there = "https://gone.example.org"
    gone = site.services.sites.create(Plan("Gone", (there,)), "operator")
    assert preflight(site, Origin=there).status_code == 204
    site.services.sites.revoke(gone.id, "operator")
    assert preflight(site, Origin=there).status_code == 405


def test_a_database_that_is_busy_is_told_beforehand_as_well(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def busy() -> Iterator[Any]:
        raise DataLocked("another process writes for too long")
        yield

    monkeypatch.setattr(site.services.database, "read", busy)
    answer = preflight(site)
    assert (answer.status_code, cors(answer)) == (503, {})
    assert answer.json()["type"] == "/problems/data-locked"


def test_no_route_answers_pages_that_bring_no_key(site: Site) -> None:
    token = site.services.tokens.create("x", list(Scope), email="ada@example.org")[1]
    # The program of the widget is the same for all, and other sites load it.
    for route in (one for one in routes.all_of_them() if one.path != WIDGET):
        for method in route.methods - {"POST", "PUT", "PATCH", "DELETE"}:
            path = route.path.replace("{", "").replace("}", "")
            headers = {"Authorization": f"Bearer {token}", "Origin": HERE}
            assert cors(site.client.request(method, path, headers=headers)) == {}, path


def test_what_is_open_there_is_declared(site: Site) -> None:
    told = {
        (method, route.path)
        for route in routes.all_of_them()
        for method in route.methods
        if any(one.at_sites for one in needs_of(route.dependant))
    }
    assert told == {
        ("GET", f"{V1}/search"),
        ("GET", f"{V1}/people"),
        ("GET", f"{V1}/suggest"),
        ("POST", f"{V1}/feedback"),
    }
