"""What a token opens, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import Writer
from api.auth.serving import ServeDoor
from api.services import Services
from knowledge.people import Profile
from knowledge.types import Audience, Scope
from tests.builders import document, opened

SEARCH = "/api/v1/search?q=vault+opens"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with opened(tmp_path_factory.mktemp("data")) as made:
        made.directory.put(Profile("Ada Field", "ada@example.org", groups=("vault",)))
        list(
            made.capture.ingest(
                [
                    document(
                        "vault", "The vault opens at noon.", audience=Audience.of("group:vault")
                    ),
                    document("door", "The front door opens at nine."),
                ]
            )
        )
        yield made


@pytest.fixture
def client(services: Services) -> TestClient:
    app = create_app(services, ServeDoor(services))

    @app.api_route("/probe", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def probe(asker: Writer) -> str:
        return asker.owner

    return TestClient(app, follow_redirects=False)


def secret(services: Services, *scopes: Scope, email: str | None = None) -> str:
    return services.tokens.create("test", scopes or (Scope.SEARCH,), email=email)[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def titles(client: TestClient, headers: dict[str, str] | None = None) -> set[str]:
    answer = client.get(SEARCH, headers=headers)
    assert answer.status_code == 200, answer.text
    return {hit["document"]["title"] for hit in answer.json()["answers"]}


def test_a_token_reads_as_its_person_and_a_service_s_as_anybody(
    services: Services, client: TestClient
) -> None:
    assert titles(client, bearer(secret(services, email="ada@example.org"))) == {
        "Page vault",
        "Page door",
    }
    assert titles(client, bearer(secret(services))) == {"Page door"}


def test_rights_and_revocation_count_from_the_next_request(
    services: Services, client: TestClient
) -> None:
    services.directory.put(Profile("Ben Osei", "ben@example.org", groups=("vault",)))
    token, key = services.tokens.create("test", [Scope.SEARCH], email="ben@example.org")
    assert "Page vault" in titles(client, bearer(key))
    services.directory.put(Profile("Ben Osei", "ben@example.org", groups=()))
    assert titles(client, bearer(key)) == {"Page door"}
    services.tokens.revoke(token.id)
    assert client.get(SEARCH, headers=bearer(key)).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wk_unknown"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Cookie": "whoknows_person=1"},
        {"Cookie": "__Host-whoknows=wk_unknown"},
    ],
)
def test_without_a_valid_token_nothing_is_told(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get(SEARCH, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "/problems/not-signed-in"


def test_what_somebody_owns_is_the_person_s_or_the_token_s(
    services: Services, client: TestClient
) -> None:
    token, key = services.tokens.create("ci", [Scope.CAPTURE])
    assert client.get("/probe", headers=bearer(key)).json() == f"token:{token.id}"
    for name in ("laptop", "phone"):
        token, key = services.tokens.create(name, [Scope.CAPTURE], email="ada@example.org")
        assert client.get("/probe", headers=bearer(key)).json() == f"person:{token.person_id}"


def test_a_scope_that_is_not_held_is_named(services: Services, client: TestClient) -> None:
    answer = client.get(SEARCH, headers=bearer(secret(services, Scope.IMPORT)))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")
    assert "'search'" in answer.json()["detail"]


def test_a_token_needs_no_proof_that_a_page_sent_it(services: Services, client: TestClient) -> None:
    token = bearer(secret(services, Scope.CAPTURE))
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, "/probe", headers=token).status_code == 200


def test_a_token_is_taken_in_the_header_only(services: Services, client: TestClient) -> None:
    key = secret(services, email="ada@example.org")
    for cookie in ("__Host-whoknows", "whoknows_token"):
        assert client.get(SEARCH, headers={"Cookie": f"{cookie}={key}"}).status_code == 401
    assert client.get(f"{SEARCH}&token={key}").status_code == 401
