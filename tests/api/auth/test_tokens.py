"""The door of ``whoknows serve``: what a token opens, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import Writer
from api.auth.tokens import TokenDoor
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
    app = create_app(services, TokenDoor(services.tokens))

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
        {"Cookie": "whoknows_token=wk_unknown"},
        {"Cookie": "whoknows_person=1"},
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


def test_signing_in_keeps_the_token_in_a_cookie_for_reading_only(
    services: Services, client: TestClient
) -> None:
    key = secret(services, *Scope, email="ada@example.org")
    done = client.post("/sign-in", data={"token": f" {key}\n", "next": "/?q=vault"})
    assert (done.status_code, done.headers["location"]) == (303, "/?q=vault")
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert "Page vault" in titles(client)
    assert client.get("/probe").status_code == 200
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, "/probe").status_code == 401
        assert client.request(method, "/probe", headers=bearer(key)).status_code == 200

    gone = client.post("/sign-out")
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    assert client.get(SEARCH).status_code == 401
    services.tokens.identify(key)


def test_a_header_is_never_helped_out_by_the_cookie(services: Services, client: TestClient) -> None:
    client.post("/sign-in", data={"token": secret(services)})
    assert client.get(SEARCH, headers=bearer("wk_revoked")).status_code == 401


def test_the_cookie_is_secure_under_https(services: Services, client: TestClient) -> None:
    client.base_url = "https://testserver"
    assert (
        "Secure" in client.post("/sign-in", data={"token": secret(services)}).headers["set-cookie"]
    )


def test_a_wrong_token_gets_the_form_again_and_no_cookie(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"token": "<b>wk_no", "next": "/x"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "unknown, has expired or was revoked" in answer.text
    assert "<b>" not in answer.text
    assert 'value="/x"' in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    ],
)
def test_another_site_can_neither_sign_in_nor_out(
    services: Services, client: TestClient, headers: dict[str, str]
) -> None:
    answer = client.post("/sign-in", data={"token": secret(services)}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert client.post("/sign-out", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "told",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil", ""],
)
def test_signing_in_never_leads_to_another_site(
    services: Services, client: TestClient, told: str
) -> None:
    done = client.post("/sign-in", data={"token": secret(services), "next": told})
    assert done.headers["location"] == "/"


def test_a_browser_is_led_to_the_form_and_back(services: Services, client: TestClient) -> None:
    page = {"Accept": "text/html,*/*;q=0.8"}
    asked = client.get("/probe?a=b&c=d", headers=page)
    assert asked.status_code == 303
    form = client.get(asked.headers["location"])
    assert 'value="/probe?a=b&amp;c=d"' in form.text
    assert client.get(SEARCH, headers=page).status_code == 401
    assert client.get("/probe").status_code == 401
