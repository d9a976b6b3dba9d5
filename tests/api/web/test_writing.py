"""The pages on which people write, as a browser without scripts uses them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge.audit import Journal
from knowledge.drafting import Form, base_of
from knowledge.drafts import draft_of
from knowledge.editing import Editor
from knowledge.types import Audience
from tests.api.routes.support import Served, served
from tests.api.web.support import words
from tests.builders import document

PNG = b"\x89PNG\r\n\x1a\n" + b"of a kiln"
NOTE = {"form": "note", "title": "Cool a kiln slowly", "thing": "Open the damper a finger wide."}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    """Ada (of the group vault), Ben and Cleo, and nothing written yet."""
    with served(tmp_path) as made:
        yield made


IMPORTING = "search capture import"


def page(service: Served, path: str, who: str = "ada", scopes: str = "search capture") -> Any:
    headers = {"As": f"{who}@example.org", "Accept": "text/html", "Scopes": scopes}
    return service.client.get(path, headers=headers)


def send(service: Served, path: str, who: str = "ada", **fields: Any) -> Any:
    file, scopes = fields.pop("picture", None), fields.pop("scopes", "search capture")
    headers = {"As": f"{who}@example.org", "Accept": "text/html", "Scopes": scopes}
    files = {"file": file or ("", b"")}
    return service.client.post(
        path, data=fields, files=files, headers=headers, follow_redirects=False
    )


def hidden(text: str) -> dict[str, str]:
    """What a form sends back beside what is typed."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    kept = r'<textarea name="(\w+)" hidden aria-hidden="true">\n(.*?)</textarea>'
    found |= dict(re.findall(kept, text, re.S))
    return {name: html.unescape(value) for name, value in found.items()}


def begun(service: Served, who: str = "ada", **fields: Any) -> tuple[str, dict[str, str]]:
    """A draft that was saved on its page: its address, and what its form sends back."""
    made = send(service, "/drafts", who, **(NOTE | {"action": "save"} | fields))
    assert made.status_code == 303, made.text
    path = made.headers["location"].partition("?")[0]
    return path, hidden(page(service, path, who).text)


def found(service: Served, query: str) -> list[str]:
    answers = service.get("/search", "ben", q=query).json()["answers"]
    return [one["document"]["title"] for one in answers]


def test_there_is_a_choice_and_what_was_begun(service: Served) -> None:
    assert "Nothing yet" in page(service, "/write").text
    path, _ = begun(service)
    assert f'href="{path}"' in page(service, "/write").text
    assert f'href="{path}"' in page(service, "/drafts").text
    assert f'href="{path}"' in page(service, "/write/note").text
    assert f'href="{path}"' not in page(service, "/write/writeup").text
    assert f'href="{path}"' not in page(service, "/drafts", "ben").text


@pytest.mark.parametrize("path", ["/write/note", "/write/quick", "/write/writeup"])
def test_every_form_begins_empty_and_keeps_nothing(service: Served, path: str) -> None:
    assert page(service, path).status_code == 200
    assert service.get("/drafts").json() == {"drafts": []}


def test_a_note_is_written_saved_and_published(service: Served) -> None:
    path, kept = begun(service)
    text = page(service, f"{path}?said=saved").text
    assert "Saved." in words(text)
    assert "Open the damper a finger wide.</textarea>" in text
    assert "Add one example" in words(text)
    done = send(service, path, **(kept | NOTE | {"example": "The tall kiln.", "action": "publish"}))
    assert done.status_code == 303
    assert done.headers["location"].startswith("/documents/")
    assert found(service, "damper finger wide") == ["Cool a kiln slowly"]
    assert service.get("/drafts").json() == {"drafts": []}


def test_a_note_is_published_in_one_go(service: Served) -> None:
    done = send(service, "/drafts", **NOTE, action="publish")
    held = service.get(done.headers["location"]).json()
    assert held["body"] == "## The one thing\n\nOpen the damper a finger wide."
    assert held["kind"] == "note"


def test_what_cannot_be_published_is_said_and_nothing_is_lost(service: Served) -> None:
    refused = send(service, "/drafts", form="note", title="", thing="Typed.", action="publish")
    assert refused.status_code == 422
    assert "A document needs a title" in words(refused.text)
    assert "Typed.</textarea>" in refused.text
    (kept,) = service.get("/drafts").json()["drafts"]
    assert f'action="/drafts/{kept["id"]}"' in refused.text


