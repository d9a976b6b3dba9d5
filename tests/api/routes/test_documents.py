"""Documents over HTTP: written once, changed by those who may, found by the next search."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge.store.tables import changes, documents, requests
from knowledge.types import Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import document

NOTE = {
    "title": "Restart the ledger",
    "body": "# Restart\n\nStop the ledger, wait, start it.\n",
    "kind": "note",
    "tags": ["ops", "#ledger", "ops"],
    "level": "newcomer",
    "url": "https://wiki.example.org/ledger",
}


def post(service: Served, who: str = "ada", **changes: Any) -> Any:
    headers = changes.pop("headers", {})
    return service("POST", "/documents", who, json=NOTE | changes, headers=headers)


def put(service: Served, key: int, etag: str | None, who: str = "ada", **given: Any) -> Any:
    admin = given.pop("admin", False)
    held = {"audience": [["everyone"]]} | NOTE | given
    headers = {} if etag is None else {"If-Match": etag}
    return service("PUT", f"/documents/{key}", who, admin=admin, json=held, headers=headers)


def found(service: Served, q: str, who: str = "ada") -> set[int]:
    told = service.get("/search", who, q=q, mode="lexical").json()
    return {answer["document"]["id"] for answer in told["answers"]}


def count(service: Served, table: Any) -> int:
    with service.services.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_what_is_written_is_there_and_found_by_the_next_search(service: Served) -> None:
    made = post(service)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/documents/1")
    told = made.json()
    stored = {key: told.pop(key) for key in ("created_at", "updated_at", "stored_at")}
    assert stored["created_at"] == stored["updated_at"]
    assert told == NOTE | {
        "id": 1,
        "source": "app",
        "tags": ["ledger", "ops"],
        "audience": [["everyone"]],
        "editable": True,
        "contributors": [{"person_id": 1, "name": "Ada Field", "role": "author"}],
        "revision": 1,
        "rough": False,
        "links": [],
        "files": [],
    }
    assert found(service, "restart ledger", "ben") == {1}
    read = service.get("/documents/1", "ben")
    assert read.headers["ETag"] == made.headers["ETag"]
    assert read.json() == told | stored | {"audience": None, "editable": False}


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"title": "  "}, "needs a title"),
        ({"title": "x" * 301}, "title"),
        ({"title": "a\0b"}, "NUL"),
        ({"body": "\n \t"}, "needs a text"),
        ({"body": "x" * 200_001}, "body"),
        ({"body": None}, "body"),
        ({"kind": "transcript"}, "'writeup' or 'note'"),
        ({"level": "guru"}, "newcomer"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"tags": ["x" * 101]}, "tags"),
        ({"url": "javascript:alert(1)"}, "https://"),
        ({"url": "https://"}, "https://"),
        ({"url": "https://[x"}, "https://"),
        ({"url": "https://a b"}, "https://"),
        ({"audience": []}, "audience"),
        ({"audience": [[]]}, "audience"),
        ({"audience": [["all"]]}, "group:SLUG"),
        ({"audience": [["group:a b"]]}, "group:SLUG"),
        ({"audience": "everyone"}, "audience"),
        ({"audience": [["person:2"]]}, "could not read"),
        ({"audience": [["everyone"], ["group:hr"]]}, "could not read"),
        ({"audience": [["everyone", *(f"group:{n}{'x' * 180}" for n in range(20))]]}, "too long"),
        ({"autor": "me"}, "autor"),
    ],
)
def test_what_cannot_be_written_is_refused_with_the_reason(
    idle: Served, wrong: dict[str, Any], hint: str
) -> None:
    refused = post(idle, **wrong)
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert hint in refused.text
    assert count(idle, documents) == 0


@pytest.mark.parametrize(
    "body",
    [
        '{"title": "\\ud800", "body": "b"}',
        '{"title": "t", "body": "b", "\\ud800": 1}',
        '{"title": "t", "body": "b", "tags": ["\\udfff"]}',
        '{"title": "t", "body": NaN}',
        '{"title": "t", "body": ' + "[" * 100_000,
        '{"title": ' + "1" * 5000 + "}",
        "[]",
        "null",
        "",
        b"\xff",
    ],
)
def test_what_is_no_text_and_no_json_is_the_callers_mistake(
    idle: Served, body: str | bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    refused = idle("POST", "/documents", content=body, headers=headers)
    assert refused.status_code in (400, 422), refused.text
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_token_of_nobody_writes_nothing(idle: Served) -> None:
    refused = post(idle, "nobody")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
    assert idle.get("/documents", "nobody", author="me").status_code == 422


def test_unknown_and_hidden_are_the_same(service: Served) -> None:
    hidden = post(service, audience=[["group:vault"]]).json()["id"]
    for call in (
        lambda key: service.get(f"/documents/{key}", "ben"),
        lambda key: put(service, key, "*", "ben", admin=True),
        lambda key: service("DELETE", f"/documents/{key}", "ben", admin=True),
    ):
        one, other = call(hidden), call(99)
        assert (one.status_code, one.json()) == (other.status_code, other.json())
        assert one.status_code == 404
    assert service.get(f"/documents/{hidden}").status_code == 200


def test_a_change_needs_the_version_that_was_read(service: Served) -> None:
    etag = post(service).headers["ETag"]
    missing = put(service, 1, None, title="New")
    assert (missing.status_code, missing.json()["type"]) == (428, "/problems/precondition-required")
    for wrong in ('"other"', f"W/{etag}"):
        assert put(service, 1, wrong, title="New").status_code == 412
    assert put(service, 1, etag[1:-1], title="New").status_code == 422
    changed = put(service, 1, f'"other", {etag}', title="Stop the ledger", body="Pull the lever.")
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] != etag
    assert put(service, 1, etag, title="Newer").status_code == 412
    assert put(service, 1, "*", title="Newest").json()["title"] == "Newest"


def test_a_change_keeps_what_was_and_is_found_at_once(service: Served) -> None:
    before = post(service).json()
    etag = service.get("/documents/1").headers["ETag"]
    after = put(service, 1, etag, body="Pull the lever.", tags=[]).json()
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]
    assert (after["revision"], after["tags"]) == (2, [])
    assert found(service, "lever") == {1}
    assert found(service, "wait") == set()


def test_the_same_again_writes_nothing(service: Served) -> None:
    etag = post(service).headers["ETag"]
    before = count(service, changes)
    again = put(service, 1, etag, tags=["ledger", "ops"])
    assert (again.status_code, again.headers["ETag"]) == (200, etag)
    assert count(service, changes) == before


def test_only_authors_editors_and_administrators_change(service: Served) -> None:
    etag = post(service).headers["ETag"]
    for refused in (
        put(service, 1, etag, "ben", title="Mine"),
        service("DELETE", "/documents/1", "ben"),
    ):
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
    edited = put(service, 1, etag, "ben", admin=True, title="Better")
    roles = {(c["name"], c["role"]) for c in edited.json()["contributors"]}
    assert roles == {("Ada Field", "author"), ("Ben Osei", "editor")}
    again = put(service, 1, edited.headers["ETag"], "ben", title="Better still")
    assert again.status_code == 200
    assert len(again.json()["contributors"]) == 2
    assert put(service, 1, again.headers["ETag"], title="Best").status_code == 200


def test_a_new_audience_counts_at_once(service: Served) -> None:
    etag = post(service).headers["ETag"]
    closed = put(service, 1, etag, audience=[["group:vault"]])
    assert closed.json()["audience"] == [["group:vault"]]
    assert closed.json()["revision"] == 1
    assert closed.headers["ETag"] != etag
    assert (found(service, "ledger"), found(service, "ledger", "ben")) == ({1}, set())
    lost = put(service, 1, closed.headers["ETag"], audience=[["person:2"]])
    assert (lost.status_code, "could not read" in lost.json()["detail"]) == (422, True)


def test_what_was_imported_is_not_changed_here_but_for_its_readers(service: Served) -> None:
    service.services.capture.save(document("a", "Imported text", source="person:9/app"))
    held = service.get("/documents/1").json()
    etag = service.get("/documents/1").headers["ETag"]
    given = {key: held[key] for key in ("title", "body", "kind", "tags", "level", "url")}
    refused = put(service, 1, etag, **given | {"body": "Mine"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/conflict")
    assert "import" in refused.json()["detail"]
    closed = put(service, 1, etag, **given, audience=[["group:vault"]])
    assert (closed.status_code, closed.json()["body"]) == (200, "Imported text")
    assert found(service, "imported", "ben") == set()
    assert service("DELETE", "/documents/1").status_code == 204
    assert found(service, "imported") == set()


def test_a_text_that_is_not_sent_stays(service: Served) -> None:
    service.services.capture.save(document("a", "Imported text"))
    post(service)
    held = {1: service.get("/documents/1").json(), 2: service.get("/documents/2").json()}
    for key, before in held.items():
        given = {name: before[name] for name in ("title", "kind", "tags", "level", "url")}
        etag = service.get(f"/documents/{key}").headers["ETag"]
        told = {"headers": {"If-Match": etag}, "json": given | {"audience": [["group:vault"]]}}
        closed = service("PUT", f"/documents/{key}", **told)
        assert (closed.status_code, closed.json()["body"]) == (200, before["body"])
        assert closed.json()["audience"] == [["group:vault"]]
        assert service("PUT", f"/documents/{key}", **told).status_code == 412
    told["headers"]["If-Match"] = closed.headers["ETag"]
    told["json"]["title"] = "Another title"
    renamed = service("PUT", "/documents/2", **told)
    assert (renamed.json()["title"], renamed.json()["body"]) == ("Another title", NOTE["body"])
    told = {"headers": {"If-Match": renamed.headers["ETag"]}, "json": told["json"] | {"body": ""}}
    assert service("PUT", "/documents/2", **told).status_code == 422


def test_a_deleted_document_is_gone(service: Served) -> None:
    etag = post(service).headers["ETag"]
    stale = service("DELETE", "/documents/1", headers={"If-Match": '"other"'})
    assert stale.status_code == 412
    done = service("DELETE", "/documents/1", headers={"If-Match": etag})
    assert (done.status_code, done.content) == (204, b"")
    assert found(service, "ledger") == set()
    for gone in (service.get("/documents/1"), service("DELETE", "/documents/1")):
        assert gone.status_code == 404


def test_lists_hold_what_may_be_read_newest_first(service: Served) -> None:
    save = service.services.capture.save
    save(document("a", "text", source="person:9/wiki"))
    save(document("v", "text", audience=Audience.of("group:vault")))
    liked = (Contributor("Ben Osei", Role.ENDORSER, email="ben@example.org"),)
    save(document("b", "text", contributors=liked, updated_at=datetime(2026, 1, 1, tzinfo=UTC)))
    post(service, "ben")

    def ids(who: str = "ada", **params: Any) -> list[int]:
        told = service.get("/documents", who, **params).json()
        return [one["id"] for one in told["documents"]]

    assert ids() == [4, 3, 2, 1]
    assert ids("ben") == [4, 3, 1]
    assert ids("ben", author="me") == [4]
    assert ids(author="me") == [2, 1]
    assert ids(kind="note") == [4]
    assert ids(source="wiki") == [3, 2, 1]
    assert ids(source=["app", "nowhere"]) == [4]
    first = service.get("/documents", "ben", limit=2).json()
    assert [one["id"] for one in first["documents"]] == [4, 3]
    assert list(first["documents"][1]) == [
        "id",
        "title",
        "url",
        "kind",
        "source",
        "updated_at",
        "contributors",
    ]
    rest = service.get("/documents", "ben", limit=2, cursor=first["next_cursor"]).json()
    assert ([one["id"] for one in rest["documents"]], rest["next_cursor"]) == ([1], None)
    other = service.get("/documents", "ben", kind="note", cursor=first["next_cursor"])
    assert other.status_code == 422


def test_a_repeated_request_makes_nothing_twice(service: Served) -> None:
    headers = {"Idempotency-Key": "one of mine"}
    first, again = post(service, headers=headers), post(service, headers=headers)
    assert again.status_code == 201
    for part in ("Location", "ETag"):
        assert again.headers[part] == first.headers[part]
    assert again.json() == first.json()
    assert (count(service, documents), count(service, requests)) == (1, 1)
    other = post(service, headers=headers, title="Something else")
    assert (other.status_code, "another request" in other.json()["detail"]) == (422, True)
    assert post(service, "ben", headers=headers).json()["id"] == 2
    service("DELETE", "/documents/1")
    assert post(service, headers=headers).status_code == 404


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "\u00e9".encode("latin-1")])
def test_a_key_is_short_and_printable(idle: Served, key: str | bytes) -> None:
    assert post(idle, headers={"Idempotency-Key": key}).status_code == 422


def test_repetitions_at_the_same_time_make_one_document(service: Served) -> None:
    results: list[Any] = []
    ready = threading.Barrier(6)

    def write(number: int) -> None:
        ready.wait()
        results.append(post(service, headers={"Idempotency-Key": f"key {number % 2}"}))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.status_code for r in results] == [201] * 6
    assert len({r.json()["id"] for r in results}) == 2
    assert count(service, documents) == 2


def test_of_two_changes_of_one_version_one_wins(service: Served) -> None:
    etag = post(service).headers["ETag"]
    results: list[int] = []
    ready = threading.Barrier(4)

    def write(number: int) -> None:
        ready.wait()
        results.append(put(service, 1, etag, title=f"Title {number}").status_code)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [200, 412, 412, 412]
    assert service.get("/documents/1").json()["revision"] == 2
