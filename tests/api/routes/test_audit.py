"""/api/v1/audit: administrators see what was done."""

from __future__ import annotations

from knowledge.audit import Action
from tests.api.routes.support import Served


def test_administrators_turn_its_pages(service: Served) -> None:
    for number in range(5):
        action = Action.IMPORTED if number % 2 else Action.EXPORTED
        service.services.journal.tell(f"person:{number}", action, "import:1", documents=number)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        told = service.get("/audit", admin=True, limit=2, **more).json()
        seen += [entry["sequence"] for entry in told["entries"]]
        cursor = told["next_cursor"]
        if cursor is None:
            break
    newest = service.services.journal.head()[0]
    assert seen == list(range(newest, 0, -1))
    only = service.get("/audit", admin=True, action="imported").json()["entries"]
    assert [entry["actor"] for entry in only] == ["person:3", "person:1"]
    assert only[0]["detail"] == {"documents": 3}
    assert service.get("/audit", admin=True, actor="person:4").json()["entries"][0]["seal"]
    assert service.get("/audit", admin=True, since="2999-01-01").json()["entries"] == []


def test_a_cursor_belongs_to_its_list(service: Served) -> None:
    for _ in range(3):
        service.services.journal.tell("operator", Action.BACKED_UP)
    cursor = service.get("/audit", admin=True, limit=1).json()["next_cursor"]
    other = service.get("/audit", admin=True, limit=1, actor="operator", cursor=cursor)
    assert other.status_code == 422


def test_its_head_is_told_to_be_kept_elsewhere(service: Served) -> None:
    service.services.journal.tell("operator", Action.BACKED_UP)
    told = service.get("/audit/head", admin=True).json()
    assert (told["sequence"], told["seal"]) == service.services.journal.head()
    verdict = service.services.journal.verify((told["sequence"], told["seal"]))
    assert verdict.problem == ""


def test_nobody_else_sees_it(service: Served) -> None:
    for path in ("/audit", "/audit/head"):
        assert service.get(path).status_code == 403
        assert service.client.get(f"/api/v1{path}").status_code == 401


def test_when_one_colleague_comes_and_goes_is_no_list(service: Served) -> None:
    for action in (Action.SIGNED_IN, Action.EXPORTED, Action.SIGNED_OUT, Action.SESSION_ENDED):
        service.services.journal.tell("person:2", action, "session:1")

    def told(**asked: str) -> list[str]:
        entries = service.get("/audit", admin=True, **asked).json()["entries"]
        return [entry["action"] for entry in entries if entry["actor"] == "person:2"]

    assert told(actor="person:2") == ["exported"]
    assert told(actor="person:2", action="signed-in") == []
    assert told() == ["session-ended", "signed-out", "exported", "signed-in"]
    assert told(action="signed-in") == ["signed-in"]
