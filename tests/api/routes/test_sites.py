"""/api/v1/sites: administrators make, change and revoke the keys of other sites."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.audit import Journal
from knowledge.sites import Plan
from tests.api.routes.support import Served
from tests.knowledge.vouchers import key, planned, public

HERE, THERE = "https://intranet.example.org", "https://wiki.example.org"
SITE = {"name": "Intranet", "origins": [HERE]}


def ask(service: Served, method: str, path: str = "", **given: Any) -> Any:
    return service(method, f"/sites{path}", admin=True, **given)


def finds(service: Served, key: str, origin: str) -> bool:
    """Whether a page of the origin gets answers with this key."""
    headers = {"X-Site-Key": key, "Origin": origin}
    return bool(service.client.get("/api/v1/search?q=x", headers=headers).status_code == 200)


def test_a_site_s_whole_life(service: Served) -> None:
    made = ask(service, "POST", json=SITE)
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/sites/1")
    told = made.json()
    assert (told["origins"], told["algorithm"], told["public_key"]) == ([HERE], None, None)
    assert finds(service, told["key"], HERE)
    assert not finds(service, told["key"], THERE)
    service.services.later.flush()
    assert ask(service, "GET", "/1").json()["last_used_at"] is not None

    etag = made.headers["etag"]
    changed = {"name": "Wiki", "origins": [THERE]}
    stale = ask(service, "PUT", "/1", json=changed, headers={"If-Match": '"other"'})
    assert stale.status_code == 412
    done = ask(service, "PUT", "/1", json=changed, headers={"If-Match": etag})
    assert (done.status_code, done.json()["key"]) == (200, told["key"])
    assert done.headers["etag"] != etag
    assert (finds(service, told["key"], HERE), finds(service, told["key"], THERE)) == (False, True)

    for _ in range(2):
        assert ask(service, "DELETE", "/1").status_code == 204
    assert not finds(service, told["key"], THERE)
    assert ask(service, "PUT", "/1", json=changed).status_code == 409
    assert [one["revoked_at"] is None for one in ask(service, "GET").json()["sites"]] == [False]
    entries = Journal(service.services.database).newest(3)
    assert [one.action for one in entries] == ["site-revoked", "site-changed", "site-made"]


@pytest.mark.parametrize(
    "changes",
    [
        {"origins": []},
        {"origins": ["*"]},
        {"origins": ["https://*.example.org"]},
        {"origins": ["http://intranet.example.org"]},
        {"origins": [HERE + "/page"]},
        {"origins": ["null"]},
        {"name": ""},
        {"algorithm": "ES256"},
        {"public_key": "x"},
        {"algorithm": "HS256", "public_key": "x"},
        {"algorithm": "none", "public_key": "x"},
        {"algorithm": "RS256", "public_key": public("ES256")},
        {"algorithm": "ES256", "public_key": key("ES256").as_pem(private=True).decode()},
        {"key": "wks_mine"},
    ],
)
def test_what_is_none_is_refused(service: Served, changes: dict[str, Any]) -> None:
    refused = ask(service, "POST", json=SITE | changes)
    assert refused.status_code == 422
    assert "PRIVATE" not in refused.text
    assert ask(service, "GET").json() == {"sites": []}
    told = {one.action for one in Journal(service.services.database).newest(10)}
    assert told == {"directory-changed"}


def test_no_administrator_makes_themselves_anybody(service: Served) -> None:
    signs = {"algorithm": "ES256", "public_key": public("ES256")}
    refused = ask(service, "POST", json=SITE | signs)
    assert refused.status_code == 403
    assert "whoknows site create" in refused.json()["detail"]
    ask(service, "POST", json=SITE)
    assert ask(service, "PUT", "/1", json=SITE | signs).status_code == 403
    plan = Plan("Signs", (HERE,), **planned("ES256"))
    made = service.services.sites.create(plan, "operator")
    more = SITE | {"origins": [HERE, THERE]}
    assert ask(service, "PUT", f"/{made.id}", json=more).status_code == 403
    kept = ask(service, "PUT", f"/{made.id}", json=SITE)
    assert (kept.status_code, kept.json()["public_key"]) == (200, public("ES256"))


def test_a_repeated_request_makes_one(service: Served) -> None:
    made = [
        ask(service, "POST", json=SITE, headers={"Idempotency-Key": "a"}).json() for _ in range(2)
    ]
    assert made[0] == made[1]


def test_only_administrators_do(service: Served) -> None:
    ask(service, "POST", json=SITE)
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/1"), ("PUT", "/1"), ("DELETE", "/1")):
        assert service(method, f"/sites{path}", json=SITE).status_code == 403
    for method in ("GET", "PUT", "DELETE"):
        assert ask(service, method, "/9", json=SITE).status_code == 404
