"""GET /api/v1/people/{id}: what somebody's page shows, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from knowledge.capture import Terms
from knowledge.people import Profile
from knowledge.types import Audience, Contributor, Kind, Role
from tests.api.routes.support import Served
from tests.builders import document

DAN = "dan@example.org"
TALK = "**Dan Hale:** The tunnel is open.\n\n**Ada Field:** Good, since when?"


def page(service: Served, person: int, who: str = "ada", **params: object) -> dict[str, object]:
    response = service.get(f"/people/{person}", who, **params)
    assert response.status_code == 200, response.text
    told: dict[str, object] = response.json()
    return told


@pytest.fixture
def filled(service: Served) -> Served:
    """Ada wrote three pages, one of them for the vault; Dan, who is not listed, spoke and wrote."""
    save = service.services.capture.save
    for number, (key, audience) in enumerate((("a", "everyone"), ("v", "group:vault"))):
        save(
            document(
                key,
                "text " + key,
                tags=("ops", key),
                audience=Audience.of(audience),
                updated_at=datetime(2026, 1, 1 + number, tzinfo=UTC),
            )
        )
    save(document("undated", "text", tags=("ops",)))
    save(
        document(
            "d",
            "Dan's text",
            contributors=(Contributor("D. Hale (hidden)", Role.AUTHOR, email=DAN),),
            audience=Audience.of("group:vault"),
            tags=("tunnels",),
        )
    )
    return service


def behind(key: int) -> dict[str, object]:
    name, at = {
        1: ("a", "2026-01-01T00:00:00Z"),
        2: ("v", "2026-01-02T00:00:00Z"),
        3: ("undated", None),
    }[key]
    told = {"document_id": key, "title": f"Page {name}", "kind": "writeup", "role": "author"}
    return told | {"at": at, "passage_id": key}


def test_a_page_shows_topics_and_contributions_of_what_the_asker_may_read(filled: Served) -> None:
    assert page(filled, 1) == {
        "id": 1,
        "name": "Ada Field",
        "team": "Platform",
        "title": None,
        "paused_until": None,
        "topics": [
            {"tag": "ops", "documents": 3, "evidence": [behind(2), behind(1), behind(3)]},
            {"tag": "a", "documents": 1, "evidence": [behind(1)]},
            {"tag": "v", "documents": 1, "evidence": [behind(2)]},
        ],
        "kinds": [{"kind": "writeup", "documents": 3}],
        "offers": [],
        "contributions": [
            {
                "document_id": key,
                "title": f"Page {name}",
                "kind": "writeup",
                "role": "author",
                "at": at,
            }
            for key, name, at in (
                (2, "v", "2026-01-02T00:00:00Z"),
                (1, "a", "2026-01-01T00:00:00Z"),
                (3, "undated", None),
            )
        ],
        "next_cursor": None,
    }
    seen = page(filled, 1, "ben")
    assert [(one["tag"], one["documents"]) for one in seen["topics"]] == [("ops", 2), ("a", 1)]  # type: ignore[attr-defined]
    assert "Page v" not in str(seen)


def test_contributions_come_in_pages(filled: Served) -> None:
    first = page(filled, 1, limit=2)
    rest = page(filled, 1, limit=2, cursor=first["next_cursor"])
    ids = [one["document_id"] for told in (first, rest) for one in told["contributions"]]  # type: ignore[attr-defined]
    assert ids == [2, 1, 3]
    assert rest["next_cursor"] is None
    foreign = filled.get("/people/2", cursor=first["next_cursor"])
    assert foreign.status_code == 422


def test_somebody_only_hidden_documents_name_is_as_unknown_as_nobody(filled: Served) -> None:
    assert page(filled, 4)["name"] == "D. Hale (hidden)"
    hidden, unknown = filled.get("/people/4", "ben"), filled.get("/people/99", "ben")
    assert (hidden.status_code, hidden.json()) == (unknown.status_code, unknown.json())
    assert hidden.status_code == 404


def test_who_is_not_listed_is_named_as_readable_documents_name_them(filled: Served) -> None:
    filled.services.capture.save(
        document(
            "open", "Dan again", contributors=(Contributor("Dan Hale", Role.EDITOR, email=DAN),)
        )
    )
    told = page(filled, 4, "ben")
    assert (told["name"], told["topics"], len(told["contributions"])) == ("Dan Hale", [], 1)  # type: ignore[arg-type]
    assert "hidden" not in str(told)


@pytest.mark.parametrize("agreed", [None, "person", "source"])
def test_what_somebody_said_counts_only_by_consent(filled: Served, agreed: str | None) -> None:
    talk = document(
        "talk",
        TALK,
        kind=Kind.TRANSCRIPT,
        contributors=(
            Contributor("Ben Osei", Role.HOST, email="ben@example.org"),
            Contributor("Dan Hale", Role.SPEAKER, email=DAN),
        ),
        source="talks",
        tags=("tunnels",),
    )
    list(filled.services.capture.ingest([talk], Terms(speakers_consented=agreed == "source")))
    if agreed == "person":
        filled.services.directory.put(Profile("Ben Osei", "ben@example.org", consent_spoken=True))
    told = page(filled, 2)
    roles = [one["role"] for one in told["contributions"]]  # type: ignore[attr-defined]
    assert roles == (["host"] if agreed else [])
    assert bool(told["topics"]) is bool(agreed)
    assert page(filled, 4, "ben")["name"] == "Dan Hale"


def test_who_objects_to_be_found_by_writing_shows_no_writing(filled: Served) -> None:
    filled.services.directory.put(Profile("Ada Field", "ada@example.org", consent_written=False))
    told = page(filled, 1)
    assert (told["name"], told["team"]) == ("Ada Field", "Platform")
    assert (told["topics"], told["contributions"]) == ([], [])


@pytest.mark.parametrize("key", ["0", "-1", str(2**63), "x", "1%00"])
def test_what_is_no_id_is_refused(idle: Served, key: str) -> None:
    assert idle.get(f"/people/{key}").status_code == 422


def test_a_topic_leads_to_what_somebody_says(filled: Served) -> None:
    talk = document(
        "talk",
        TALK,
        kind=Kind.TRANSCRIPT,
        source="talks",
        tags=("tunnels",),
        contributors=(Contributor("Dan Hale", Role.SPEAKER, email=DAN),),
    )
    list(filled.services.capture.ingest([talk], Terms(speakers_consented=True)))
    (topic,) = page(filled, 4, "ben")["topics"]  # type: ignore[misc, attr-defined]
    (one,) = topic["evidence"]
    assert (one["role"], one["kind"]) == ("speaker", "transcript")
    passage = filled.get("/search", "ben", q="the tunnel is open", kind="transcript").json()
    assert one["passage_id"] == passage["answers"][0]["passage_id"]


def test_contributions_are_narrowed_to_a_kind(filled: Served) -> None:
    filled.services.capture.save(document("note", "A note.", kind=Kind.NOTE))
    told = page(filled, 1, "ben", kind="note")
    assert [one["title"] for one in told["contributions"]] == ["Page note"]  # type: ignore[attr-defined]
    assert told["kinds"] == [
        {"kind": "writeup", "documents": 2},
        {"kind": "note", "documents": 1},
    ]
    first = page(filled, 1, kind="writeup", limit=1)
    assert filled.get("/people/1", cursor=first["next_cursor"]).status_code == 422
