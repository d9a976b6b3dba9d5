"""Gaps over HTTP: for whom, what is told of them, and what can be done."""

from __future__ import annotations

from datetime import UTC, datetime

from knowledge.people import Profile
from tests.api.routes.support import Served
from tests.builders import document
from tests.indexer.searching import log


def missed(service: Served, text: str, askers: int = 5) -> None:
    log(service.services.database, text, range(askers), datetime.now(UTC))


def test_an_administrator_sees_what_five_miss_and_moves_it(service: Served) -> None:
    service.services.capture.save(document("1", "An oven is hot.", tags=("ovens",)))
    missed(service, "heraldic oven")
    missed(service, "harpsichord tuning", 4)
    told = service.get("/gaps", admin=True).json()
    (gap,) = told["gaps"]
    assert told["next_cursor"] is None
    assert gap["text"] == "heraldic oven"
    assert (gap["askers"], gap["searches"], gap["failing"]) == (5, 5, "nearly_always")
    assert gap["by"] == "searches"
    assert [(week["askers"], week["searches"]) for week in gap["weeks"]] == [(5, 5)]
    assert gap["topic"] == "ovens"
    assert [hit["person"]["name"] for hit in gap["people"]] == ["Ada Field"]
    path = f"/gaps/{gap['id']}"
    assert service("POST", f"{path}/dismiss").status_code == 404
    assert service("POST", f"{path}/dismiss", admin=True).status_code == 204
    assert service.get("/gaps", admin=True).json()["gaps"] == []
    (dismissed,) = service.get("/gaps", admin=True, state="dismissed").json()["gaps"]
    # That it was a person is told; who it was, the audit knows.
    assert (dismissed["by"], dismissed["people"]) == ("somebody", [])
    assert "person:" not in str(dismissed)
    assert service("POST", f"{path}/reopen", admin=True).status_code == 204
    assert len(service.get("/gaps", admin=True).json()["gaps"]) == 1
    assert service("POST", "/gaps/99/dismiss", admin=True).status_code == 404


def test_a_member_is_told_of_none(service: Served) -> None:
    missed(service, "heraldic oven")
    assert service.get("/gaps").json() == {"gaps": [], "next_cursor": None}


def test_they_come_in_pages_of_one_state(service: Served) -> None:
    for number, name in enumerate(("heraldic oven", "harpsichord tuning", "zeppelin moorings")):
        missed(service, name, 5 + number)
    first = service.get("/gaps", admin=True, limit=2).json()
    cursor = first["next_cursor"]
    rest = service.get("/gaps", admin=True, limit=2, cursor=cursor).json()
    texts = [gap["text"] for gap in first["gaps"] + rest["gaps"]]
    assert texts == ["zeppelin moorings", "harpsichord tuning", "heraldic oven"]
    assert rest["next_cursor"] is None
    wrong = service.get("/gaps", admin=True, state="closed", cursor=cursor)
    assert wrong.status_code == 422
    assert service.get("/gaps", admin=True, state="lost").status_code == 422


def test_from_a_search_that_fails_to_a_gap_that_closes_and_people_who_are_told(
    service: Served,
) -> None:
    for name in ("dan", "eve"):
        service.services.directory.put(Profile(name.capitalize(), f"{name}@example.org"))
    asked = "descaling heraldic ovens monthly with vinegar"
    everybody = ("ada", "ben", "cleo", "dan", "eve")
    for who in everybody:
        found = service.get("/search", who, q=asked).json()
        assert not found["confident"]
    service.services.queries.flush()
    (gap,) = service.get("/gaps", admin=True).json()["gaps"]
    assert gap["texts"] == [asked]
    for who in ("ben", "cleo"):
        assert service("POST", "/people/me/wishes", who, json={"text": asked}).status_code == 201
    note = {"title": "Oven", "body": f"# Oven\n\n{asked}: in the kitchen.", "kind": "note"}
    for audience in ([["group:vault"]], [["everyone"]]):
        made = service("POST", "/documents", json=note | {"audience": audience})
        assert made.status_code == 201
        still = service.get("/gaps", admin=True).json()["gaps"]
        assert bool(still) == (audience == [["group:vault"]])
    (closed,) = service.get("/gaps", admin=True, state="closed").json()["gaps"]
    assert (closed["id"], closed["by"]) == (gap["id"], "answer")
    (wish,) = service.get("/people/me/wishes", "ben").json()["wishes"]
    assert wish["answered_at"] is not None
    assert service.get("/search", "ben", q=asked).json()["confident"]


def test_searches_of_people_become_a_gap(service: Served) -> None:
    """From the search itself: five people, of whom each asks in their own words."""
    for name in ("dan", "eve"):
        service.services.directory.put(Profile(name.capitalize(), f"{name}@example.org"))
    for who in ("ada", "ben", "cleo", "dan", "eve"):
        assert service.get("/search", who, q=f"heraldic oven {who}").status_code == 200
    service.services.queries.flush()
    (gap,) = service.get("/gaps", admin=True).json()["gaps"]
    assert (gap["texts"], gap["words"]) == ([], ["heraldic", "oven"])
    assert (gap["text"], gap["askers"]) == ("heraldic oven", 5)
