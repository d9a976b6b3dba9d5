"""/api/v1/synonyms: everybody may see them, administrators add and remove them."""

from __future__ import annotations

from tests.api.routes.support import Served

K8S = {"term": "k8s", "meaning": "kubernetes", "both": True}


def test_administrators_add_and_remove(service: Served) -> None:
    made = service("POST", "/synonyms", admin=True, json=K8S)
    assert (made.status_code, made.json()) == (201, K8S | {"id": 1})
    assert service.get("/synonyms", "ben").json() == {"synonyms": [K8S | {"id": 1}]}
    again = service("POST", "/synonyms", admin=True, json=K8S)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
    assert service("DELETE", "/synonyms/1", admin=True).status_code == 204
    assert service("DELETE", "/synonyms/1", admin=True).status_code == 404
    assert service.get("/synonyms").json() == {"synonyms": []}


def test_a_repeated_request_adds_one(service: Served) -> None:
    headers = {"Idempotency-Key": "a"}
    for _ in range(2):
        made = service("POST", "/synonyms", admin=True, json=K8S, headers=dict(headers))
        assert (made.status_code, made.json()["id"]) == (201, 1)
    other = service(
        "POST", "/synonyms", admin=True, json=K8S | {"both": False}, headers=dict(headers)
    )
    assert other.status_code == 422


def test_others_may_only_look(service: Served) -> None:
    assert service("POST", "/synonyms", json=K8S).status_code == 403
    assert service("DELETE", "/synonyms/1").status_code == 403
    assert service.client.get("/api/v1/synonyms").status_code == 401


def test_what_is_none_is_refused(service: Served) -> None:
    for given in ({}, {"term": "", "meaning": "x"}, {"term": "?", "meaning": "x"}, {"term": "a\0"}):
        assert service("POST", "/synonyms", admin=True, json=given).status_code == 422
