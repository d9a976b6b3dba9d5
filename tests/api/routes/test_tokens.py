"""/api/v1/tokens: people make, rotate and revoke their own; administrators see and revoke all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.tokens import TokenDoor
from knowledge.audit import Action, Journal
from knowledge.types import Audience, Contributor, Role, Scope
from tests.api.routes.support import Served
from tests.builders import document

LAPTOP = {"name": "laptop", "scopes": ["search"]}


def opens(service: Served, secret: str) -> bool:
    """Whether the door of the service lets the token in."""
    app = create_app(service.services, TokenDoor(service.services.tokens))
    headers = {"Authorization": f"Bearer {secret}"}
    return TestClient(app).get("/api/v1/search?q=x", headers=headers).status_code == 200


def actions(service: Served) -> list[str]:
    told = [one.action for one in reversed(Journal(service.services.database).newest(100))]
    return [action for action in told if action != "directory-changed"]


def test_a_token_s_whole_life(service: Served) -> None:
    made = service("POST", "/tokens", json=LAPTOP)
    assert made.status_code == 201
    token, secret = made.json()["token"], made.json()["secret"]
    assert (token["name"], token["scopes"], token["state"]) == ("laptop", ["search"], "works")
    assert (token["made_by"], token["replaces"], token["last_used_at"]) == ("person", None, None)
    assert opens(service, secret)
    service.services.later.flush()
    (listed,) = service.get("/tokens").json()["tokens"]
    assert listed["last_used_at"].endswith(":00Z")
    assert secret not in service.get("/tokens").text

    again = service("POST", f"/tokens/{token['id']}/rotate", json={"overlap_hours": 1})
    assert again.status_code == 201
    assert again.json()["token"]["replaces"] == token["id"]
    newer = again.json()["secret"]
    assert (opens(service, secret), opens(service, newer)) == (True, True)
    twice = service("POST", f"/tokens/{token['id']}/rotate", json={})
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/conflict")

    last = service("POST", f"/tokens/{token['id'] + 1}/rotate", json={"overlap_hours": 0}).json()
    assert (opens(service, newer), opens(service, last["secret"])) == (False, True)
    for _ in range(2):
        assert service("DELETE", f"/tokens/{last['token']['id']}").status_code == 204
    assert not opens(service, last["secret"])
    states = [one["state"] for one in service.get("/tokens").json()["tokens"]]
    assert states == ["revoked", "expired", "works"]
    assert actions(service) == ["token-made", "token-rotated", "token-rotated", "token-revoked"]


def test_nobody_touches_another_s(service: Served) -> None:
    made = service("POST", "/tokens", json=LAPTOP).json()
    number = made["token"]["id"]
    assert service.get("/tokens", "ben").json() == {"tokens": [], "next_cursor": None}
    for method, path in (("DELETE", ""), ("POST", "/rotate")):
        other = service(method, f"/tokens/{number}{path}", "ben", json={})
        unknown = service(method, f"/tokens/{number + 90}{path}", "ben", json={})
        assert (other.status_code, unknown.status_code) == (404, 404)
        assert other.text.replace(str(number), "") == unknown.text.replace(str(number + 90), "")
    assert opens(service, made["secret"])


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"name": "x", "scopes": ["import"]}, 403),
        ({"name": "x", "scopes": ["search", "admin"]}, 403),
        ({"name": "x", "scopes": ["search"], "days": 366}, 422),
        ({"name": "x", "scopes": ["search"], "days": 0}, 422),
        ({"name": "x", "scopes": []}, 422),
        ({"name": "x", "scopes": ["root"]}, 422),
        ({"name": " ", "scopes": ["search"]}, 422),
        ({"name": "x" * 201, "scopes": ["search"]}, 422),
        ({"name": "x", "scopes": ["search"], "person_id": 2}, 422),
        ({"name": "x", "scopes": ["search"], "made_by": "operator"}, 422),
        ({"scopes": ["search"]}, 422),
    ],
)
def test_what_cannot_be_made_leaves_nothing(
    service: Served, given: dict[str, Any], status: int
) -> None:
    assert service("POST", "/tokens", json=given).status_code == status
    assert service.get("/tokens").json()["tokens"] == []
    assert "token-made" not in actions(service)


def test_who_comes_with_a_token_makes_none(service: Served) -> None:
    services = service.services
    secret = services.tokens.create("x", list(Scope), email="ada@example.org")[1]
    robot = services.tokens.create("y", list(Scope))[1]
    client = TestClient(create_app(services, TokenDoor(services.tokens)))
    for one in (secret, robot):
        headers = {"Authorization": f"Bearer {one}"}
        for method, path in (("POST", ""), ("GET", ""), ("DELETE", "/1"), ("POST", "/1/rotate")):
            answer = client.request(method, f"/api/v1/tokens{path}", headers=headers, json=LAPTOP)
            assert answer.status_code == 403
            assert "a token may not: sign in" in answer.json()["detail"]
    assert service("POST", "/tokens", "nobody", json=LAPTOP).status_code == 403
    assert len(services.tokens.all_of_them()) == 2


def test_a_repeated_request_makes_one(service: Served) -> None:
    headers = {"Idempotency-Key": "a"}
    first = service("POST", "/tokens", json=LAPTOP, headers=dict(headers))
    again = service("POST", "/tokens", json=LAPTOP, headers=dict(headers))
    assert (first.status_code, again.status_code) == (201, 409)
    assert first.json()["secret"] not in again.text
    assert len(service.get("/tokens").json()["tokens"]) == 1


def test_administrators_see_all_with_their_holders_and_revoke_them(service: Served) -> None:
    made = service("POST", "/tokens", json=LAPTOP).json()
    services = service.services
    services.tokens.create("robot", [Scope.SEARCH])
    # Whom only a hidden document names is nobody whom the administrator knows.
    quirin = Contributor("Quirin Vask", Role.AUTHOR, email="quirin@example.org")
    given = document("1", "x", audience=Audience.of("group:board"), contributors=(quirin,))
    assert len(list(services.capture.ingest([given]))) == 1
    services.tokens.create("hidden", [Scope.SEARCH], email="quirin@example.org")
    seen = service.get("/tokens/all", "ben", admin=True).json()["tokens"]
    assert [(one["name"], one["holder"] and one["holder"]["name"]) for one in seen] == [
        ("hidden", None),
        ("robot", None),
        ("laptop", "Ada Field"),
    ]
    assert made["secret"] not in service.get("/tokens/all", "ben", admin=True).text
    page = service.get("/tokens/all", "ben", admin=True, limit=1).json()
    cursor = page["next_cursor"]
    rest = service.get("/tokens/all", "ben", admin=True, limit=1, cursor=cursor).json()
    assert [page["tokens"][0]["name"], rest["tokens"][0]["name"]] == ["hidden", "robot"]
    assert service.get("/tokens/all", "ben").status_code == 403
    number = made["token"]["id"]
    assert service("DELETE", f"/tokens/all/{number}", "ben").status_code == 403
    assert opens(service, made["secret"])
    assert service("DELETE", f"/tokens/all/{number}", "ben", admin=True).status_code == 204
    assert not opens(service, made["secret"])
    assert service("DELETE", "/tokens/all/99", "ben", admin=True).status_code == 404
    newest = Journal(services.database).newest(1, action=Action.TOKEN_REVOKED)[0]
    ben = services.merging.find("ben@example.org")
    assert (newest.actor, newest.subject) == (f"person:{ben}", f"token:{number}")


def test_one_s_own_are_paged(service: Served) -> None:
    for number in range(3):
        service("POST", "/tokens", json=LAPTOP | {"name": str(number)})
    first = service.get("/tokens", limit=2).json()
    rest = service.get("/tokens", limit=2, cursor=first["next_cursor"]).json()
    assert [one["name"] for one in first["tokens"] + rest["tokens"]] == ["2", "1", "0"]
    assert service.get("/tokens", "ben", cursor=first["next_cursor"]).status_code == 422


def test_the_overlap_is_a_week_at_most(service: Served) -> None:
    service("POST", "/tokens", json=LAPTOP)
    for hours in (-1, 169):
        told = service("POST", "/tokens/1/rotate", json={"overlap_hours": hours})
        assert told.status_code == 422
    done = service("POST", "/tokens/1/rotate", json={"overlap_hours": 168}).json()
    old = service.services.tokens.all_of_them()[0][0]
    assert old.expires_at - old.created_at < timedelta(days=8)
    assert done["token"]["id"] == 2
