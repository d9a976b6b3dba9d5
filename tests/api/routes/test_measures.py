"""Measures over HTTP: for those who look after learning, rounded and in whole months."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.app import create_app
from api.auth.tokens import TokenDoor
from api.schemas.measures import safe_cell
from knowledge.measures import registry
from knowledge.measures.kinds import bounds
from knowledge.store import measures as store
from knowledge.store.measure_tables import readings
from knowledge.types import Scope
from tests.api.routes.support import Served

GOAL = {"measure": "readers", "partition": "company", "target": 50, "due": "2026-12"}
STEP = {"name": "Kiln week", "measure": "readers", "start": "2026-03", "partitions": ["company"]}


def publish(service: Served, month: str, **told: float) -> None:
    figures: list[dict[str, Any]] = [
        {
            "measure": "readers",
            "partition": place if place == "company" else f"team:{place}",
            "version": 1,
            "value": value + 1,
            "numerator": value + 1,
            "denominator": 1,
            "told": value,
        }
        for place, value in told.items()
    ]
    with service.services.database.write() as connection:
        store.publish(connection, month, bounds(month)[1], figures)


def test_definitions_are_for_all_and_figures_for_those_who_look_after_learning(
    service: Served,
) -> None:
    told = service.get("/measures").json()["measures"]
    assert [one["key"] for one in told] == list(registry.ALL)
    for path in ("/measures/readers", "/measures.csv", "/goals", "/interventions"):
        assert service.get(path).status_code == 403, path
        assert service("GET", path, admin=True).status_code == 200, path
    assert service("GET", "/measures/nothing", admin=True).status_code == 404
    assert service("POST", "/goals", json=GOAL).status_code == 403


def test_a_measure_is_told_by_months_and_partitions(service: Served) -> None:
    publish(service, "2026-01", company=20, Kilns=5)
    publish(service, "2026-02", company=25)
    told = service("GET", "/measures/readers", admin=True).json()
    assert [one["month"] for one in told["months"]] == ["2026-01", "2026-02"]
    assert [(one["partition"], one["label"]) for one in told["lines"]] == [
        ("company", "Whole company"),
        ("team:Kilns", "Kilns"),
    ]
    assert [[one["value"] for one in line["figures"]] for line in told["lines"]] == [
        [20, 25],
        [5, None],
    ]


def test_the_table_has_what_is_told_and_no_formula(service: Served) -> None:
    publish(service, "2026-01", company=20, **{"=2+3": 5})
    made = service("GET", "/measures.csv", admin=True)
    assert made.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(made.text)))
    assert [(one["month"], one["measure"], one["partition"], one["value"]) for one in rows] == [
        ("2026-01", "readers", "Whole company", "20"),
        ("2026-01", "readers", "'=2+3", "5"),
    ]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(begins: str) -> None:
    assert safe_cell(f"{begins}cmd|x") == f"'{begins}cmd|x"
    assert safe_cell(f"a{begins}") == f"a{begins}"


def test_goals_are_set_changed_and_taken_back(service: Served) -> None:
    publish(service, "2026-01", company=20)
    headers = {"Idempotency-Key": "once"}
    made = [service("POST", "/goals", admin=True, json=GOAL, headers=headers) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    path = made[0].headers["location"].removeprefix("/api/v1")
    assert made[0].json() | {"start": 20, "latest": 20, "by_id": 1} == made[0].json()
    changed = service("PUT", path, admin=True, json=GOAL | {"target": 20})
    assert changed.json()["reached"] is True
    assert service("GET", "/goals", admin=True).json()["goals"] == [changed.json()]
    for wrong in ({"due": "2026-W01"}, {"partition": "kind:note"}, {"measure": "x"}):
        code = service("PUT", path, admin=True, json=GOAL | wrong).status_code
        assert code == (404 if "measure" in wrong else 422), wrong
    assert service("DELETE", path, admin=True).status_code == 204
    for method in ("GET", "DELETE"):
        assert service(method, path, admin=True).status_code == 404


def test_interventions_are_noted_changed_and_taken_back(service: Served) -> None:
    made = service("POST", "/interventions", admin=True, json=STEP)
    assert made.status_code == 201
    assert "Too few months" in made.json()["effect"]["reason"]
    path = made.headers["location"].removeprefix("/api/v1")
    changed = service("PUT", path, admin=True, json=STEP | {"name": "Kilns"})
    assert changed.json()["name"] == "Kilns"
    assert service("GET", path, admin=True).json() == changed.json()
    listed = service("GET", "/interventions", admin=True).json()
    assert listed == {"interventions": [changed.json()]}
    assert service("DELETE", path, admin=True).status_code == 204
    assert service("GET", path, admin=True).status_code == 404
    wrong = STEP | {"partitions": ["company", "team:Kilns"]}
    assert service("POST", "/interventions", admin=True, json=wrong).status_code == 422


def test_opening_a_document_is_noted_with_its_place_but_not_of_nobody_in_particular(
    service: Served,
) -> None:
    given = {"title": "Kilns", "body": "Fire them.", "kind": "note", "audience": [["everyone"]]}
    key = service("POST", "/documents", json=given).json()["id"]
    headers = {"As": "ben@example.org"}
    page = service.client.get(f"/documents/{key}?place=3", headers=headers)
    assert page.status_code == 200
    assert service.client.get("/documents/99?place=1", headers=headers).status_code == 404
    assert service.get(f"/documents/{key}", "cleo").status_code == 200
    assert service.get(f"/documents/{key}", "nobody").status_code == 200
    service.services.later.flush()
    with service.services.database.read() as connection:
        held = connection.execute(select(readings).order_by(readings.c.person_id)).all()
    assert [(one.person_id, one.document_id, one.place) for one in held] == [
        (2, key, 3),
        (3, key, None),
    ]


def test_what_a_program_reads_is_noted_of_nobody(service: Served) -> None:
    given = {"title": "Kilns", "body": "Fire them.", "kind": "note", "audience": [["everyone"]]}
    key = service("POST", "/documents", json=given).json()["id"]
    secret = service.services.tokens.create_own(2, "mine", [Scope.SEARCH])[1]
    app = create_app(service.services, TokenDoor(service.services.tokens))
    with TestClient(app) as client:
        for path in (f"/api/v1/documents/{key}", f"/documents/{key}"):
            headers = {"Authorization": f"Bearer {secret}"}
            assert client.get(path, headers=headers).status_code == 200
    service.services.later.flush()
    with service.services.database.read() as connection:
        assert connection.execute(select(readings)).all() == []
