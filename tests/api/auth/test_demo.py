"""The door of ``whoknows demo``: being a sample person, at this machine only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import Administrator, Writer
from api.auth.demo import COOKIE, DemoDoor
from api.services import Services
from knowledge.people import Profile
from knowledge.store import documents
from knowledge.types import OPERATOR, Audience
from tests.builders import document, opened

SEARCH = "/api/v1/search?q=vault+opens"
HERE = "http://127.0.0.1:8321"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with opened(tmp_path_factory.mktemp("data")) as made:
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
        made.directory.put(Profile("Ben Osei", "ben@example.org", groups=()))
        made.directory.put(Profile("Cleo Marsh", "cleo@example.org", groups=("vault",)))
        yield made


@pytest.fixture
def client(services: Services) -> TestClient:
    app = create_app(services, DemoDoor(services.database))

    @app.post("/probe")
    def write(asker: Writer) -> str:
        return asker.owner

    @app.get("/probe")
    def administer(asker: Administrator) -> str:
        return asker.owner

    return TestClient(app, base_url=HERE, follow_redirects=False)


def titles(client: TestClient) -> set[str]:
    return {hit["document"]["title"] for hit in client.get(SEARCH).json()["answers"]}


def test_the_visitor_is_the_first_person_and_may_become_another(
    services: Services, client: TestClient
) -> None:
    ben, cleo = DemoDoor(services.database).people()
    assert (ben.name, cleo.name) == ("Ben Osei", "Cleo Marsh")
    assert titles(client) == {"Page door"}
    done = client.post("/demo/person", data={"person": cleo.id, "next": "/?q=vault"})
    assert (done.status_code, done.headers["location"]) == (303, "/?q=vault")
    assert "HttpOnly" in done.headers["set-cookie"]
    assert "SameSite=strict" in done.headers["set-cookie"]
    assert titles(client) == {"Page door", "Page vault"}
    client.post("/demo/person", data={"person": ben.id, "next": "//evil.example"})
    assert titles(client) == {"Page door"}


def test_who_left_is_nobody_that_a_visitor_may_be(services: Services, client: TestClient) -> None:
    ben, cleo = DemoDoor(services.database).people()
    services.accounts.disable(cleo.id, "operator")
    try:
        assert [one.id for one in DemoDoor(services.database).people()] == [ben.id]
        client.post("/demo/person", data={"person": cleo.id, "next": "/"})
        assert titles(client) == {"Page door"}
    finally:
        services.accounts.enable(cleo.id, "operator")


@pytest.mark.parametrize("cookie", ["0", "1", "99", "x", "-1", "²", "9" * 5000])
def test_a_cookie_that_names_nobody_listed_is_the_first_person(
    client: TestClient, cookie: str
) -> None:
    # 1 is Ada Field, whom a document names and no directory lists.
    answer = client.get(SEARCH, headers={"Cookie": f"whoknows_person={cookie}".encode()})
    assert {hit["document"]["title"] for hit in answer.json()["answers"]} == {"Page door"}


def test_nobody_unlisted_or_unknown_can_be_chosen(client: TestClient) -> None:
    for person in (1, 99):
        assert client.post("/demo/person", data={"person": person}).status_code == 404


def test_the_visitor_is_no_administrator(client: TestClient) -> None:
    assert client.get(f"{SEARCH}&explain=true").status_code == 403
    assert client.get("/probe").status_code == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8321", "127.0.0.1.evil.example", "10.0.0.7:8321", "", "::1"],
)
@pytest.mark.parametrize("path", [SEARCH, "/livez", "/nowhere"])
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.json()["status"]) == (403, 403)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:1", "127.0.0.1", "[::1]:8321", "LOCALHOST"]
)
def test_the_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/livez", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost:3000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": HERE}, 303),
        ({"Origin": HERE}, 303),
        ({}, 303),
    ],
)
def test_another_site_changes_nothing(
    services: Services, client: TestClient, headers: dict[str, str], status: int
) -> None:
    cleo = DemoDoor(services.database).people()[1].id
    answer = client.post("/demo/person", data={"person": cleo}, headers=headers)
    assert answer.status_code == status
    assert ("set-cookie" in answer.headers) == (status == 303)
    written = client.post("/probe", headers=headers)
    assert written.status_code == (403 if status == 403 else 200)


def test_there_is_nothing_to_sign_in_to_in_the_demo(client: TestClient) -> None:
    assert client.get("/sign-in").status_code == 404
    assert client.post("/sign-in/password", data={"email": "x"}).status_code == 404


def test_an_error_leaves_the_visitor_a_way_to_be_somebody_else(
    services: Services, client: TestClient
) -> None:
    html = {"Accept": "text/html"}
    with services.database.read() as connection:
        held = documents.load_all(connection, OPERATOR).values()
    vault = next(one.id for one in held if one.external_id == "vault")
    ben, cleo = (person.id for person in client.app.state.door.people()[-2:])  # type: ignore[attr-defined]
    client.cookies.set(COOKIE, str(cleo))
    assert client.get(f"/documents/{vault}?part=1", headers=html).status_code == 200

    done = client.post("/demo/person", data={"person": ben, "next": f"/documents/{vault}?part=1"})
    assert done.headers["location"] == f"/documents/{vault}?part=1"
    forbidden = client.get(done.headers["location"], headers=html)
    assert forbidden.status_code == 404
    assert f'value="{ben}" selected>Ben Osei' in forbidden.text
    assert f'name="next" value="/documents/{vault}?part=1"' in forbidden.text
    assert "Perhaps somebody else may see it" in forbidden.text
    unknown = client.get("/documents/99999?part=1", headers=html)
    assert unknown.text.replace("99999", str(vault)) == forbidden.text

    client.post("/demo/person", data={"person": cleo})
    assert client.get(f"/documents/{vault}?part=1", headers=html).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 404), ("/demo/person", 405), ("/?q=x&kind=novel", 422)]
)
def test_every_error_of_the_visitor_s_keeps_the_bar(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert 'action="/demo/person"' in answer.text
    assert ("Perhaps somebody else" in answer.text) == (status == 404)


def test_no_person_is_named_to_another_site(client: TestClient) -> None:
    other = {"Accept": "text/html", "Host": "evil.example"}
    foreign = {"Accept": "text/html", "Origin": "http://evil.example"}
    for answer in (
        client.get("/nothing", headers=other),
        client.post("/demo/person", data={"person": "x"}, headers=foreign),
        client.post("/nothing", headers=foreign),
    ):
        assert answer.status_code >= 400
        assert "Osei" not in answer.text
