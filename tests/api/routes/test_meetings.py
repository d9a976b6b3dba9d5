"""Sessions over HTTP, from the offer to what those who came say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from knowledge.store.meeting_tables import meetings
from tests.api.routes.support import Served

SOON = (datetime.now(UTC) + timedelta(days=7)).replace(microsecond=0)


def made(service: Served, who: str = "ada", **more: Any) -> dict[str, Any]:
    told = {"title": "Firing kilns", "kind": "demo", "starts_at": SOON.isoformat()} | more
    answer = service("POST", "/meetings", who, json=told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/api/v1/meetings/{found['id']}"
    return found


def begin(service: Served, key: int) -> None:
    """Let its time have come."""
    with service.services.database.write() as connection:
        ago = datetime.now(UTC) - timedelta(hours=1)
        same = meetings.c.id == key
        connection.execute(update(meetings).where(same).values(starts_at=ago, ends_at=ago))


def test_from_the_offer_to_the_poll(service: Served) -> None:
    key = made(service, seats=2, level="expert")["id"]
    path = f"/meetings/{key}"
    (listed,) = service.get("/meetings", "ben").json()["meetings"]
    assert (listed["id"], listed["host"]["name"], listed["count"]) == (key, "Ada Field", 0)
    joined = service("POST", f"{path}/join", "ben").json()
    assert (joined["joined"], joined["participants"][0]["person"]["name"]) == (True, "Ben Osei")
    assert service.get(path, "cleo").json()["participants"] is None
    assert service("POST", f"{path}/join", "ada").status_code == 409
    assert service("POST", f"{path}/attendance", "ada", json={"came": [2]}).status_code == 409
    begin(service, key)
    assert service("POST", f"{path}/attendance", "ben", json={"came": [2]}).status_code == 409
    done = service("POST", f"{path}/attendance", "ada", json={"came": [2]}).json()
    assert (done["state"], done["participants"][0]["came"]) == ("held", True)
    assert service.get(path, "ben").json()["asked"] is True
    said = {"useful": "yes", "relevant": "partly", "engaging": "no", "pass_on": "Open it late."}
    answer = service("POST", f"{path}/poll", "ben", json=said)
    assert answer.status_code == 201, answer.text
    draft = service.get(f"/drafts/{answer.json()['draft_id']}", "ben").json()
    assert (draft["title"], "Open it late." in draft["body"]) == ("Firing kilns", True)
    assert service("POST", f"{path}/poll", "ben", json=said).status_code == 409
    told = service.get(f"{path}/poll", "ada").json()
    assert (told["count"], told["useful"], told["lines"]) == (
        0,
        {"yes": 0, "partly": 0, "no": 0},
        [],
    )
    assert service.get(f"{path}/poll", "ben").status_code == 409
    (past,) = service.get("/meetings", "cleo", box="past").json()["meetings"]
    assert past["came"] is None
    (mine,) = service.get("/meetings", "ben", box="mine").json()["meetings"]
    assert mine["came"] is True


def test_a_wish_is_taken_changed_and_cancelled(service: Served) -> None:
    key = made(service, "ben", starts_at=None)["id"]
    path = f"/meetings/{key}"
    (wanted,) = service.get("/meetings", "ada", box="wanted").json()["meetings"]
    assert (wanted["host"], wanted["asked_by"]["name"]) == (None, "Ben Osei")
    assert service.get(f"{path}/calendar").status_code == 409
    told = {"title": "Kilns", "starts_at": SOON.isoformat(), "minutes": 30}
    taken = service("PUT", path, "ada", json=told)
    assert taken.status_code == 200, taken.text
    assert (taken.json()["state"], taken.json()["host"]["id"]) == ("planned", 1)
    assert service("DELETE", path, "ben").status_code == 409
    assert service("DELETE", f"{path}/join", "ben").status_code == 204
    done = service("DELETE", path, "ada")
    assert (done.status_code, done.content) == (204, b"")
    assert service.get(path, "ben").json()["state"] == "cancelled"
    assert service("PUT", path, "ada", json=told).status_code == 409


def test_a_file_for_calendars(service: Served) -> None:
    key = made(service, "ada", audience=[["group:vault"]], place="Room; 3")["id"]
    answer = service.get(f"/meetings/{key}/calendar")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="session-{key}.ics"'
    lines = answer.text.split("\r\n")
    assert f"DTSTART:{SOON:%Y%m%dT%H%M%SZ}" in lines
    assert f"UID:session-{key}@testserver" in lines
    assert f"URL:http://testserver/sessions/{key}" in lines
    assert "LOCATION:Room\\; 3" in lines
    assert "Ada" not in answer.text
    assert service.get(f"/meetings/{key}/calendar", "ben").status_code == 404


def test_whom_it_is_not_for_and_what_is_unknown_look_alike(service: Served) -> None:
    key = made(service, audience=[["group:vault"]])["id"]
    for method, place, body in (
        ("GET", "", None),
        ("PUT", "", {"title": "x"}),
        ("DELETE", "", None),
        ("POST", "/join", None),
        ("DELETE", "/join", None),
        ("POST", "/attendance", {"came": []}),
        ("POST", "/poll", {"useful": "yes", "relevant": "yes", "engaging": "yes"}),
        ("GET", "/poll", None),
    ):
        closed, unknown = (
            service(method, f"/meetings/{one}{place}", "ben", json=body) for one in (key, 99)
        )
        assert (closed.status_code, unknown.status_code) == (404, 404), (method, place)
        assert closed.json()["detail"] == unknown.json()["detail"]
    for wrong in ({"title": ""}, {"title": "x", "audience": [["group:board"]]}, {"minutes": 0}):
        assert service("POST", "/meetings", "ben", json=wrong).status_code == 422


def test_a_repeated_request_makes_one(service: Served) -> None:
    told, headers = {"title": "Kilns"}, {"Idempotency-Key": "k"}
    first, second = (
        service("POST", "/meetings", "ben", json=told, headers=headers) for _ in range(2)
    )
    assert first.json()["id"] == second.json()["id"]
