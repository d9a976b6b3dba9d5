"""Who leaves hands over what they own: all of it or nothing, declined or undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowledge.audit import Action
from knowledge.editing import Editor
from knowledge.handover import HandOver
from knowledge.people import Profile
from knowledge.store import meetings
from knowledge.types import OPERATOR, Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import disable, document

NOW = datetime.now(UTC)
TEXTS = ["Fire the kiln slowly.", "Cool the kiln for a day.", "Stack the kiln loosely."]


@pytest.fixture
def filled(service: Served) -> Served:
    for number, text in enumerate(TEXTS):
        service.services.capture.save(document(f"kiln {number}", text, updated_at=NOW))
    vault = document("vault", "Open the vault.", audience=Audience.of("group:vault"))
    service.services.capture.save(vault)
    service.services.topics.refresh()
    service.services.stewardship.change(1, OPERATOR, "operator", steward_id=1)
    return service


def give(service: Served, *items: tuple[str, int, int], who: str = "ada", **more: Any) -> Any:
    told = [{"kind": kind, "id": key, "person_id": to} for kind, key, to in items]
    return service("POST", "/people/1/hand-over", who, json={"items": told}, **more)


def give_rest(
    service: Served, to: int, *items: tuple[str, int, int], who: str = "ada", **more: Any
) -> Any:
    told = [{"kind": kind, "id": key, "person_id": person} for kind, key, person in items]
    body = {"items": told, "rest_person_id": to}
    return service("POST", "/people/1/hand-over", who, json=body, **more)


def owner(service: Served, number: int) -> int | None:
    told = service.get(f"/documents/{number}/owner", "ada").json()["owner"]
    return None if told is None else int(told["id"])


def a_session(service: Served) -> int:
    given = {
        "kind": "talk",
        "title": "Firing",
        "starts_at": (NOW + timedelta(days=9)).isoformat(),
        "minutes": 60,
    }
    made = service("POST", "/meetings", json=given)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


def test_everything_is_listed_and_goes_at_once(filled: Served) -> None:
    session = a_session(filled)
    told = filled.get("/people/1/hand-over").json()
    assert [(one["kind"], one["id"]) for one in told["owned"]] == [
        *(("document", key) for key in (1, 2, 3, 4)),
        ("topic", 1),
        ("session", session),
    ]
    done = give(filled, ("document", 1, 2), ("topic", 1, 2), ("session", session, 3))
    assert done.status_code == 201
    assert owner(filled, 1) == 2
    assert filled.get("/topics/1").json()["topic"]["steward"]["id"] == 2
    assert filled.get(f"/meetings/{session}").json()["host"]["id"] == 3
    got = filled.get("/people/me/received", "ben").json()["received"]
    assert [(one["kind"], one["sender"]["id"]) for one in got] == [("document", 1), ("topic", 1)]
    (entry,) = filled.services.journal.newest(9, action=Action.HANDED_OVER)
    assert entry.detail == {"number": 1, "documents": 1, "topics": 1, "sessions": 1}


def test_nothing_goes_where_something_cannot(filled: Served) -> None:
    refused = give(filled, ("document", 1, 2), ("document", 4, 2))
    assert (refused.status_code, "can read" in refused.text) == (422, True)
    assert owner(filled, 1) == 1
    for wrong in ((), (("document", 99, 2),), (("document", 1, 1),)):
        assert give(filled, *wrong).status_code == 422
    assert give(filled, ("document", 1, 2), who="ben").status_code == 404
    assert filled.get("/people/1/hand-over", "ben").status_code == 404


def test_the_rest_goes_to_one_colleague_and_comes_back(filled: Served) -> None:
    filled.services.capture.save(document("kiln 9", TEXTS[0] + " Twice.", updated_at=NOW))
    session = a_session(filled)
    # Ben cannot read one of it: nothing goes.
    refused = give_rest(filled, 2)
    assert (refused.status_code, "can read" in refused.text) == (422, True)
    assert {owner(filled, key) for key in (1, 2, 3, 4, 5)} == {1}
    assert give_rest(filled, 1).status_code == 422
    assert give_rest(filled, 99).status_code == 404
    vault = filled.services.directory.put(
        Profile("Dora Lind", "dora@example.org", groups=("vault",))
    )
    done = give_rest(filled, vault, ("document", 1, 2), ("topic", 1, 2))
    assert done.status_code == 201
    assert [owner(filled, key) for key in (1, 2, 3, 4, 5)] == [2, *[vault] * 4]
    assert filled.get(f"/meetings/{session}").json()["host"]["id"] == vault
    assert filled.get("/people/1/hand-over").json()["owned"] == []
    # There is no rest any more.
    assert give_rest(filled, vault).status_code == 422
    assert filled("DELETE", "/hand-overs/1").status_code == 204
    assert {owner(filled, key) for key in (1, 2, 3, 4, 5)} == {1}
    assert filled.get(f"/meetings/{session}").json()["host"]["id"] == 1


def test_the_rest_is_what_an_administrator_can_read(filled: Served) -> None:
    disable(filled.services, 1)
    assert give_rest(filled, 3, who="ben", admin=True).status_code == 201
    assert [owner(filled, key) for key in (1, 2, 3, 4)] == [3, 3, 3, None]


def test_who_gets_something_declines_it_and_keeps_something(filled: Served) -> None:
    give(filled, ("document", 1, 2), ("document", 2, 2), ("topic", 1, 2))
    reply = "/people/me/received/1/{}"
    answers = (("document/1", True), ("document/2", False), ("topic/1", True))
    for thing, declined in answers:
        said = filled("POST", reply.format(thing), "ben", json={"declined": declined})
        assert said.status_code == 204
    assert (owner(filled, 1), owner(filled, 2)) == (1, 2)
    assert filled.get("/topics/1").json()["topic"]["steward"]["id"] == 1
    assert filled.get("/people/me/received", "ben").json() == {"received": []}
    again = filled("POST", reply.format("document/1"), "ben", json={"declined": True})
    assert again.status_code == 404


def test_it_is_undone_within_thirty_days(filled: Served) -> None:
    give(filled, ("document", 1, 2), ("document", 2, 2), ("topic", 1, 3))
    # What went on to somebody else meanwhile stays there.
    filled("PUT", "/documents/2/owner", "ben", json={"person_id": 3})
    refused = filled("DELETE", "/hand-overs/1", "ben")
    unknown = filled("DELETE", "/hand-overs/99", "ben")
    assert refused.status_code == unknown.status_code == 404
    assert refused.text.replace("/1", "/99") == unknown.text
    (done,) = filled.get("/people/1/hand-over").json()["done"]
    assert (done["id"], done["count"]) == (1, 3)
    assert filled("DELETE", "/hand-overs/1").status_code == 204
    assert (owner(filled, 1), owner(filled, 2)) == (1, 3)
    assert filled.get("/topics/1").json()["topic"]["steward"]["id"] == 1
    assert filled("DELETE", "/hand-overs/1").status_code == 409
    assert filled.get("/people/me/received", "ben").json() == {"received": []}
    give(filled, ("document", 1, 2))
    services = filled.services
    later = HandOver(
        services.database,
        services.settings.ask,
        services.settings.privacy,
        lambda: NOW + timedelta(days=31),
    )
    assert later.done(1, Editor(OPERATOR, admin=True)) == []


def test_a_session_that_was_held_stays_with_who_held_it(filled: Served) -> None:
    kept, over = a_session(filled), a_session(filled)
    give(filled, ("session", kept, 3), ("session", over, 3))
    with filled.services.database.write() as connection:
        meetings.put(connection, over, state="held", ends_at=NOW - timedelta(days=1))
    assert filled("DELETE", "/hand-overs/1").status_code == 204
    assert filled.get(f"/meetings/{kept}").json()["host"]["id"] == 1
    assert filled.get(f"/meetings/{over}").json()["host"]["id"] == 3
    again = a_session(filled)
    give(filled, ("session", again, 3))
    with filled.services.database.write() as connection:
        meetings.put(connection, again, ends_at=NOW - timedelta(days=1))
    said = filled("POST", f"/people/me/received/2/session/{again}", "cleo", json={"declined": True})
    assert said.status_code == 204
    assert filled.get(f"/meetings/{again}").json()["host"]["id"] == 3


def test_who_holds_a_session_has_no_seat_in_it(filled: Served) -> None:
    session = a_session(filled)
    assert filled("POST", f"/meetings/{session}/join", "ben").status_code == 200
    give(filled, ("session", session, 2))
    with filled.services.database.read() as connection:
        assert meetings.taking_part(connection, [session]) == {}
    assert filled("POST", f"/meetings/{session}/join", "ada").status_code == 200
    assert filled("DELETE", "/hand-overs/1").status_code == 204
    with filled.services.database.read() as connection:
        assert meetings.taking_part(connection, [session]) == {}


def test_an_administrator_hands_over_what_somebody_left(filled: Served) -> None:
    disable(filled.services, 1)
    assert owner(filled, 1) is None
    told = filled.get("/people/1/hand-over", "ben", admin=True).json()["owned"]
    # Not what they may not read.
    assert [one["id"] for one in told if one["kind"] == "document"] == [1, 2, 3]
    assert give(filled, ("document", 1, 3), who="ben", admin=True).status_code == 201
    assert owner(filled, 1) == 3


def test_open_questions_go_to_somebody_else_and_nobody_is_told(filled: Served) -> None:
    given = {"title": "How hot?", "to_id": 1, "anonymous": True}
    asked = filled("POST", "/questions", "ben", json=given)
    assert asked.status_code == 201, asked.text
    waiting = filled.get("/questions", "ada", box="to_answer").json()["questions"]
    assert len(waiting) == 1
    done = filled("POST", "/people/1/hand-over", json={"items": [], "with_questions": True})
    assert done.status_code == 201
    assert filled.get("/people/1/hand-over").json()["done"] == []
    assert filled.get("/questions", "ada", box="to_answer").json()["questions"] == []
    (entry,) = filled.services.journal.newest(9, action=Action.HANDED_OVER)
    assert "question" not in str(entry.detail)


def test_who_knows_most_beside_them_is_suggested(filled: Served) -> None:
    ben = (Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org"),)
    kiln = document("kiln 9", TEXTS[0], contributors=ben, updated_at=NOW)
    filled.services.capture.save(kiln)
    filled.services.topics.refresh()
    told = filled.get("/people/1/hand-over").json()["owned"]
    suggested = {one["suggested"]["id"] for one in told if one["suggested"]}
    assert suggested == {2}
    # Not of what they cannot read.
    assert [one["suggested"] for one in told if one["id"] == 4] == [None]


def test_nobody_is_suggested_whom_no_directory_knows(filled: Served) -> None:
    zoe = (Contributor("Zoe Lark", Role.AUTHOR, email="zoe@elsewhere.example"),)
    kiln = document("kiln 9", "Open the kiln when it is cold.", contributors=zoe, updated_at=NOW)
    filled.services.capture.save(kiln)
    filled.services.topics.refresh()
    told = filled.get("/people/1/hand-over").json()["owned"]
    assert not any(one["suggested"] for one in told)
