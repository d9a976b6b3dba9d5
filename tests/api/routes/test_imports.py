"""Imports over HTTP: taken in durably, run by a worker, told to their owner alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api import cursors, streams
from api.worker import Stop, work
from knowledge.identity import AccountRole
from knowledge.imports import Imports
from tests.api.routes.support import Served
from tests.knowledge.test_imports import FILES, zipped

pytestmark = pytest.mark.usefixtures("warm_readers")

Event = tuple[str, str, dict[str, Any]]


def hand_in(service: Served, name: str, data: bytes, who: str = "ada", **given: Any) -> Any:
    headers = given.pop("headers", {}) | {"Scopes": given.pop("scopes", "import")}
    return service(
        "POST", "/imports", who, headers=headers, files={"file": (name, data)}, data=given
    )


def read(
    service: Served, path: str, who: str = "ada", scopes: str = "import", **params: Any
) -> Any:
    return service("GET", f"/imports{path}", who, headers={"Scopes": scopes}, params=params)


def run(service: Served) -> None:
    work(service.services, Stop(), lambda _: None)


def events(text: str) -> list[Event]:
    """(event, id, data) of each event, comments and the rest left out."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in lines:
            found.append((lines["event"], lines.get("id", ""), json.loads(lines["data"])))
    return found


def spooled(service: Served) -> list[Path]:
    folder = service.services.database.directory / "imports"
    return list(folder.iterdir()) if folder.is_dir() else []


def test_a_zip_is_taken_in_read_and_reported(service: Served) -> None:
    taken = hand_in(service, "wiki.zip", zipped(FILES))
    assert taken.status_code == 202, taken.text
    assert taken.headers["location"] == f"/api/v1/imports/{taken.json()['id']}"
    assert taken.json()["state"] == "queued"
    assert taken.json()["source"] == "wiki"
    path = f"/{taken.json()['id']}"
    assert read(service, f"{path}/items").json() == {"items": [], "next_cursor": None}

    run(service)
    done = read(service, path).json()
    assert done["state"] == "done"
    assert done["counts"] == {
        "added": 3,
        "changed": 0,
        "unchanged": 0,
        "refused": 2,
        "people": 1,
        "moved": 0,
        "archived": 0,
        "bytes_read": 134,
        "bytes": 141,
    }
    first = read(service, f"{path}/items", limit=3).json()
    rest = read(service, f"{path}/items", limit=3, cursor=first["next_cursor"]).json()
    assert rest["next_cursor"] is None
    items = first["items"] + rest["items"]
    assert [(i["name"], i["status"]) for i in items] == [
        ("a.md", "added"),
        ("b.md", "added"),
        ("c.md", "refused"),
        ("e.md", "added"),
        ("d.png", "refused"),
    ]
    found = service.get("/search", q="how do kilns cool").json()
    assert found["answers"][0]["document"]["id"] == items[0]["document_id"]
    assert found["answers"][0]["document"]["source"] == "wiki"
    assert service.get("/search", q="how do kilns cool", source="wiki").json()["answers"]


def test_fields_say_how_it_is_read_and_who_may_read_it(service: Served) -> None:
    taken = hand_in(
        service,
        "kiln.md",
        FILES["a.md"].encode(),
        source="pottery",
        format="markdown",
        audience=["group:vault|group:kiln", "everyone"],
    ).json()
    assert taken["audience"] == [["everyone"], ["group:kiln", "group:vault"]]
    assert (taken["source"], taken["format"]) == ("pottery", "markdown")
    dry = hand_in(service, "b.md", FILES["b.md"].encode(), dry_run="true", source="").json()
    assert (dry["dry_run"], dry["source"]) == (True, "b")
    run(service)
    assert service.get("/search", q="how do kilns cool").json()["answers"]
    assert not service.get("/search", "ben", q="how do kilns cool").json()["answers"]
    assert not service.get("/search", q="glaze runs", source="b").json()["answers"]
    (would,) = read(service, f"/{dry['id']}/items").json()["items"]
    assert (would["status"], would["document_id"]) == ("added", None)


