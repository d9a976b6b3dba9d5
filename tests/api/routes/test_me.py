"""/api/v1/people/me: what somebody decides about themselves, and who else is told of it."""

from __future__ import annotations

import io
import zipfile

from knowledge.types import Audience
from tests.api.routes.support import Served
from tests.builders import document


def test_somebody_decides_and_sees_it(service: Served) -> None:
    assert service.get("/people/me").json() == {
        "id": 1,
        "name": "Ada Field",
        "team": "Platform",
        "title": None,
        "address": "ada@example.org",
        "consent_written": None,
        "consent_spoken": None,
        "said_by_directory": [],
        "paused_until": None,
        "hidden_topics": [],
        "defaults": {"written": "opt-out", "spoken": "source"},
    }
    said = {
        "consent_written": False,
        "consent_spoken": True,
        "paused_until": "2999-01-31",
        "hidden_topics": ["area/ops"],
    }
    assert service("PATCH", "/people/me", json=said).status_code == 422
    said["paused_until"] = None  # type: ignore[assignment]
    changed = service("PATCH", "/people/me", json=said).json()
    assert changed["consent_written"] is False
    assert changed["consent_spoken"] is True
    assert changed["hidden_topics"] == ["area/ops"]
    # What is left out stays.
    changed = service("PATCH", "/people/me", json={"consent_written": None}).json()
    assert changed["consent_written"] is None
    assert changed["consent_spoken"] is True
    assert changed == service.get("/people/me").json()
    assert service.get("/people/me", "ben").json()["hidden_topics"] == []


def test_topics_are_hidden_and_shown_one_by_one(service: Served) -> None:
    for _ in range(2):
        assert service("PUT", "/people/me/topics/ops").status_code == 204
    assert service.get("/people/me").json()["hidden_topics"] == ["ops"]
    for tag in ("OPS", "never hidden"):
        assert service("DELETE", f"/people/me/topics/{tag}").status_code == 204
    assert service.get("/people/me").json()["hidden_topics"] == []
    assert service("PUT", "/people/me/topics/%00").status_code == 422


def test_evidence_is_shown_page_by_page_and_objected_to(service: Served) -> None:
    save = service.services.capture.save
    ids = [save(document(key, "text", tags=("ops",))).document_id for key in ("a", "b")]
    hidden = save(document("v", "text", audience=Audience.of("group:board"))).document_id
    first = service.get("/people/me/evidence", limit=1).json()
    assert first["evidence"] == [
        {
            "document_id": ids[1],
            "title": "Page b",
            "kind": "writeup",
            "roles": ["author"],
            "tags": ["ops"],
            "at": None,
            "counts": True,
            "hidden_topics": [],
            "verdict": None,
        }
    ]
    rest = service.get("/people/me/evidence", limit=1, cursor=first["next_cursor"]).json()
    assert [one["document_id"] for one in rest["evidence"]] == [ids[0]]
    assert rest["next_cursor"] is None
    said = {"verdict": "not_me"}
    assert service("PUT", f"/people/me/evidence/{ids[0]}", json=said).status_code == 204
    service("PUT", "/people/me/topics/ops")
    told = service.get("/people/me/evidence").json()["evidence"]
    assert [(one["counts"], one["verdict"], one["hidden_topics"]) for one in told] == [
        (False, None, ["ops"]),
        (False, "not_me", ["ops"]),
    ]
    answers = [service("PUT", f"/people/me/evidence/{key}", json=said) for key in (hidden, 10**9)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    for key in (ids[0], hidden, 10**9):
        assert service("DELETE", f"/people/me/evidence/{key}").status_code == 204


def test_who_is_nobody_in_particular_is_told_so(idle: Served) -> None:
    said = {"verdict": "hidden"}
    for method, path, given in (
        ("GET", "", None),
        ("PATCH", "", {}),
        ("PUT", "/topics/ops", None),
        ("DELETE", "/topics/ops", None),
        ("GET", "/evidence", None),
        ("PUT", "/evidence/1", said),
        ("DELETE", "/evidence/1", None),
        ("GET", "/appearances", None),
    ):
        told = idle(method, f"/people/me{path}", "nobody", json=given)
        assert told.status_code == 403, path
        assert "nobody in particular" in told.json()["detail"]


def test_being_shown_is_counted_for_oneself_alone(service: Served) -> None:
    service.services.capture.save(document("a", "How to fire a kiln."))
    for who in ("ada", "ben", "cleo"):
        assert service.get("/search", who, q="fire a kiln").json()["people"]
    assert service.get("/people", "ben", q="fire a kiln").json()["people"]
    service.services.queries.flush()
    told = service.get("/people/me/appearances").json()["appearances"]
    assert [one["shown"] for one in told] == [3]  # her own search is none
    assert service.get("/people/me/appearances", "ben").json() == {"appearances": []}


def test_somebody_takes_what_is_kept_of_them(service: Served) -> None:
    service.services.capture.save(document("a", "How to fire a kiln."))
    told = service.get("/people/me/export")
    assert told.status_code == 200
    assert told.headers["content-type"] == "application/zip"
    assert "attachment" in told.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(told.content)) as archive:
        assert archive.namelist() == ["person.json", "documents/1-page-a.md"]
    assert service.get("/people/me/export", "nobody").status_code == 403
