"""Imports are paused, resumed, cancelled and answered, and tell all they know in a report."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from api.worker import Stop, work
from knowledge.audit import Journal
from knowledge.jobs import Action, ImportState
from knowledge.store import imports as store
from tests.api.routes.support import Served
from tests.api.routes.test_imports import hand_in, read, run, spooled
from tests.knowledge.test_imports import zipped

pytestmark = pytest.mark.usefixtures("warm_readers")

MANY = {f"{n:02}.md": f"# Page {n}\n\nKilns number {n} cool slowly.\n" for n in range(10)}
ODD = {
    "=cmd.md": "---\ntitle: '=HYPERLINK(\"https://evil.example\")'\nauthor: '@Sum'\n---\n\nOdd.\n",
    "a.md": "# A\n\nSee [b](b.md), [no](no.md).\n\n```\npassword = hunter2hunter\n```\n",
    "b.md": "",
    "c.zip": "PK",
}


def act(service: Served, key: str, action: str, who: str = "ada") -> Any:
    return service(
        "PATCH", f"/imports/{key}", who, headers={"Scopes": "import"}, json={"action": action}
    )


def state(service: Served, key: str) -> str:
    return str(read(service, f"/{key}").json()["state"])


def job(service: Served, files: dict[str, str], **given: Any) -> str:
    taken = hand_in(service, "wiki.zip", zipped(files), **given)
    assert taken.status_code == 202, taken.text
    return str(taken.json()["id"])


def test_what_waits_is_paused_resumed_and_cancelled(service: Served) -> None:
    key = job(service, MANY)
    assert act(service, key, "pause").json()["state"] == "paused"
    run(service)
    assert (state(service, key), read(service, f"/{key}").json()["counts"]["added"]) == (
        "paused",
        0,
    )
    assert act(service, key, "resume").json()["state"] == "queued"
    run(service)
    assert state(service, key) == "done"
    other = job(service, MANY)
    assert act(service, other, "cancel").json()["state"] == "cancelled"
    assert spooled(service) == []
    run(service)
    assert state(service, other) == "cancelled"


@pytest.mark.parametrize(("action", "then"), [("pause", "paused"), ("cancel", "cancelled")])
def test_what_runs_stops_at_its_next_input(service: Served, action: str, then: str) -> None:
    key = job(service, MANY)
    imports = service.services.imports
    (waiting,) = imports.unfinished()
    begun = imports.begin(waiting)
    assert begun is not None
    assert act(service, key, action).json()["state"] == "running"
    run(service)
    assert state(service, key) == then
    with service.services.database.read() as connection:
        assert store.get(connection, key).wish is None  # type: ignore[union-attr]
    assert bool(spooled(service)) == (then == "paused")
    if then == "paused":
        assert act(service, key, "resume").status_code == 200
        run(service)
        done = read(service, f"/{key}").json()
        assert (done["state"], done["counts"]["added"]) == ("done", len(MANY))


def test_a_wish_to_pause_can_be_taken_back(service: Served) -> None:
    key = job(service, MANY)
    (waiting,) = service.services.imports.unfinished()
    service.services.imports.begin(waiting)
    act(service, key, "pause")
    act(service, key, "resume")
    run(service)
    assert state(service, key) == "done"


def test_what_cannot_be_done_now_is_a_conflict(service: Served) -> None:
    key = job(service, MANY)
    assert act(service, key, "resume").status_code == 409
    assert act(service, key, "archive_gone").status_code == 409
    assert act(service, key, "frobnicate").status_code == 422
    assert act(service, key, "pause", who="ben").status_code == 404
    run(service)
    for action in ("pause", "resume", "cancel", "keep_gone"):
        problem = act(service, key, action)
        assert (problem.status_code, "done" in problem.json()["detail"]) == (409, True)


@pytest.mark.parametrize("answer", ["archive_gone", "keep_gone", "cancel"])
def test_an_import_asks_before_much_is_archived(service: Served, answer: str) -> None:
    job(service, MANY, full="true")
    run(service)
    some = dict(list(MANY.items())[:6])
    key = job(service, some, full="true")
    run(service)
    asking = read(service, f"/{key}").json()
    assert asking["state"] == "asking"
    assert asking["question"] == {"gone": 4, "held": 10, "names": sorted(MANY)[6:]}
    found = service.get("/search", q="kilns number 8", source="wiki").json()["answers"]
    assert any(a["document"]["title"] == "Page 8" for a in found)
    assert act(service, key, answer).status_code == 200
    run(service)
    ended = read(service, f"/{key}").json()
    assert ended["state"] == ("cancelled" if answer == "cancel" else "done")
    assert ended["question"] is None
    assert ended["counts"]["archived"] == (4 if answer == "archive_gone" else 0)
    listed = service.get("/documents", source="wiki", limit=50).json()["documents"]
    assert len(listed) == (6 if answer == "archive_gone" else 10)
    assert spooled(service) == []


def test_a_report_tells_all_and_is_safe_in_a_spreadsheet(service: Served) -> None:
    key = job(service, ODD)
    run(service)
    report = read(service, f"/{key}/report").json()
    assert report["import"]["id"] == key
    assert {i["name"]: i["status"] for i in report["items"]} == {
        "=cmd.md": "added",
        "a.md": "added",
        "b.md": "refused",
        "c.zip": "refused",
    }
    summary = report["summary"]
    assert summary["kinds"] == {"writeup": 2}
    assert summary["people"] == {"count": 1, "names": ["@Sum"]}
    assert [b["target"] for b in summary["links"]["broken_ones"]] == ["no.md"]
    assert summary["secrets"] == [{"document": "a.md", "what": "password in a setting", "count": 1}]
    table = read(service, f"/{key}/report.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(table.text)))
    assert rows[0] == ["fact", "name", "status", "detail", "count", "document_id"]
    cells = [cell for row in rows for cell in row]
    assert "'=cmd.md" in cells
    assert "'@Sum" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "hunter2hunter" not in table.text
    assert read(service, f"/{key}/report", who="ben").status_code == 404
    assert read(service, f"/{key}/report.csv", who="ben").status_code == 404


def test_several_run_at_once_and_no_more_than_are_set(
    service: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [job(service, MANY, source=f"wiki {n}") for n in range(4)]
    at_once: list[int] = []
    finish = service.services.imports.finish

    def counting(*given: Any, **more: Any) -> None:
        jobs = service.services.imports.unfinished()
        at_once.append(sum(j.state is ImportState.RUNNING for j in jobs))
        finish(*given, **more)

    monkeypatch.setattr(service.services.imports, "finish", counting)
    work(service.services, Stop(), lambda _: None)
    assert [state(service, key) for key in keys] == ["done"] * 4
    assert max(at_once) == service.services.settings.imports.jobs == 2
    listed = service.get("/documents", limit=50).json()["documents"]
    assert len(listed) >= 40
    assert service.services.index.verify() == []


def test_a_document_is_found_before_its_import_ends(
    service: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = job(service, MANY)
    seen: list[tuple[bool, str]] = []
    finish = service.services.imports.finish

    def looking(*given: Any, **more: Any) -> None:
        found = service.get("/search", q="kilns number 3", source="wiki").json()["answers"]
        seen.append((bool(found), state(service, key)))
        finish(*given, **more)

    monkeypatch.setattr(service.services.imports, "finish", looking)
    run(service)
    assert seen == [(True, "running")]


def test_the_form_says_what_a_session_is(service: Served) -> None:
    talk = b"WEBVTT\n\n00:00.000 --> 00:09.000\n<v Speaker 1>The kiln cools slowly at night.\n"
    record = '{"title": "Cooling kilns", "kind": "demo", "host": "Ada Field", "date": "2025-03-04"}'
    taken = hand_in(service, "talk.vtt", talk, session=record)
    assert taken.status_code == 202, taken.text
    wrong = hand_in(service, "wiki.zip", zipped(MANY), session=record)
    run(service)
    done = read(service, f"/{taken.json()['id']}").json()
    assert (done["state"], done["counts"]["added"], done["counts"]["refused"]) == ("done", 1, 0)
    (listed,) = service.get("/documents", source="talk").json()["documents"]
    told = service.get(f"/documents/{listed['id']}").json()
    assert (told["title"], told["tags"], told["created_at"][:10]) == (
        "Cooling kilns",
        ["demo"],
        "2025-03-04",
    )
    assert [(c["name"], c["role"]) for c in told["contributors"]] == [("Ada Field", "host")]
    failed = read(service, f"/{wrong.json()['id']}").json()
    assert (failed["state"], "one transcript" in failed["error"]) == ("failed", True)


def test_administrators_cancel_anybody_s_and_do_no_more(service: Served) -> None:
    key = job(service, MANY)
    for scopes, action, status in (
        ("import", "cancel", 404),
        ("admin", "pause", 404),
        ("search", "cancel", 403),
        ("admin", "cancel", 200),
        ("admin", "cancel", 409),
    ):
        told = service(
            "PATCH",
            f"/imports/{key}",
            "ben",
            headers={"Scopes": scopes},
            json={"action": action},
        )
        assert told.status_code == status, told.text
        assert "wiki" not in told.text
    found = read(service, f"/{key}").json()
    assert (found["state"], found["error"]) == ("cancelled", "an administrator cancelled this")
    assert spooled(service) == []
    (entry,) = [
        one
        for one in Journal(service.services.database).newest(10)
        if one.action == "import-cancelled"
    ]
    assert entry.actor == "person:2"


def test_what_an_administrator_cancels_while_it_runs_is_not_its_owner_s_to_keep(
    service: Served,
) -> None:
    key = job(service, MANY)
    imports = service.services.imports
    (begun,) = imports.unfinished()
    assert imports.begin(begun)
    imports.act(key, "person:2", Action.CANCEL, administrator=True)
    assert act(service, key, "pause").status_code == 409
    assert imports.stops(begun)
    assert imports.obey(begun)
    assert state(service, key) == "cancelled"
    told = [one.action for one in Journal(service.services.database).newest(10)]
    assert told.count("import-cancelled") == 1
