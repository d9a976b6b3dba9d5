"""A refusal is told in the audit, with who asked and for which route, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.tokens import TokenDoor
from api.services import Services
from knowledge.audit import Journal
from knowledge.people import Profile
from knowledge.sites import Plan
from knowledge.types import Scope
from tests.builders import document, opened

HERE = "https://intranet.example.org"


@pytest.fixture
def services(tmp_path: Any) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        made.directory.put(Profile("Ada Field", "ada@example.org"))
        made.directory.put(Profile("Ben Osei", "ben@example.org"))
        yield made


@pytest.fixture
def client(services: Services) -> TestClient:
    return TestClient(create_app(services, TokenDoor(services.tokens)))


def denied(services: Services) -> list[tuple[str, str]]:
    services.later.flush()
    entries = reversed(Journal(services.database).newest(100))
    return [(one.actor, one.subject) for one in entries if one.action == "denied"]


def test_who_is_known_and_may_not_is_told(services: Services, client: TestClient) -> None:
    made = list(services.capture.ingest([document("1", "It burns.")]))
    secret = services.tokens.create("x", [Scope.SEARCH, Scope.CAPTURE], email="ben@example.org")[1]
    robot, robots = services.tokens.create("robot", [Scope.CAPTURE])
    site = services.sites.create(Plan("Intranet", (HERE,)), "operator")
    ben = {"Authorization": f"Bearer {secret}"}
    for _ in range(3):
        assert client.get("/api/v1/tokens/all?cursor=canary", headers=ben).status_code == 403
    # Not his to change, which is found out far behind the door.
    path = f"/api/v1/documents/{made[0].document_id}"
    assert client.delete(path, headers=ben).status_code == 403
    assert client.get("/api/v1/search?q=canary&explain=true", headers=ben).status_code == 403
    machine = {"Authorization": f"Bearer {robots}"}
    assert client.get("/api/v1/search?q=canary", headers=machine).status_code == 403
    there = {"X-Site-Key": site.key, "Origin": HERE}
    assert client.get("/api/v1/search?q=canary&explain=true", headers=there).status_code == 403
    key = services.merging.find("ben@example.org")
    assert denied(services) == [
        (f"person:{key}", "GET /api/v1/tokens/all"),
        (f"person:{key}", "DELETE /api/v1/documents/{id}"),
        (f"person:{key}", "GET /api/v1/search"),
        (f"token:{robot.id}", "GET /api/v1/search"),
        (f"site:{site.id}", "GET /api/v1/search"),
    ]


def test_strangers_and_what_is_not_there_are_not_told(
    services: Services, client: TestClient
) -> None:
    secret = services.tokens.create("x", list(Scope), email="ben@example.org")[1]
    ben = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/tokens/all").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wk_x"}).status_code == 401
    assert client.get("/api/v1/documents/99", headers=ben).status_code == 404
    assert client.get("/api/v1/tokens/all", headers=ben).status_code == 200
    # Nobody is known behind a site's key where it opens nothing.
    assert client.get("/metrics", headers={"X-Site-Key": "x"}).status_code == 403
    assert denied(services) == []