def wrong(text: str) -> list[str]:
    """The fields that are said to be wrong: each says why, and has the cursor in it."""
    said = r'id="(\w+)"[^>]* aria-invalid="true" aria-describedby="wrong\b[^>]*autofocus'
    return re.findall(said, text)


@pytest.mark.parametrize(("form", "field"), [("note", "title"), ("writeup", "title")])
@pytest.mark.parametrize("action", ["publish", "save"])
def test_nothing_is_kept_of_a_form_in_which_nothing_stands(
    service: Served, form: str, field: str, action: str
) -> None:
    part = "body" if form == "writeup" else "thing"
    fields = {"form": form, "title": " ", part: "\n", "level": "expert", "action": action}
    refused = send(service, "/drafts", **fields)
    assert refused.status_code == 422
    assert "Nothing stands here yet" in words(refused.text)
    assert (wrong(refused.text), f'href="#{field}"' in refused.text) == ([field], True)
    assert service.get("/drafts").json() == {"drafts": []}


def test_a_picture_alone_is_kept_whole(service: Served) -> None:
    done = send(service, "/drafts", form="note", thing="", picture=("kiln.png", PNG))
    (file,) = service.get(done.headers["location"].partition("?")[0]).json()["files"]
    assert (done.status_code, file["size"]) == (303, len(PNG))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"form": "note", "title": "", "thing": "Typed."}, "title"),
        ({"form": "note", "title": "Typed", "thing": ""}, "thing"),
        ({"form": "writeup", "title": "Typed", "body": ""}, "body"),
        ({"form": "quick", "title": "a", "thing": "b", "knower_name": "Zebedee"}, "knower_name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    service: Served, fields: dict[str, str], field: str
) -> None:
    refused = send(service, "/drafts", **fields, action="publish")
    assert (refused.status_code, wrong(refused.text)) == (422, [field])
    assert 'id="wrong"' in refused.text


def test_what_is_quick_shows_the_rest_only_when_it_is_asked_for(service: Served) -> None:
    folded = re.compile(r'<details class="further"( open)?>(.*?)</details>', re.S)
    closed = folded.search(page(service, "/write/quick").text)
    assert closed is not None
    assert closed[1] is None
    for name in ("file", "tags", "level", "reach"):
        assert f'name="{name}"' in closed[2]
    path, _ = begun(service, form="quick", tags="kilns")
    opened = folded.search(page(service, path).text)
    assert opened is not None
    assert opened[1] == " open"
    assert "<details" not in page(service, "/write/note").text.split("<form", 3)[-1]


def test_who_may_read_is_chosen(service: Served) -> None:
    for fields, audience in (
        ({"reach": "me"}, [[f"person:{service.services.principal('ada@example.org').person_id}"]]),
        ({"reach": "groups", "group": "vault"}, [["group:vault"]]),
        ({"reach": "everyone"}, [["everyone"]]),
    ):
        done = send(service, "/drafts", **NOTE, **fields, action="publish")
        assert service.get(done.headers["location"]).json()["audience"] == audience
    refused = send(service, "/drafts", **NOTE, reach="groups", action="save")
    assert refused.status_code == 422
    assert "choose the groups" in words(refused.text).lower()


def test_a_preview_is_shown_in_the_page(service: Served) -> None:
    made = send(service, "/drafts", **(NOTE | {"thing": "**Wide** <b>x</b>"}), action="preview")
    text = page(service, made.headers["location"]).text
    assert "<strong>Wide</strong> &lt;b&gt;" in text


def test_a_picture_comes_with_the_form(service: Served) -> None:
    path, kept = begun(service, picture=("kiln.png", PNG))
    (file,) = service.get(path).json()["files"]
    assert f"![kiln]({file['href']})" in service.get(path).json()["body"]
    refused = send(service, path, **(kept | NOTE), picture=("a.png", b"none"), action="save")
    assert (refused.status_code, "no picture" in refused.text) == (422, True)


def test_a_draft_is_thrown_away(service: Served) -> None:
    path, _ = begun(service)
    gone = send(service, path, action="discard")
    assert "The draft is gone" in page(service, gone.headers["location"]).text
    assert page(service, path).status_code == 404


def test_nobody_else_opens_or_changes_a_draft(service: Served) -> None:
    path, kept = begun(service)
    assert page(service, path, "ben").status_code == 404
    for more in ("", "/merge"):
        assert send(service, path + more, "ben", **(kept | NOTE)).status_code == 404
    assert send(service, path, "ben", action="discard").status_code == 404


