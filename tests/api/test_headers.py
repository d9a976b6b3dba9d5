"""The headers that keep a browser from doing what no page here means: on every route, every page
and every error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import problems
from api.app import create_app
from api.auth.demo import DemoDoor
from api.auth.tokens import TokenDoor
from api.limits import MAX_BODY
from api.services import Services
from knowledge.people import Profile
from knowledge.readers._attachments import embedded
from knowledge.settings import AuthSettings
from knowledge.types import Scope
from tests.builders import document, opened, settings, wired
from tests.invariants.asking import every_route

ERRORS = [401, 403, 404, 405, 408, 409, 412, 413, 422, 428, 429, 500, 503, 507]
FILLED = {"{id}": "1", "{number}": "0", "{digest}": "0", "{name}": "style.css"}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
}
# Swagger UI, see docs/security.md.
DOCS = (POLICY - {"style-src 'self'", "img-src 'self'", "trusted-types 'none'"}) | {
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "trusted-types default dompurify",
}
SANDBOX = {
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "sandbox",
}


def check(answer: httpx2.Response, policy: set[str] = POLICY, tls: bool = False) -> None:
    """Every header that any answer has to carry. What stands in pages of others says so."""
    headers, where = answer.headers, f"{answer.request.method} {answer.request.url}"
    assert set(headers["content-security-policy"].split("; ")) == policy, where
    assert headers["x-content-type-options"] == "nosniff", where
    assert headers["referrer-policy"] == "no-referrer", where
    assert headers["cross-origin-opener-policy"] == "same-origin", where
    shared = answer.request.url.path == "/widget/v1/widget.js" and answer.status_code == 200
    of = "cross-origin" if shared else "same-origin"
    assert headers["cross-origin-resource-policy"] == of, where
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(
        headers["permissions-policy"].split(", ")
    ), where
    assert headers["cache-control"], where
    assert ("strict-transport-security" in headers) is tls, where
    assert "server" not in headers, where
    assert "x-powered-by" not in headers, where


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with opened(tmp_path_factory.mktemp("data")) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org"))
        picture = embedded(b"\x89PNG\r\n\x1a\n", "a.png", "a.png")
        list(made.capture.ingest([document("door", "The door opens.", attachments=(picture,))]))
        yield made


def client(app: FastAPI, base: str = "http://127.0.0.1") -> TestClient:
    return TestClient(app, base, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="module", params=[TokenDoor, pytest.param(DemoDoor, marks=pytest.mark.slow)])
def app(services: Services, request: pytest.FixtureRequest) -> FastAPI:
    door = TokenDoor(services.tokens) if request.param is TokenDoor else DemoDoor(services.database)
    made = create_app(services, door)

    # Not every error can be had from every route: these are made as all of them are.
    @made.get("/error/{status}")
    def error(status: int) -> None:
        if status == 500:
            raise RuntimeError("not foreseen")
        raise problems.HTTPException(status)

    return made


@pytest.mark.slow
def test_every_route_answers_with_safe_headers(app: FastAPI, services: Services) -> None:
    secret = services.tokens.create("all", list(Scope), email="ada@example.org")[1]
    asking = [
        {},
        {"Accept": "text/html"},
        {"Authorization": f"Bearer {secret}"},
        {"Authorization": f"Bearer {secret}", "Accept": "text/html"},
        {"Authorization": "Bearer wk_unknown"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ]
    asked = client(app)
    seen: set[int] = set()
    for method, route in sorted(every_route(app)):
        path = route
        for template, value in FILLED.items():
            path = path.replace(template, value)
        for headers in asking:
            answer = asked.request(method, path, headers=headers)
            seen.add(answer.status_code)
            whole_file = answer.status_code == 200 and "/files/" in path
            check(answer, SANDBOX if whole_file else DOCS if path == "/docs" else POLICY)
    assert {200, 404, 422} <= seen


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_every_error_has_them(app: FastAPI, status: int, accept: str) -> None:
    answer = client(app).get(f"/error/{status}", headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(
        "text/html" if accept == "text/html" else "application/problem+json"
    )
    check(answer)


def test_what_is_refused_before_any_route_has_them(app: FastAPI, services: Services) -> None:
    asked = client(app)
    check(asked.get("/nowhere"))
    check(asked.request("TRACE", "/"))
    large = asked.post("/api/v1/documents", content=b"x" * (MAX_BODY + 1))
    assert large.status_code == 413
    check(large)
    foreign = client(create_app(services, DemoDoor(services.database)), "http://evil.example")
    refused = foreign.get("/")
    assert refused.status_code == 403
    check(refused)


def test_https_is_remembered_only_where_it_was_used(app: FastAPI) -> None:
    secure = client(app, "https://127.0.0.1")
    for path in ("/", "/livez", "/nowhere", "/error/500", "/error/503"):
        answer = secure.get(path)
        check(answer, tls=True)
        told = answer.headers["strict-transport-security"]
        assert told == "max-age=31536000; includeSubDomains"
    pretended = client(app).get("/livez", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in pretended.headers


def test_a_service_behind_tls_says_so_itself(tmp_path: Path) -> None:
    """The proxy's word is not taken for it, since anybody could write it."""
    own = settings(tmp_path)
    public = AuthSettings(public_url="https://knows.example.org")
    with closing(wired(replace(own, auth=public))) as services:
        made = create_app(services, TokenDoor(services.tokens))
        answer = client(made).get("/livez")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


def test_no_page_holds_what_its_own_policy_forbids(repository: Path) -> None:
    """Inline scripts and styles would be dead weight; the pages have none."""
    templates = sorted((repository / "api" / "web" / "templates").glob("*.html"))
    assert templates
    for template in templates:
        text = template.read_text("utf-8").lower()
        for forbidden in ("<script>", "<style", " style=", " onclick=", " onload=", "javascript:"):
            assert forbidden not in text, f"{template.name}: {forbidden}"