@pytest.mark.parametrize(
    ("fields", "files", "said"),
    [
        ({"format": "runes"}, {"file": ("a.md", b"x")}, "runes"),
        ({"audience": ["Friends"]}, {"file": ("a.md", b"x")}, "no audience"),
        ({"dry_run": "perhaps"}, {"file": ("a.md", b"x")}, "dry_run"),
        ({"colour": "red"}, {"file": ("a.md", b"x")}, "colour"),
        ({"format": ["auto", "auto"]}, {"file": ("a.md", b"x")}, "format"),
        ({"source": "x" * 11_000}, {"file": ("a.md", b"x")}, "longer than"),
        ({}, {"thing": ("a.md", b"x")}, "no file"),
        ({}, [("file", ("a.md", b"x")), ("file", ("b.md", b"x"))], "two files"),
        ({}, {"file": ("//", b"x")}, "choose a file"),
    ],
)
def test_a_wrong_form_is_refused_and_leaves_nothing(
    idle: Served, fields: dict[str, Any], files: Any, said: str
) -> None:
    headers = {"Scopes": "import"}
    refused = idle("POST", "/imports", headers=headers, files=files, data=fields)
    assert refused.status_code == 422, refused.text
    assert said in refused.text
    assert spooled(idle) == []
    assert read(idle, "").json()["imports"] == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"x", "multipart/form-data", 415),
        (b"x", "multipart/form-data; boundary=" + "b" * 71, 415),
        (b"nonsense", "multipart/form-data; boundary=b", 422),
        (b"", "multipart/form-data; boundary=b", 422),
        (b'--b\r\nContent-Disposition: form-data; name="source"\r\n\r\nw\r\n--b--\r\n', "b", 422),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\ntext',
            "b",
            422,
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nw\r\n--b--\r\n',
            "b",
            422,
        ),
        (b"--b\r\nA: b\r\n\r\n" * 101 + b"x", "b", 422),
    ],
)
def test_what_is_no_form_is_refused(idle: Served, content: bytes, kind: str, status: int) -> None:
    kind = "multipart/form-data; boundary=b" if kind == "b" else kind
    headers = {"Scopes": "import", "Content-Type": kind}
    refused = idle("POST", "/imports", headers=headers, content=content)
    assert refused.status_code == status, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert spooled(idle) == []


def test_too_large_a_file_is_refused_while_it_comes(service: Served) -> None:
    service.services.__dict__["imports"] = Imports(service.services.database, 100_000)
    assert hand_in(service, "a.md", b"# A\n\n" + b"x" * 90_000).status_code == 202
    refused = hand_in(service, "b.md", b"x" * 1_000_000)
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/too-large")
    assert len(spooled(service)) == 1

    def endless() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'
        for _ in range(20):
            yield b"x" * 50_000

    headers = {"Scopes": "import", "Content-Type": "multipart/form-data; boundary=b"}
    refused = service("POST", "/imports", headers=headers, content=endless())
    assert refused.status_code == 413
    assert len(spooled(service)) == 1