def test_what_one_just_helped_with_is_two_lines_and_who(service: Served) -> None:
    assert 'value="Why is it red?"' in page(service, "/write/quick?about=Why+is+it+red%3F").text
    quick = {"form": "quick", "title": "Why is the kiln red?", "thing": "It is hot."}
    done = send(service, "/drafts", **quick, knower_name="Ben", action="publish")
    held = service.get(done.headers["location"]).json()
    assert (held["kind"], held["rough"], held["body"]) == (
        "note",
        True,
        "## The one thing\n\nIt is hot.",
    )
    assert [one["name"] for one in held["contributors"]] == ["Ada Field", "Ben Osei"]
    assert "Rough" in page(service, done.headers["location"]).text


@pytest.mark.parametrize("name", ["Zebedee", "Quirina Vask"])
def test_a_name_that_nobody_has_is_said(service: Served, name: str) -> None:
    refused = send(service, "/drafts", form="quick", title="a", thing="b", knower_name=name)
    assert refused.status_code == 422
    assert "Nobody in the directory" in words(refused.text)
    assert f'value="{name}"' in refused.text


def test_two_windows_meet_and_both_changes_are_kept(service: Served) -> None:
    path, kept = begun(service, thing="One.\n\nTwo.", example="Three.")
    first = NOTE | {"thing": "One, mine.\n\nTwo, mine.", "example": "Three."}
    assert send(service, path, **(kept | first), action="save").status_code == 303
    second = NOTE | {"thing": "One.\n\nTwo, theirs.", "example": "Three, theirs."}
    met = send(service, path, **(kept | second), action="save")
    assert met.status_code == 409
    told = words(met.text)
    for one in ("One, mine.", "Two, mine.", "Two, theirs.", "Three, theirs."):
        assert one in told
    assert "<b>Example</b>" in met.text
    assert ">## " not in met.text
    (piece,) = set(re.findall(r'name="(piece-\d+)"', met.text))
    fields = hidden(met.text) | {piece: "both"}
    done = send(service, f"{path}/merge", **fields)
    assert done.status_code == 303
    body = service.get(path).json()["body"]
    for one in ("One, mine.", "Two, mine.", "Two, theirs.", "Three, theirs."):
        assert body.count(one) == 1


def test_a_piece_is_put_in_other_words(service: Served) -> None:
    path, kept = begun(service)
    send(service, path, **(kept | NOTE | {"thing": "Mine."}), action="save")
    met = send(service, path, **(kept | NOTE | {"thing": "Theirs."}), action="save")
    (piece,) = set(re.findall(r'name="piece-(\d+)"', met.text))
    fields = hidden(met.text) | {f"piece-{piece}": "own", f"own-{piece}": "Ours."}
    send(service, f"{path}/merge", **fields)
    assert service.get(path).json()["body"] == "## The one thing\n\nOurs."


def test_a_document_is_changed_and_meets_another_change(service: Served) -> None:
    done = send(
        service, "/drafts", form="writeup", title="Kilns", body="One.\n\nTwo.", action="publish"
    )
    path = done.headers["location"]
    form = hidden(page(service, f"{path}/edit").text)
    assert form["document_id"] == path.rpartition("/")[2]
    mine = {"title": "Kilns", "body": "One, mine.\n\nTwo.", "action": "save"}
    draft = send(service, "/drafts", **(form | mine)).headers["location"].partition("?")[0]
    assert page(service, f"{path}/edit").url.path == draft
    told = {"title": "Kilns", "body": "One.\n\nTwo, theirs.", "kind": "writeup"}
    put = {"headers": {"If-Match": "*"}, "json": told | {"audience": [["everyone"]]}}
    assert service("PUT", path, **put).status_code == 200
    kept = hidden(page(service, draft).text)
    met = send(service, draft, **(kept | mine | {"action": "publish"}))
    assert met.status_code == 409
    assert "Somebody changed the document" in words(met.text)
    assert send(service, f"{draft}/merge", **hidden(met.text)).status_code == 303
    kept = hidden(page(service, draft).text)
    merged = mine | {"body": service.get(draft).json()["body"], "action": "publish"}
    assert send(service, draft, **(kept | merged)).headers["location"] == path
    assert service.get(path).json()["body"] == "One, mine.\n\nTwo, theirs."


