"""Drafts over HTTP: their author's alone, safe against two windows, and gone when published."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge.store.draft_tables import draft_files, drafts
from knowledge.store.tables import blobs
from knowledge.types import Audience
from tests.api.routes.support import Served
from tests.builders import document

PNG = b"\x89PNG\r\n\x1a\n" + b"of a kiln"
NOTE = {
    "form": "note",
    "title": "Cool a kiln slowly",
    "body": "## The one thing\n\nOpen the damper a finger wide and wait for the obsidian hour.",
}


def begun(service: Served, who: str = "ada", **changes: Any) -> dict[str, Any]:
    made = service("POST", "/drafts", who, json=NOTE | changes)
    assert made.status_code == 201, made.text
    return made.json()


def rows(service: Served) -> list[int]:
    with service.services.database.read() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (drafts, draft_files, blobs)
        ]


def save(service: Served, held: dict[str, Any], version: str, **changes: Any) -> Any:
    headers = {"If-Match": f'"{version}"'}
    return service("PUT", f"/drafts/{held['id']}", json=NOTE | changes, headers=headers)


def found(service: Served, query: str, who: str = "ben") -> list[str]:
    answers = service.get("/search", who, q=query).json()["answers"]
    return [one["document"]["title"] for one in answers]


def test_a_draft_is_kept_as_it_is_and_listed(service: Served) -> None:
    made = begun(service, tags=["kilns"], level="newcomer", rough=True)
    assert made["version"] == "1"
    read = service.get(f"/drafts/{made['id']}")
    assert read.headers["etag"] == '"1"'
    assert read.json() == made
    assert (made["body"], made["tags"], made["rough"]) == (NOTE["body"], ["kilns"], True)
    (listed,) = service.get("/drafts").json()["drafts"]
    assert (listed["id"], "body" in listed) == (made["id"], False)


def test_nothing_need_be_in_a_draft(service: Served) -> None:
    made = service("POST", "/drafts", json={})
    assert made.status_code == 201
    refused = service("POST", f"/drafts/{made.json()['id']}/publish")
    assert (refused.status_code, "title" in refused.json()["detail"]) == (422, True)
    assert rows(service)[0] == 1


@pytest.mark.parametrize("admin", [False, True])
def test_nobody_else_sees_a_draft_whatever_their_role(service: Served, admin: bool) -> None:
    made = begun(service)
    service.services.drafting.attach(
        made["id"], "kiln.png", PNG, service.services.principal("ada@example.org")
    )
    path = f"/drafts/{made['id']}"
    unknown = service.get("/drafts/99999", "ben", admin=admin)
    for method, what, more in (
        ("GET", "", {}),
        ("PUT", "", {"json": NOTE, "headers": {"If-Match": "*"}}),
        ("DELETE", "", {}),
        ("POST", "/publish", {}),
        ("GET", "/files/0", {}),
        ("POST", "/files", {"files": {"file": ("a.png", PNG)}}),
    ):
        answer = service(method, path + what, "ben", admin=admin, **more)
        assert (answer.status_code, answer.json()) == (404, unknown.json()), (method, what)
    assert service.get("/drafts", "ben", admin=admin).json() == {"drafts": []}
    text = {"draft_id": made["id"], "body": "x"}
    assert service("POST", "/preview", "ben", admin=admin, json=text).status_code == 404
    assert found(service, "obsidian damper") == []


def test_two_windows_do_not_overwrite_each_other(service: Served) -> None:
    made = begun(service)
    assert save(service, made, "1", title="First").json()["version"] == "2"
    stale = save(service, made, "1", title="Second")
    assert stale.status_code == 412
    assert service.get(f"/drafts/{made['id']}").json()["title"] == "First"
    missing = service("PUT", f"/drafts/{made['id']}", json=NOTE)
    assert missing.status_code == 428


def test_a_request_that_is_sent_again_begins_one_draft(service: Served) -> None:
    headers = {"Idempotency-Key": "first"}
    first, second = (service("POST", "/drafts", json=NOTE, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert rows(service)[0] == 1


def test_what_is_published_is_found_at_once_and_the_draft_is_gone(service: Served) -> None:
    made = begun(service, tags=["kilns"], level="newcomer")
    headers = {"Idempotency-Key": "go", "If-Match": '"1"'}
    first, second = (
        service("POST", f"/drafts/{made['id']}/publish", headers=headers) for _ in range(2)
    )
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert found(service, "obsidian damper") == ["Cool a kiln slowly"]
    assert rows(service)[0] == 0
    held = service.get(f"/documents/{first.json()['document_id']}").json()
    assert (held["kind"], held["body"], held["level"]) == ("note", NOTE["body"], "newcomer")
    assert [one["role"] for one in held["contributors"]] == ["author"]


def test_a_draft_that_was_saved_meanwhile_is_not_published(service: Served) -> None:
    made = begun(service)
    save(service, made, "1", title="Later")
    path = f"/drafts/{made['id']}/publish"
    assert service("POST", path, headers={"If-Match": '"1"'}).status_code == 412
    assert rows(service)[0] == 1


def test_pictures_are_the_authors_until_they_are_the_documents(service: Served) -> None:
    made = begun(service)
    path = f"/drafts/{made['id']}/files"
    kept = service("POST", path, files={"file": ("../kiln.html", PNG)}).json()
    again = service("POST", path, files={"file": ("other.png", PNG)}).json()
    spare = service("POST", path, files={"file": ("spare.gif", b"GIF89a spare")}).json()
    assert again == kept
    assert kept["name"] == "kiln.png"
    shown = service.client.get(kept["url"], headers={"As": "ada@example.org"})
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert "sandbox" in shown.headers["content-security-policy"]
    body = f"{NOTE['body']}\n\n![The kiln]({kept['href']})"
    save(service, made, "1", body=body)
    key = service("POST", f"/drafts/{made['id']}/publish").json()["document_id"]
    held = service.get(f"/documents/{key}", "ben").json()
    assert [one["href"] for one in held["files"]] == [kept["href"]]
    moved = service.client.get(held["files"][0]["url"], headers={"As": "ben@example.org"})
    assert moved.content == PNG
    assert rows(service) == [0, 0, 1], spare


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"", b"GIF89", b"RIFF0000WAVE"])
def test_what_is_no_picture_is_refused(service: Served, data: bytes) -> None:
    made = begun(service)
    path = f"/drafts/{made['id']}/files"
    refused = service("POST", path, files={"file": ("a.png", data)})
    assert refused.status_code == 422
    assert rows(service)[1:] == [0, 0]


def test_pictures_have_limits(service: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    made = begun(service)
    path = f"/drafts/{made['id']}/files"
    large = PNG + b"0" * 5_000_000
    assert service("POST", path, files={"file": ("a.png", large)}).status_code == 422
    monkeypatch.setattr("knowledge.drafting.MAX_FILES", 1)
    assert service("POST", path, files={"file": ("a.png", PNG)}).status_code == 201
    assert service("POST", path, files={"file": ("b.png", PNG + b"2")}).status_code == 422


def test_throwing_away_takes_the_pictures_along(service: Served) -> None:
    made = begun(service)
    service("POST", f"/drafts/{made['id']}/files", files={"file": ("kiln.png", PNG)})
    assert service("DELETE", f"/drafts/{made['id']}").status_code == 204
    assert rows(service) == [0, 0, 0]


def published(service: Served, body: str = "One.\n\nTwo.\n\nThree.") -> tuple[int, dict[str, Any]]:
    written = service("POST", "/documents", json={"title": "Kilns", "body": body})
    key = written.json()["id"]
    version = written.headers["etag"].strip('"')
    base = {"document_id": key, "revision": 1, "version": version}
    return key, begun(service, form="writeup", title="Kilns", body="One.\n\nMy two.", base=base)


def test_a_document_is_changed_by_a_draft(service: Served) -> None:
    key, made = published(service)
    assert made["document_id"] == key
    assert service.get(f"/documents/{key}").json()["body"].startswith("One.\n\nTwo.")
    done = service("POST", f"/drafts/{made['id']}/publish")
    assert done.json()["document_id"] == key
    held = service.get(f"/documents/{key}").json()
    assert (held["body"], held["revision"]) == ("One.\n\nMy two.", 2)
    assert rows(service)[0] == 0


def test_a_document_that_changed_meanwhile_is_not_overwritten(service: Served) -> None:
    key, made = published(service)
    told = {"title": "Kilns", "body": "Theirs.", "kind": "writeup", "audience": [["everyone"]]}
    service("PUT", f"/documents/{key}", json=told, headers={"If-Match": "*"})
    assert service("POST", f"/drafts/{made['id']}/publish").status_code == 412
    assert service.get(f"/documents/{key}").json()["body"] == "Theirs."
    assert rows(service)[0] == 1


def test_a_document_that_is_gone_is_not_made_anew(service: Served) -> None:
    key, made = published(service)
    service("DELETE", f"/documents/{key}")
    assert service("POST", f"/drafts/{made['id']}/publish").status_code == 409
    assert rows(service)[0] == 1


def test_a_picture_that_the_text_no_longer_shows_goes(service: Served) -> None:
    made = begun(service)
    kept = service("POST", f"/drafts/{made['id']}/files", files={"file": ("k.png", PNG)}).json()
    save(service, made, "1", body=f"![kiln]({kept['href']})")
    key = service("POST", f"/drafts/{made['id']}/publish").json()["document_id"]
    told = {"title": "Kilns", "kind": "note", "audience": [["everyone"]]}
    put = {"headers": {"If-Match": "*"}}
    service("PUT", f"/documents/{key}", json=told | {"level": "expert"}, **put)
    assert len(service.get(f"/documents/{key}").json()["files"]) == 1
    service("PUT", f"/documents/{key}", json=told | {"body": "Without."}, **put)
    assert service.get(f"/documents/{key}").json()["files"] == []
    assert rows(service)[2] == 0


def test_who_knew_it_is_named_as_who_answered(service: Served) -> None:
    ben = service.services.principal("ben@example.org").person_id
    made = begun(service, form="quick", knower_id=ben, rough=True)
    key = service("POST", f"/drafts/{made['id']}/publish").json()["document_id"]
    held = service.get(f"/documents/{key}").json()
    assert [(one["name"], one["role"]) for one in held["contributors"]] == [
        ("Ada Field", "author"),
        ("Ben Osei", "answerer"),
    ]
    assert held["rough"] is True
    unknown = service("POST", "/drafts", json=NOTE | {"knower_id": 99999})
    assert unknown.status_code == 404


SECRET = document(
    "secret",
    "The obsidian damper of the vault kiln is opened a finger wide.",
    title="Vault kilns",
    tags=("zebra",),
    audience=Audience.of("group:vault"),
)


def advice(service: Served, who: str = "ben", **changes: Any) -> dict[str, Any]:
    told = service("POST", "/drafts/hints", who, json=NOTE | changes)
    assert told.status_code == 200, told.text
    return told.json()


def test_hints_say_what_is_lacking(service: Served) -> None:
    told = {one["about"]: one["done"] for one in advice(service)["hints"]}
    assert told["title"]
    assert told["one_thing"]
    assert not told["example"]


def test_only_what_one_may_read_is_similar_or_lends_its_tags_and_words(service: Served) -> None:
    shown = [
        document(key, f"{NOTE['body']} {key}", title=f"Kilns {key}", tags=("kilns",))
        for key in ("b1", "b2")
    ]
    list(service.services.capture.ingest([*shown, SECRET]))
    told = advice(service)
    assert {one["title"] for one in told["similar"]} == {"Kilns b1", "Kilns b2"}
    assert told["tags"] == ["kilns"]
    assert {one["editable"] for one in told["similar"]} == {False}
    # Hers, and imported: its text is changed where it comes from.
    assert {one["editable"] for one in advice(service, "ada")["similar"]} == {False}
    assert "Vault kilns" in {one["title"] for one in advice(service, "ada")["similar"]}


def test_an_abbreviation_is_known_where_one_may_read_it(service: Served) -> None:
    hidden = document("x", "The QXR hums.", audience=Audience.of("group:vault"))
    list(service.services.capture.ingest([hidden]))

    def said(who: str) -> str:
        told = advice(service, who, body="## The one thing\n\nStop the QXR first.")
        return next(one["text"] for one in told["hints"] if one["about"] == "acronyms")

    assert "QXR" in said("ben")
    assert "QXR" not in said("ada")


def test_nothing_of_a_text_that_is_looked_at_is_kept(service: Served) -> None:
    advice(service, title="Zanzibarcanary of kilns")
    service("POST", "/preview", json={"body": "zanzibarcanary"})
    service.services.queries.flush()
    data = service.services.settings.storage.data
    kept = [p.name for p in data.rglob("*") if p.is_file() and b"anzibarcanary" in p.read_bytes()]
    assert kept == []


@pytest.mark.parametrize("depth", [30, 200, 1_000])
def test_a_preview_nests_as_deep_as_anybody_reads(service: Served, depth: int) -> None:
    body = "*a " * depth + " b*" * depth
    answer = service("POST", "/preview", json={"body": body})
    assert answer.status_code == 200
    assert answer.text.count('"em"') > 20
    assert service("POST", "/preview", json={"body": "> " * depth + "end"}).status_code == 200


def test_a_preview_is_elements_and_shows_the_pictures_of_a_draft(service: Served) -> None:
    made = begun(service)
    kept = service("POST", f"/drafts/{made['id']}/files", files={"file": ("k.png", PNG)}).json()
    body = f"# A\n\n<script>x</script> [a](javascript:x)\n\n![k]({kept['href']})"
    told = service("POST", "/preview", json={"body": body, "draft_id": made["id"]}).json()
    text = json.dumps(told)
    assert '"tag": "h2"' in text
    assert kept["url"] in text
    assert '"script"' not in text
    assert "javascript:" not in text.replace("](javascript:", "")


def test_what_somebody_began_is_handed_out_and_goes_with_them(service: Served) -> None:
    made = begun(service, title="Zanzibarcanary")
    service("POST", f"/drafts/{made['id']}/files", files={"file": ("k.png", PNG)})
    file = io.BytesIO()
    ada = service.services.principal("ada@example.org").person_id
    assert ada is not None
    service.services.takeout.write(ada, "operator", file)
    with zipfile.ZipFile(file) as archive:
        told = json.loads(archive.read("person.json"))
        (picture,) = [name for name in archive.namelist() if name.startswith("drafts/")]
        assert archive.read(picture) == PNG
    assert [one["title"] for one in told["drafts"]] == ["Zanzibarcanary"]
    service.services.erasing.erase(ada)
    assert rows(service) == [0, 0, 0]


def test_a_name_goes_from_what_others_began_to_change(service: Served) -> None:
    text = "By Ada Field: open the damper."
    key, _ = published(service, text)
    ada = service.services.principal("ada@example.org")
    shown = service("GET", f"/documents/{key}", "cleo", admin=True)
    base = {"document_id": key, "revision": 1, "version": shown.headers["etag"].strip('"')}
    given = NOTE | {"body": f"{text} More.", "base": base, "form": "writeup"}
    theirs = service("POST", "/drafts", "cleo", admin=True, json=given).json()
    assert ada.person_id is not None
    service.services.erasing.erase(ada.person_id)
    left = service.get(f"/drafts/{theirs['id']}", "cleo", admin=True).json()["body"]
    assert "Ada" not in left
    assert left.endswith("More.")