def test_a_request_sent_again_makes_nothing(service: Served) -> None:
    key = {"Idempotency-Key": "upload 1"}
    first = hand_in(service, "a.md", b"# A\n\nText.", headers=key)
    again = hand_in(service, "a.md", b"# A\n\nText.", headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert hand_in(service, "a.md", b"# B\n\nText.", headers=key).status_code == 422
    assert len(read(service, "").json()["imports"]) == len(spooled(service)) == 1


def test_an_import_is_told_to_its_owner_alone(service: Served) -> None:
    mine = [hand_in(service, f"{n}.md", b"# A\n\nText.").json()["id"] for n in range(3)]
    secret = hand_in(service, "secret.md", b"", "ben", source="plans").json()["id"]
    run(service)
    page = read(service, "", limit=2).json()
    rest = read(service, "", limit=2, cursor=page["next_cursor"]).json()
    assert [job["id"] for job in page["imports"] + rest["imports"]] == mine[::-1]
    assert rest["next_cursor"] is None
    assert read(service, "", "ben", cursor=page["next_cursor"]).status_code == 422

    unknown = [read(service, f"/{'0' * 32}{part}") for part in ("", "/items", "/events")]
    hidden = [read(service, f"/{secret}{part}") for part in ("", "/items", "/events")]
    assert [r.status_code for r in hidden] == [404] * 3
    assert [r.json() for r in hidden] == [r.json() for r in unknown]

    seen = read(service, f"/{secret}", scopes="admin").json()
    assert (seen["state"], seen["counts"]["refused"]) == ("done", 1)
    assert (seen["file_name"], seen["source"], seen["error"]) == (None, None, None)
    for part in ("/items", "/events"):
        assert read(service, f"/{secret}{part}", scopes="import admin").status_code == 404
    assert read(service, f"/{mine[0]}", scopes="import admin").json()["file_name"] == "0.md"
    assert read(service, f"/{mine[0]}", scopes="search").status_code == 403
    assert read(service, "", scopes="search").status_code == 403
    assert hand_in(service, "a.md", b"x", scopes="capture").status_code == 403


def test_what_others_keep_neither_shows_in_a_report_nor_changes_it(service: Served) -> None:
    def bring(who: str, text: str, **given: Any) -> dict[str, Any]:
        taken = hand_in(service, "w.zip", zipped({"a.md": text}), who, **given)
        run(service)
        path = f"/{taken.json()['id']}"
        told = read(service, f"{path}/items", who, "import admin").json()["items"]
        job = read(service, path, who, "import admin").json()
        return {"counts": job["counts"], "items": [(i["name"], i["status"]) for i in told]}

    page = "---\nauthor: Ada Field\naudience: [group:vault]\n---\n# Vault\n\nOpens at noon."
    alone = bring("cleo", page)
    service.services.roles.grant(1, AccountRole.ADMINISTRATOR, "operator")
    kept = bring("ada", page, scopes="import admin")
    assert bring("ben", page) == alone == kept
    assert bring("ada", page, scopes="import admin")["counts"]["unchanged"] == 1
    kept_now = service.get("/documents").json()["documents"]
    assert [document["source"] for document in kept_now] == ["w", "w", "w"]
    assert len(service.get("/documents", source="w").json()["documents"]) == 3


@pytest.mark.parametrize("position", [0, 2**31, 2**32, 2**62, 2**63 - 1])
def test_a_made_up_cursor_leads_nowhere(service: Served, position: int) -> None:
    key = hand_in(service, "a.md", b"# A\n\nText.").json()["id"]
    for path, about in {
        "": ("imports", "person:1"),
        f"/{key}/items": ("import items", key),
    }.items():
        answer = read(service, path, cursor=cursors.encode(position, *about))
        assert answer.status_code in (200, 422), answer.text
    listed = read(service, "", cursor=cursors.encode(position, "imports", "person:1"))
    assert listed.status_code == (422 if position > 2**60 else 200)


@pytest.mark.parametrize("source", ["app", " app ", "person:2/w", "token:1/w"])
@pytest.mark.parametrize("dry", ["true", "false"])
def test_administrators_reach_no_source_of_others_by_its_key(
    service: Served, source: str, dry: str
) -> None:
    hand_in(service, "w.zip", zipped(FILES), "ben", audience="person:2")
    run(service)
    refused = hand_in(
        service, "x.zip", zipped(FILES), scopes="import admin", source=source, dry_run=dry
    )
    assert refused.status_code == 422, refused.text
    assert "name another" in refused.json()["detail"]
    assert read(service, "").json()["imports"] == []
    named_alike = hand_in(service, "x.zip", zipped(FILES), source=source)
    assert named_alike.status_code == 202


def test_events_tell_items_then_the_end_and_resume(service: Served) -> None:
    key = hand_in(service, "wiki.zip", zipped(FILES)).json()["id"]
    run(service)
    stream = read(service, f"/{key}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    told = events(stream.text)
    assert [(name, number) for name, number, _ in told] == [
        ("item", "1"),
        ("item", "2"),
        ("item", "3"),
        ("item", "4"),
        ("item", "5"),
        ("progress", ""),
        ("end", "end"),
    ]
    assert [data for name, _, data in told if name == "item"] == read(
        service, f"/{key}/items"
    ).json()["items"]
    assert told[-1][2]["state"] == "done"
    headers = {"Scopes": "import", "Last-Event-ID": "3"}
    again = service("GET", f"/imports/{key}/events", headers=headers)
    assert events(again.text) == told[3:]
    headers["Last-Event-ID"] = "5"
    late = service("GET", f"/imports/{key}/events", headers=headers)
    assert events(late.text) == told[5:]
    headers["Last-Event-ID"] = told[-1][1]
    over = service("GET", f"/imports/{key}/events", headers=headers)
    assert (over.status_code, over.content) == (204, b"")
    assert service("GET", f"/imports/{'0' * 32}/events", headers=headers).status_code == 404
    for nonsense in ("-1", "x", "9" * 40, "²"):
        headers["Last-Event-ID"] = nonsense
        again = service(
            "GET", f"/imports/{key}/events", headers={k: v.encode() for k, v in headers.items()}
        )
        assert events(again.text) == told


def test_events_end_without_an_end_when_the_service_stops(service: Served) -> None:
    key = hand_in(service, "a.md", b"# A\n\nText.").json()["id"]
    stopping = service.client.app.state.stopping  # type: ignore[attr-defined]
    stopping.set()
    assert events(read(service, f"/{key}/events").text) == []
    stopping.clear()


def test_events_end_when_the_right_to_them_is_gone(
    service: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = hand_in(service, "a.md", b"# A\n\nText.").json()["id"]
    monkeypatch.setattr(streams, "POLL_S", 0.01)
    monkeypatch.setattr(streams, "RECHECK_S", 0.0)
    monkeypatch.setattr(streams, "QUIET_S", 0.0)
    door = service.client.app.state.door  # type: ignore[attr-defined]
    identify, asked = door.identify, []

    def sometimes(request: Any) -> Any:
        asked.append(request)
        if len(asked) > 5:
            request.scope["headers"] = [h for h in request.scope["headers"] if h[0] != b"as"]
            del request.__dict__["_headers"]
        return identify(request)

    monkeypatch.setattr(door, "identify", sometimes)
    text = read(service, f"/{key}/events").text
    assert [name for name, _, _ in events(text)] == ["progress"]
    assert ": still here" in text
    assert len(asked) == 6


def test_a_dry_run_is_started_for_real(service: Served) -> None:
    tried = hand_in(service, "wiki.zip", zipped(FILES), dry_run="true").json()
    path = f"/imports/{tried['id']}/start"
    headers = {"Scopes": "import"}
    assert service("POST", path, headers=headers).status_code == 409
    run(service)
    assert read(service, f"/{tried['id']}").json()["file_kept_until"]
    assert service("POST", path, "ben", headers=headers).status_code == 404
    assert service("POST", path, headers={"Scopes": "search"}).status_code == 403
    begun = service("POST", path, headers=headers)
    assert begun.status_code == 202
    made = begun.json()
    assert begun.headers["location"] == f"/api/v1/imports/{made['id']}"
    assert (made["dry_run"], made["state"], made["file_kept_until"]) == (False, "queued", None)
    run(service)
    assert read(service, f"/{made['id']}").json()["counts"]["added"] == 3


def test_events_begin_after_an_item(service: Served) -> None:
    made = hand_in(service, "wiki.zip", zipped(FILES)).json()
    run(service)
    told = [event[0] for event in events(read(service, f"/{made['id']}/events", after=3).text)]
    assert told.count("item") == 2
    assert told[-1] == "end"