def test_only_who_may_changes_a_document(service: Served) -> None:
    done = send(service, "/drafts", **NOTE, action="publish")
    path = done.headers["location"]
    assert page(service, f"{path}/edit", "ben").status_code == 403
    assert page(service, "/documents/99999/edit").status_code == 404


def test_a_refusal_on_the_page_is_told_in_the_audit(service: Served) -> None:
    services = service.services
    done = send(service, "/drafts", **NOTE, action="publish")
    key = int(done.headers["location"].rpartition("/")[2])
    ben = services.principal("ben@example.org")
    shown = services.editing.show(key, Editor(ben))
    text = draft_of(shown.document, "Typed.", Audience.of("everyone"))
    made = services.drafting.create(Form.NOTE, text, ben, base=base_of(shown))
    path = f"/drafts/{made.id}"
    kept = hidden(page(service, path, "ben").text)
    refused = send(service, path, "ben", **(kept | NOTE | {"action": "publish"}))
    assert refused.status_code == 422
    assert "Only those who wrote or edited a document" in words(refused.text)
    services.later.flush()
    (entry,) = services.journal.newest(1)
    told = (entry.actor, entry.action, entry.subject)
    assert told == (f"person:{ben.person_id}", "denied", "POST /drafts/{id}")


def test_what_was_imported_says_where_it_is_changed(service: Served) -> None:
    held = document("kiln", "Hot.", title="Kilns", url="https://wiki.example/kiln")
    list(service.services.capture.ingest([held]))
    text = page(service, "/documents/1/edit").text
    assert "changed where it comes from" in words(text)
    assert 'href="https://wiki.example/kiln"' in text


VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Speaker 1>The kiln is cold by noon.\n"


def record(service: Served, who: str = "ada", **fields: Any) -> Any:
    fields = {"title": "Kiln talk", "kind": "demo", "host": "Ada Field"} | fields
    return send(service, "/write/session", who, **fields)


def run(service: Served) -> None:
    while jobs := service.services.imports.unfinished():
        service.services.runner(lambda: False).run(jobs[0])


def test_a_session_is_recorded_and_its_speakers_are_named(service: Served) -> None:
    made = record(service, picture=("talk.vtt", VTT.encode()), participants="Ben Osei")
    path = made.headers["location"]
    assert "It is being read" in page(service, path).text
    assert page(service, path, "ben").status_code == 404
    run(service)
    text = page(service, path).text
    assert "The kiln is cold by noon." in words(text)
    assert found(service, "kiln cold by noon") == ["Kiln talk"]
    refused = send(service, path, label="Speaker 1", name="Zebedee")
    assert (refused.status_code, 'value="Zebedee"' in refused.text) == (422, True)
    assert send(service, path, label="Speaker 1", name="Ben Osei").status_code == 303
    assert "Ben Osei" in words(page(service, path).text)
    key = int(re.findall(r"/documents/(\d+)", text)[0])
    (speaker,) = service.get(f"/documents/{key}/speakers").json()["speakers"]
    assert speaker["person"]["name"] == "Ben Osei"
    assert send(service, path, label="Speaker 1", undo="yes").status_code == 303
    assert service.get(f"/documents/{key}/speakers").json()["speakers"][0]["person"] is None


def test_who_took_part_is_said_and_not_taken_for_somebody_who_knows(service: Served) -> None:
    everybody = "Ben Osei\n\ncleo@example.org"
    told = {"participants": everybody, "agreed": "yes", "scopes": IMPORTING}
    made = record(service, picture=("talk.vtt", VTT.encode()), **told).headers["location"]
    run(service)
    key = int(re.findall(r"/documents/(\d+)", page(service, made).text)[0])
    about = words(page(service, f"/documents/{key}").text.split('class="about"')[1])
    assert "Ben Osei (took part)" in about
    assert "Cleo Marsh (took part)" in about
    assert f"{datetime.now(UTC):%Y}" in about
    people = service.get("/people", q="who knows when the kiln is cold").json()["people"]
    assert {one["person"]["name"] for one in people} <= {"Ada Field"}
    # Whoever turns out to be the one who speaks is that.
    send(service, made, label="Speaker 1", name="Ben Osei")
    about = words(page(service, f"/documents/{key}").text.split('class="about"')[1])
    assert "Ben Osei (speaker)" in about


