"""/api/v1/documents/{id}/speakers: who speaks, and who that is."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.types import Audience, Contributor, Kind, Role
from tests.api.routes.support import Served
from tests.builders import document

BODY = "**Speaker 1:** The heron waits in the reeds.\n\n**Ben:** Does it?"
BEN = Contributor("Ben Osei", Role.SPEAKER, email="ben@example.org", label="Ben")
ADA = Contributor("Ada Field", Role.AUTHOR, email="ada@example.org")


def talk(service: Served, key: str = "a", **changes: Any) -> int:
    given = {"kind": Kind.TRANSCRIPT, "contributors": (ADA, BEN)} | changes
    outcome = service.services.capture.save(document(key, BODY, **given))
    assert outcome.document_id is not None
    return outcome.document_id


def test_an_editor_says_who_a_label_is_and_takes_it_back(service: Served) -> None:
    key = talk(service)
    path = f"/documents/{key}/speakers"
    cleo, ben = (service.services.merging.find(f"{name}@example.org") for name in ("cleo", "ben"))
    before = service.get(path)
    assert before.json() == {
        "editable": True,
        "speakers": [
            {
                "label": "Speaker 1",
                "share": 0.75,
                "generic": True,
                "person": None,
                "assigned": False,
            },
            {
                "label": "Ben",
                "share": 0.25,
                "generic": False,
                "person": {"id": ben, "name": "Ben Osei"},
                "assigned": False,
            },
        ],
    }
    assert not service.get(path, "ben").json()["editable"]
    given = {"label": "speaker 1", "person_id": cleo}
    assert service("PUT", path, "ben", json=given).status_code == 403
    tag = before.headers["ETag"]
    done = service("PUT", path, json=given, headers={"If-Match": tag})
    assert done.status_code == 200
    assert done.json()["document_ids"] == [key]
    assert done.json()["speakers"][0]["person"] == {"id": cleo, "name": "Cleo Marsh"}
    assert done.json()["speakers"][0]["assigned"]
    assert service("PUT", path, json=given, headers={"If-Match": tag}).status_code == 412
    made = service.get(f"/documents/{key}").json()["contributors"]
    assert {"person_id": cleo, "name": "Cleo Marsh", "role": "speaker"} in made
    mine = service.get(f"/people/{cleo}").json()
    assert mine["contributions"] == []  # what is spoken, without her consent
    undone = service("PUT", path, json={"label": "Speaker 1", "undo": True}).json()
    assert undone["speakers"] == before.json()["speakers"]
    nobody = service("PUT", path, json={"label": "Ben", "person_id": None}).json()
    assert nobody["speakers"][1]["person"] is None


def test_administrators_say_it_of_what_they_may_read_everywhere(service: Served) -> None:
    keys = [talk(service, key) for key in ("a", "b")]
    hidden = talk(service, "c", audience=Audience.of("group:vault"))
    ben = service.services.merging.find("ben@example.org")
    given = {"label": "Speaker 1", "person_id": ben, "everywhere": True}
    path = f"/documents/{keys[0]}/speakers"
    done = service("PUT", path, "cleo", admin=True, json=given)
    assert done.json()["document_ids"] == keys
    path = f"/documents/{hidden}/speakers"
    assert service("PUT", path, "cleo", admin=True, json=given).status_code == 404
    assert service.get(path, "cleo").status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"label": ""},
        {"label": "Ben\0"},
        {"label": "Nobody There", "person_id": 1},
        {"label": "Ben", "person_id": 1, "undo": True},
        {"label": "Ben", "person_id": 0},
        {"label": "Ben", "who": 1},
    ],
)
def test_what_cannot_be_said_is_refused(service: Served, given: dict[str, Any]) -> None:
    path = f"/documents/{talk(service)}/speakers"
    assert service("PUT", path, json=given).status_code == 422
    assert service("PUT", path, json={"label": "Ben", "person_id": 999}).status_code == 404
