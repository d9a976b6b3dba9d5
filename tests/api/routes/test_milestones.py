"""What somebody sets themselves, how long they teach, their level, steps and examples over HTTP."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.routes.support import Served

DUE = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
NOTE = {"title": "Fire a kiln", "body": "Slowly, and wait.", "kind": "note"}


def made(service: Served, who: str = "ada", **more: Any) -> int:
    told = NOTE | {"audience": [["everyone"]]} | more
    answer = service("POST", "/documents", who, json=told)
    assert answer.status_code == 201, answer.text
    key: int = answer.json()["id"]
    return key


def test_a_milestone_is_set_counted_and_taken_back(service: Served) -> None:
    path = "/people/me/milestones"
    told = {"deed": "notes", "number": 2, "due": DUE}
    assert service("POST", path, json=told).status_code == 201
    made(service)
    (one,) = service.get(path).json()["milestones"]
    assert (one["done"], one["number"], one["reached"], one["due"]) == (1, 2, False, DUE)
    assert service.get(path, "ben").json() == {"milestones": []}
    assert service("DELETE", f"{path}/{one['id']}", "ben").status_code == 404
    # Nor is it told to whoever looks after the service.
    assert service.get(path, "ben", admin=True).json() == {"milestones": []}
    assert service("DELETE", f"{path}/{one['id']}").status_code == 204
    for wrong in ({"deed": "poems"}, {"number": 0}, {"due": "2020-01-01"}, {"due": "soon"}):
        assert service("POST", path, json=told | wrong).status_code == 422
    assert service("POST", path, "nobody", json=told).status_code == 403


def test_time_follows_what_one_says(service: Served) -> None:
    made(service)
    told = service.get("/people/me/teaching").json()
    assert (told["minutes"], told["months"][0]["acts"], told["said"]) == (15, {"notes": 1}, [])
    said = service("PUT", "/people/me/teaching", json={"note": 40}).json()
    assert (said["minutes"], said["each"]["note"], said["said"]) == (40, 40, ["note"])
    assert service("PUT", "/people/me/teaching", json={"note": -1}).status_code == 422


def test_a_level_is_said_and_taken_back(service: Served) -> None:
    for level in ("newcomer", None):
        assert service("PUT", "/people/me/level", json={"level": level}).json() == {"level": level}
        assert service.get("/people/me/level").json() == {"level": level}
        assert service.get("/people/me/level", "ben").json() == {"level": None}
    assert service("PUT", "/people/me/level", json={"level": "guru"}).status_code == 422


def test_an_answer_for_one_s_level_says_so(service: Served) -> None:
    made(service, level="newcomer")
    service("PUT", "/people/me/level", "ben", json={"level": "newcomer"})
    for who, told in (("ben", True), ("ada", False)):
        (answer,) = service.get("/search", who, q="fire a kiln").json()["answers"]
        assert answer["for_your_level"] is told


def test_steps_lead_both_ways_as_far_as_one_may_read(service: Served) -> None:
    first, second = made(service), made(service, title="Open a kiln")
    closed = made(service, title="The vault", audience=[["group:vault"]])
    told = service(
        "PUT", f"/documents/{second}/steps", json={"before": [first, closed], "after": []}
    )
    assert [one["title"] for one in told.json()["before"]] == ["Fire a kiln", "The vault"]
    seen = service.get(f"/documents/{second}/steps", "ben").json()
    assert (seen["said_before"], seen["may_change"]) == ([first], False)
    after = service.get(f"/documents/{first}/steps", "ben").json()["after"]
    assert [one["id"] for one in after] == [second]
    sides = {"before": [], "after": []}
    assert service("PUT", f"/documents/{second}/steps", "ben", json=sides).status_code == 403
    assert service("PUT", f"/documents/{closed}/steps", "ben", json=sides).status_code == 404
    assert service.get(f"/documents/{closed}/steps", "ben").status_code == 404


def test_an_example_is_chosen_and_declined_by_whoever_made_it(service: Served) -> None:
    key = made(service)
    path, why = f"/documents/{key}/exemplar", {"why": "One thing only."}
    assert service("PUT", path, json=why).status_code == 403
    assert service("PUT", path, "ben", admin=True, json=why).status_code == 204
    (one,) = service.get("/gallery", "cleo").json()["exemplars"]
    assert (one["document"]["id"], one["why"]) == (key, "One thing only.")
    ada = service.services.principal("ada@example.org")
    service.services.gallery.decline(key, ada)
    assert service.get("/gallery", "cleo").json() == {"exemplars": []}
    assert service("PUT", path, "ben", admin=True, json=why).status_code == 409
    assert service("DELETE", path, "ben", admin=True).status_code == 204


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_it_is_handed_out_to_its_person(service: Served, who: str) -> None:
    for one in ("ada", "ben"):
        told = {"deed": "notes", "number": 2, "due": DUE}
        service("POST", "/people/me/milestones", one, json=told)
        service("PUT", "/people/me/level", one, json={"level": "expert"})
    services = service.services
    key = int(
        service(
            "POST", "/drafts", json={"title": "Kilns", "body": "Slowly.", "form": "note"}
        ).json()["id"]
    )
    asker = services.principal("ada@example.org")
    review = services.reviewing.ask(key, 2, "Is it right?", asker)
    services.reviewing.give(review.id, "It is.", [], services.principal("ben@example.org"))
    file = io.BytesIO()
    services.takeout.write(1 if who == "ada" else 2, "operator", file)
    with zipfile.ZipFile(file) as archive:
        told = json.loads(archive.read("person.json"))
    assert [one["deed"] for one in told["milestones"]] == ["notes"]
    assert told["reader_levels"] == [{"level": "expert"}]
    assert [one["comment"] for one in told["draft_reviews"]] == ["It is."]
