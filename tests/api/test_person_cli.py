"""``whoknows person``: who is who, as the operator says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from knowledge.people import Profile
from knowledge.types import Contributor, Kind, Role
from tests.api.commands import in_this_process
from tests.builders import document, opened

FIELD = Contributor("A. Field", Role.AUTHOR, handle="afield")
TALK = "**Speaker 1:** The heron waits.\n\n**Speaker 2:** Does it?"


class Command:
    """``whoknows person`` over an installation with Ada, A. Field and a talk."""

    def __init__(self, data: Path) -> None:
        self._environment = {"WHOKNOWS_DATA": str(data), "WHOKNOWS_EMBEDDER": "hashing"}
        with opened(data) as services:
            self.ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
            pages = [
                document("a", "The heron.", contributors=(FIELD,)),
                document("t", TALK, kind=Kind.TRANSCRIPT, contributors=()),
                document("u", TALK + "\n\nYes.", kind=Kind.TRANSCRIPT, contributors=()),
            ]
            outcomes = list(services.capture.ingest(pages))
            self.talk = outcomes[1].document_id or 0
            self.field = services.merging.review()[0].other.id

    def __call__(self, *words: str, code: int = 0) -> str:
        done = in_this_process(["person", *words], self._environment)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))


@pytest.fixture
def person(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_the_unsure_are_listed_merged_and_parted(person: Command) -> None:
    (pair,) = person.json("review")
    assert (pair["kept"]["id"], pair["gone"]["id"]) == (person.ada, person.field)
    assert pair["kept"]["addresses"] == ["ada@example.org"]
    assert "same name with initials" in person("review")
    told = person("merge", "ada@example.org", str(person.field))
    assert told == (
        f"merge 1: {person.field} is Ada Field ({person.ada}) now, in 1 documents; "
        "undo it with: whoknows person unmerge 1\n"
    )
    assert person("review") == "nobody is unsure\n"
    (made,) = person.json("merges")
    assert (made["id"], made["gone"], made["by"]) == (1, person.field, "operator")
    assert "Ada Field" in person("merges")
    assert "are two" in person("unmerge", "1")
    assert "undone already" in person("unmerge", "1", code=1)
    assert person.json("merges") == []
    assert "nobody was merged" in person("merges")
    assert person.json("merge", "ada@example.org", str(person.field))["id"] == 2
    assert person.json("unmerge", "2")["gone"] == person.field
    assert person.json("review") == []


def test_two_are_told_apart(person: Command) -> None:
    assert person("distinct", str(person.field), "ada@example.org") == (
        f"{person.field} and {person.ada} are two people\n"
    )
    assert person.json("review") == []
    told = person.json("distinct", "ada@example.org", str(person.field))
    assert told == {"one": person.ada, "other": person.field}


def test_what_cannot_be_merged_is_said(person: Command) -> None:
    assert "nobody with the address" in person("merge", "x@example.org", "1", code=1)
    assert "no such person" in person("merge", "ada@example.org", "99", code=1)
    assert "other way round" in person("merge", str(person.field), "ada@example.org", code=1)
    assert "--force" in person("merge", "--help")


def test_a_speaker_becomes_somebody(person: Command) -> None:
    talk = str(person.talk)
    assert "Speaker 1" in person("speaker", talk)
    told = person.json("speaker", talk, "Speaker 1", "ada@example.org")
    assert told["document_ids"] == [person.talk]
    assert told["speakers"][0]["person"] == {"id": person.ada, "name": "Ada Field"}
    told = person("speaker", talk, "Speaker 1", str(person.ada), "--everywhere")
    assert "Ada Field" in told
    assert "changed in 1 documents" in told
    assert person.json("speaker", talk, "Speaker 1", "--nobody")["speakers"][0]["person"] is None
    assert person.json("speaker", talk, "Speaker 1", "--undo")["document_ids"] == [person.talk]
    assert "nobody is called" in person("speaker", talk, "Speaker 3", "--nobody", code=1)
    assert "nobody speaks" in person("speaker", "1")
    for wrong in (["Speaker 1"], ["Speaker 1", "1", "--nobody"], ["--undo"]):
        person("speaker", talk, *wrong, code=2)