def test_the_day_of_a_session_may_stand_in_the_name_of_its_file(service: Served) -> None:
    made = record(service, picture=("2024-05-23-talk.vtt", VTT.encode())).headers["location"]
    run(service)
    key = int(re.findall(r"/documents/(\d+)", page(service, made).text)[0])
    assert 'datetime="2024-05-23T' in page(service, f"/documents/{key}").text


@pytest.mark.parametrize("name", ["Zebedee", "Ben Ossei"])
def test_a_participant_whom_nobody_knows_is_said(service: Served, name: str) -> None:
    refused = record(service, picture=("talk.vtt", VTT.encode()), participants=f"Ben Osei\n{name}")
    assert refused.status_code == 422
    assert f"Nobody in the directory is called '{name}'" in words(refused.text)
    assert f"Ben Osei\n{name}</textarea>" in refused.text
    assert service.services.imports.unfinished() == []


@pytest.mark.parametrize(("agreed", "named"), [("yes", ["Ben Osei"]), ("no", [])])
def test_who_speaks_is_named_for_it_where_all_agreed(
    service: Served, agreed: str, named: list[str]
) -> None:
    said = VTT.replace("Speaker 1", "Ben Osei")
    fields = {"agreed": agreed, "host": "", "participants": "Ben Osei", "scopes": IMPORTING}
    record(service, picture=("talk.vtt", said.encode()), **fields)
    run(service)
    (told,) = re.findall(r">(sessions[^<]*)<", page(service, "/?q=kiln+cold+by+noon").text)
    assert told == "sessions"
    people = service.get("/people", q="who knows when the kiln is cold").json()["people"]
    assert [one["person"]["name"] for one in people] == named


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"picture": ("talk.exe", b"MZ")}, "no transcript"),
        ({}, "Choose the file"),
        (
            {"picture": ("talk.vtt", VTT.encode()), "agreed": "", "scopes": IMPORTING},
            "Say whether everybody who speaks agreed",
        ),
    ],
)
def test_what_is_missing_of_a_session_is_said(
    service: Served, fields: dict[str, Any], said: str
) -> None:
    refused = record(service, title="Typed", **fields)
    assert refused.status_code == 422
    assert said in words(refused.text)
    assert 'value="Typed"' in refused.text
    assert service.services.imports.unfinished() == []


def test_only_who_may_import_says_that_others_agreed(service: Served) -> None:
    asked = "did they agree to be named"
    assert asked in words(page(service, "/write/session", scopes=IMPORTING).text)
    text = words(page(service, "/write/session").text)
    assert asked not in text
    assert "only if they agreed to that themselves" in text
    said = ("talk.vtt", VTT.replace("Speaker 1", "Ben Osei").encode())
    refused = record(service, agreed="yes", picture=said, title="Typed")
    assert (refused.status_code, 'value="Typed"' in refused.text) == (403, True)
    assert service.services.imports.unfinished() == []
    service.services.later.flush()
    (entry, *_) = Journal(service.services.database).newest(1)
    assert (entry.action, entry.subject) == ("denied", "POST /write/session")
    assert record(service, agreed="", picture=said).status_code == 303
    run(service)
    question = {"q": "who knows when the kiln is cold"}
    assert service.get("/people", **question).json()["people"] == []
    service("PATCH", "/people/me", "ben", json={"consent_spoken": True})
    (found,) = service.get("/people", **question).json()["people"]
    assert found["person"]["name"] == "Ben Osei"


def test_three_sessions_may_wait_at_a_time(service: Served) -> None:
    for _ in range(3):
        assert record(service, picture=("talk.vtt", VTT.encode())).status_code == 303
    refused = record(service, picture=("talk.vtt", VTT.encode()), title="Typed")
    assert (refused.status_code, 'value="Typed"' in refused.text) == (409, True)
    assert "3 of your files are not read yet" in words(refused.text)
    folder = service.services.database.directory / "imports"
    assert len(list(folder.iterdir())) == 3
    assert record(service, "ben", picture=("talk.vtt", VTT.encode())).status_code == 303
    run(service)
    assert record(service, picture=("talk.vtt", VTT.encode())).status_code == 303


def test_a_transcript_that_cannot_be_read_says_why(service: Served) -> None:
    made = record(service, picture=("talk.vtt", b"no captions at all"))
    run(service)
    text = words(page(service, made.headers["location"]).text)
    assert "It could not be read" in text
