"""What is handed out to somebody of themselves, and what is not."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.services import Services
from indexer.search.results import Request
from knowledge.audit import Action, Journal
from knowledge.errors import Conflict, NotFound
from knowledge.people import Profile
from knowledge.readers import _frontmatter
from knowledge.readers._attachments import embedded
from knowledge.store import handovers, measured
from knowledge.store.handovers import Given
from knowledge.types import Audience, Contributor, Kind, Principal, Role, Scope
from tests.builders import document, opened

ADA = "person:1"
BEN = Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with opened(tmp_path / "data") as made:
        made.directory.put(Profile("Ada Field", "ada@example.org", team="Kilns", groups=("ops",)))
        made.directory.put(Profile("Ben Osei", "ben@example.org"))
        made.capture.save(document("a", "How to fire a kiln.", title="Kilns & fire"))
        made.capture.save(document("hidden", "Secret.", audience=Audience.of("group:board")))
        made.capture.save(document("b", "Of Ben.", contributors=(BEN,)))
        made.tokens.create("mine", (Scope.SEARCH,), email="ada@example.org")
        yield made


def taken(services: Services, person: int) -> tuple[dict[str, Any], dict[str, str]]:
    file = io.BytesIO()
    services.takeout.write(person, "operator", file)
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    return json.loads(files.pop("person.json")), files


def test_everything_readable_is_there_and_nothing_else(services: Services) -> None:
    told, files = taken(services, 1)
    assert told["people"][0]["team"] == "Kilns"
    assert told["person_emails"] == [{"email": "ada@example.org", "vouched": True}]
    assert told["group_members"] == [{"slug": "ops"}]
    assert [(one["title"], one["role"]) for one in told["contributions"]] == [
        ("Kilns & fire", "author")
    ]
    assert told["tokens"][0]["name"] == "mine"
    assert list(files) == ["documents/1-kilns-fire.md"]
    assert 'title: "Kilns & fire"' in files["documents/1-kilns-fire.md"]
    assert "How to fire a kiln." in files["documents/1-kilns-fire.md"]
    assert "Secret" not in json.dumps(told)
    assert '"digest"' not in json.dumps(told)


def test_what_is_handed_out_can_be_taken_in_again(services: Services, tmp_path: Path) -> None:
    services.takeout.save(1, "operator", tmp_path / "ada")
    (page,) = (tmp_path / "ada" / "documents").iterdir()
    matter, body = _frontmatter.parse(page.read_text())
    assert (matter.title, matter.kind) == ("Kilns & fire", Kind.WRITEUP)
    assert body.strip() == "How to fire a kiln."


def test_what_is_closed_to_them_now_is_not_told_of(services: Services) -> None:
    given = [Given("document", key, 2, None) for key in (1, 2)]
    gone = [Given(kind, 99, 2, None) for kind in ("topic", "session")]
    with services.database.write() as connection:
        for key in (1, 2):
            measured.note_reading(connection, 2, "2026-03-02", key, None)
        handovers.add(connection, 1, ADA, datetime(2026, 3, 2, tzinfo=UTC), [*given, *gone])
    told, _ = taken(services, 2)
    assert [(one["document_id"], one["title"]) for one in told["readings"]] == [(1, "Kilns & fire")]
    assert [(one["kind"], one["item_id"]) for one in told["handover_items"]] == [("document", 1)]


def test_queries_are_handed_out_while_their_key_lives(services: Services) -> None:
    for who in (1, 2, None):
        services.search(Request(f"kiln of {who}"), Principal(who, signed_in=True))
    services.queries.flush()
    told, _ = taken(services, 1)
    assert [one["text"] for one in told["queries"]] == ["kiln of 1"]


def test_a_merged_person_gets_what_both_have(services: Services) -> None:
    services.merging.merge(1, 2, force=True)
    for person in (1, 2):
        told, files = taken(services, person)
        assert {one["id"] for one in told["people"]} == {1, 2}
        assert {one["email"] for one in told["person_emails"]} == {
            "ada@example.org",
            "ben@example.org",
        }
        assert len(files) == 2


def test_it_is_told_in_the_audit(services: Services) -> None:
    taken(services, 2)
    (entry,) = Journal(services.database).newest(9, action=Action.EXPORTED)
    assert (entry.actor, entry.subject) == ("operator", "person:2")
    with pytest.raises(NotFound):
        taken(services, 10**9)


@pytest.mark.parametrize("name", ["ada.zip", "ada"])
def test_only_its_owner_may_read_it_and_nothing_is_overwritten(
    services: Services, tmp_path: Path, name: str
) -> None:
    assert services.takeout.save(1, "operator", tmp_path / name) == 1
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    with pytest.raises(Conflict, match="exists"):
        services.takeout.save(1, "operator", tmp_path / name)


def test_files_come_with_what_somebody_wrote_and_may_read(services: Services) -> None:
    files = (embedded(b"a plan", "plan.png", "The plan.png"),)
    said = Contributor("Ada Field", Role.ENDORSER, email="ada@example.org")
    for key, changes in (
        ("mine", {}),
        ("endorsed", {"contributors": (BEN, said)}),
        ("closed", {"audience": Audience.of("group:board")}),
    ):
        services.capture.save(document(key, "text", attachments=files, **changes))
    _, handed = taken(services, 1)
    assert {name: text for name, text in handed.items() if name.startswith("files/")} == {
        "files/4-0-the-plan.png": "a plan"
    }
    assert len([name for name in handed if name.startswith("documents/")]) == 3
