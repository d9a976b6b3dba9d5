"""What every answer carries, what the log tells, and what an error of ours looks like."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.serving import ServeDoor
from api.services import Services
from knowledge.types import Scope
from tests.builders import document, opened


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path) as made:
        list(made.capture.ingest([document("door", "The front door opens at nine.")]))
        yield made


@pytest.fixture
def client(services: Services) -> TestClient:
    app = create_app(services, ServeDoor(services))

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("the pass phrase is sesame")

    return TestClient(app)


def administrator(services: Services) -> dict[str, str]:
    secret = services.tokens.create("ops", list(Scope))[1]
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("path", ["/livez", "/docs", "/nowhere", "/broken", "/api/v1/search?q=x"])
def test_every_answer_carries_safe_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("'unsafe-inline'" in policy) == (path == "/docs")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert len(headers["x-request-id"]) == 32


def test_a_request_id_is_kept_unless_it_could_forge_a_log(client: TestClient) -> None:
    def told(value: str) -> str:
        answer = client.get("/livez", headers={"X-Request-ID": value})
        return str(answer.headers["x-request-id"])

    assert told("proxy-7f.3") == "proxy-7f.3"
    assert told("a b") != "a b"
    assert told("x" * 65) != "x" * 65


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_told_to_those_who_ask_for_the_head_only(client: TestClient, path: str) -> None:
    assert client.head(path).status_code == client.get(path).status_code == 200
    client.app.state.stopping.set()  # type: ignore[attr-defined]
    assert client.head(path).status_code == client.get(path).status_code


@pytest.mark.parametrize("path", ["/nowhere", "/broken"])
def test_a_browser_gets_an_error_as_a_page_and_a_program_as_a_problem(
    client: TestClient, path: str
) -> None:
    page = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert "sesame" not in page.text
    problem = client.get(path)
    assert problem.headers["content-type"] == "application/problem+json"
    assert page.status_code == problem.status_code == problem.json()["status"]
    program = client.get(f"/api/v1{path}", headers={"Accept": "text/html"})
    assert program.headers["content-type"] == "application/problem+json"


def test_an_error_of_ours_tells_nothing_but_is_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/broken")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "sesame" not in answer.text
    (logged,) = [r for r in caplog.records if r.name == "whoknows.service"]
    assert logged.exc_info is not None
    assert logged.__dict__["request_id"] == answer.headers["x-request-id"]


def test_the_log_tells_the_route_and_neither_the_query_nor_the_secret(
    services: Services, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "whoknows.access")
    headers = administrator(services)
    client.get("/api/v1/search?q=redundancies", headers=headers)
    client.get("/redundancies", headers=headers)
    told = [r.__dict__ for r in caplog.records if r.name == "whoknows.access"]
    assert [(r["method"], r["route"], r["status"]) for r in told] == [
        ("GET", "/api/v1/search", 200),
        ("GET", "other", 404),
    ]
    assert all(r["ms"] >= 0 for r in told)
    everything = repr(told)
    assert "redundancies" not in everything
    assert "wk_" not in everything


def test_metrics_count_by_route_and_say_how_far_the_index_is(
    services: Services, client: TestClient
) -> None:
    headers = administrator(services)
    client.get("/api/v1/search?q=door", headers=headers)
    client.get("/one/of/many/paths", headers=headers)
    list(services.capture.ingest([document("gate", "The gate opens at ten.")]))
    told = client.get("/metrics", headers=headers)
    assert told.headers["content-type"].startswith("text/plain")
    lines = told.text.splitlines()
    assert 'whoknows_requests_total{method="GET",route="/api/v1/search",status="200"} 1.0' in lines
    assert 'whoknows_requests_total{method="GET",route="other",status="404"} 1.0' in lines
    assert 'whoknows_request_seconds_count{route="/api/v1/search"} 1.0' in lines
    assert "whoknows_index_sequence 1.0" in lines
    assert "whoknows_index_behind 1.0" in lines
    assert "whoknows_notes_dropped_total 0.0" in lines
    assert "many" not in told.text


def test_metrics_are_for_administrators(services: Services, client: TestClient) -> None:
    assert client.get("/metrics").status_code == 401
    secret = services.tokens.create("reader", [Scope.SEARCH, Scope.CAPTURE, Scope.IMPORT])[1]
    refused = client.get("/metrics", headers={"Authorization": f"Bearer {secret}"})
    assert refused.status_code == 403


@pytest.mark.sqlite("takes its file away")
def test_readiness_ends_with_the_process_and_with_the_index(
    services: Services, client: TestClient, tmp_path: Path
) -> None:
    assert client.get("/readyz").json() == {"status": "ok"}
    client.app.state.stopping.set()  # type: ignore[attr-defined]
    refused = client.get("/readyz")
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/busy")
    client.app.state.stopping.clear()  # type: ignore[attr-defined]

    services.database.close()
    for file in tmp_path.glob("whoknows.db*"):
        file.unlink()
    refused = client.get("/readyz")
    assert (refused.status_code, refused.json()["status"]) == (503, 503)
    assert "retry-after" in refused.headers
    assert client.get("/livez").status_code == 200


def test_the_description_names_real_statuses_and_the_token(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "HTTPValidationError" not in described["components"]["schemas"]
    search = described["paths"]["/api/v1/search"]["get"]
    assert search["security"] == [{"token": ["search"]}]
    assert list(search["responses"]) == ["200", "401", "403", "422", "429", "500", "503"]
    for status, response in search["responses"].items():
        assert list(response["content"]) == [
            "application/json" if status == "200" else "application/problem+json"
        ]
    assert "security" not in described["paths"]["/livez"]["get"]
    person = described["paths"]["/api/v1/people/{id}"]["get"]
    assert "404" in person["responses"]
    told = [told for methods in described["paths"].values() for told in methods.values()]
    summaries = [one["summary"] for one in told if "description" in one]
    assert len(set(summaries)) == len(summaries) >= 18
    assert [one for one in summaries if len(one.split()) < 2 or one.istitle()] == []


def test_the_docs_need_no_other_site_and_no_inline_script(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http:" not in page
    assert "https:" not in page
    assert "<script>" not in page
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert f'"/docs/{name}"' in page
        assert client.get(f"/docs/{name}").status_code == 200
    for name in ("other.js", "..%2Fapp.py"):
        assert client.get(f"/docs/{name}").status_code == 404
