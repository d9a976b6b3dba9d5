"""GET /api/v1/search and /api/v1/people: what they take, give and refuse."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from knowledge.store.tables import queries
from knowledge.types import Audience, Contributor, Kind, Level, Role
from tests.api.routes.support import Served
from tests.builders import document

BEN = (Contributor("Ben Osei", Role.AUTHOR, email="ben@example.org"),)


@pytest.fixture(scope="module")
def filled(idle: Served) -> Served:
    """For the tests that change nothing."""
    return fill(idle)


@pytest.fixture
def own(service: Served) -> Served:
    return fill(service)


def fill(service: Served) -> Served:
    save = service.services.capture.save
    save(document("backup", "Restore the ledger from the nightly copy.", tags=("ops",)))
    save(document("vault", "Restore the vault from paper.", audience=Audience.of("group:vault")))
    save(
        document(
            "report",
            "Restore the report by running it again.",
            kind=Kind.NOTE,
            contributors=BEN,
            level=Level.EXPERT,
            source="app",
        )
    )
    return service


def titles(response: Any) -> set[str]:
    assert response.status_code == 200, response.text
    return {answer["document"]["title"] for answer in response.json()["answers"]}


def test_an_answer_has_everything_a_page_needs(filled: Served) -> None:
    told = filled.get("/search", q="how to restore the ledger", limit=1).json()
    assert list(told) == [
        "query_id",
        "query",
        "intent",
        "corrected",
        "understood",
        "missing",
        "took_ms",
        "answers",
        "people",
        "confident",
        "facets",
        "next_cursor",
    ]
    (answer,) = told["answers"]
    assert list(answer) == [
        "passage_id",
        "document",
        "heading_path",
        "text",
        "highlights",
        "locator",
        "currency",
        "for_your_level",
    ]
    assert answer["document"]["contributors"] == [
        {"person_id": 1, "name": "Ada Field", "role": "author"}
    ]
    (mark,) = answer["highlights"]
    assert answer["text"][mark["start"] : mark["end"]].startswith("Restore the ledger")
    assert told["people"][0]["person"] == {
        "id": 1,
        "name": "Ada Field",
        "team": "Platform",
        "title": None,
        "paused_until": None,
    }
    assert told["people"][0]["evidence"][0]["role"] == "author"
    assert {"value": "note", "count": 1} in told["facets"]["kind"]


def test_only_what_the_asker_may_read_is_found(filled: Served) -> None:
    assert "Page vault" in titles(filled.get("/search", q="restore"))
    for who in ("ben", "nobody"):
        assert titles(filled.get("/search", who, q="restore")) == {"Page backup", "Page report"}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"kind": "note"}, {"Page report"}),
        ({"kind": ["note", "writeup"]}, {"Page report", "Page backup", "Page vault"}),
        ({"tag": "ops"}, {"Page backup"}),
        ({"team": "Data"}, {"Page report"}),
        ({"source": "app"}, {"Page report"}),
        ({"author": 2}, {"Page report"}),
        ({"level": "expert"}, {"Page report"}),
        ({"updated_after": "0001-01-01"}, set()),
        ({"tag": "no such tag"}, set()),
        ({"mode": "lexical", "kind": "note"}, {"Page report"}),
        ({"document": [1, 3]}, {"Page report", "Page backup"}),
        ({"document": 2**63 - 1}, set()),
    ],
)
def test_filters_narrow(filled: Served, params: dict[str, Any], expected: set[str]) -> None:
    assert titles(filled.get("/search", q="restore", **params)) == expected


@pytest.mark.parametrize(
    ("q", "expected", "told"),
    [
        ("restore by Ben Osei", {"Page report"}, ("author", "2", "by Ben Osei")),
        ("restore from Ada", {"Page backup"}, ("author", "1", "from Ada")),
        ("author:ben restore", {"Page report"}, ("author", "2", "author:ben")),
        ("author:zoe restore", set(), ("author", "0", "author:zoe")),
        ("restore in app", {"Page report"}, ("source", "app", "in app")),
        ("restore kind:note", {"Page report"}, ("kind", "note", "kind:note")),
        ("restore tag:OPS", {"Page backup"}, ("tag", "OPS", "tag:OPS")),
        ("restore since 2024", set(), ("updated_after", "2024-01-01", "since 2024")),
        ('restore "nightly copy"', {"Page backup"}, ("phrase", "nightly copy", '"nightly copy"')),
        ("restore -report", {"Page backup"}, ("without", "report", "-report")),
    ],
)
def test_what_a_question_says_narrows_and_is_told(
    filled: Served, q: str, expected: set[str], told: tuple[str, str, str]
) -> None:
    found = filled.get("/search", "ben", q=q)
    understood = [dict(zip(("field", "value", "text"), told, strict=True))]
    assert (titles(found), found.json()["understood"]) == (expected, understood)
    assert filled.get("/people", "ben", q=q).json()["understood"] == understood
    literal = filled.get("/search", "ben", q=q, literal=True)
    assert titles(literal) == {"Page backup", "Page report"}
    assert literal.json()["understood"] == []


def test_what_only_hidden_documents_hold_is_not_understood(own: Served) -> None:
    own.services.capture.save(
        document(
            "plans",
            "Restore the plans.",
            source="boardroom",
            contributors=(Contributor("Zoe Quill", Role.AUTHOR),),
            audience=Audience.of("group:vault"),
        )
    )
    for q in ("restore by Zoe Quill", "restore in boardroom", "author:zoe restore"):
        (hers,) = own.get("/search", "ada", q=q).json()["understood"]
        assert hers["value"] != "0"
        others = own.get("/search", "ben", q=q).json()
        assert all(one["value"] == "0" for one in others["understood"])


def test_pages_follow_one_another_to_an_end(filled: Served) -> None:
    seen: list[int] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        told = filled.get("/search", q="restore", limit=1, **cursor).json()
        seen += [answer["document"]["id"] for answer in told["answers"]]
        cursor = {"cursor": told["next_cursor"]}
    assert sorted(seen) == [1, 2, 3]
    assert told["next_cursor"] is None


def test_a_cursor_leads_on_in_its_own_search_only(filled: Served) -> None:
    cursor = filled.get("/search", q="restore", limit=1).json()["next_cursor"]
    assert filled.get("/search", q="restore", limit=2, cursor=cursor).status_code == 200
    for other in ({"q": "restores"}, {"q": "restore", "kind": "note"}):
        refused = filled.get("/search", cursor=cursor, **other)
        assert refused.status_code == 422
        assert "another list" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("params", "hint"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "?!"}, "no word"),
        ({"q": "x" * 4001}, "4000"),
        ({"q": "a\0b"}, "NUL"),
        ({"q": "a", "limit": 0}, "limit"),
        ({"q": "a", "limit": 51}, "limit"),
        ({"q": "a", "kind": "memo"}, "'writeup', 'note', 'transcript' or 'thread'"),
        ({"q": "a", "level": "guru"}, "'newcomer', 'practitioner' or 'expert'"),
        ({"q": "a", "mode": "magic"}, "hybrid"),
        ({"q": "a", "document": 2**63}, "document"),
        ({"q": "a", "author": -1}, "author"),
        ({"q": "a", "tag": "x" * 201}, "tag"),
        ({"q": "a", "tag": ["x"] * 51}, "tag"),
        ({"q": "a", "team": "\0"}, "NUL"),
        ({"q": "a", "updated_after": "yesterday"}, "2026-01-31"),
        ({"q": "a", "updated_after": "0001-01-01T00:00:00+14:00"}, "too far"),
        ({"q": "a", "cursor": "!"}, "cursor"),
        ({"q": "a", "cursor": "abcd"}, "another list"),
        ({"q": "a", "sort": "date"}, "sort"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(
    idle: Served, params: dict[str, Any], hint: str
) -> None:
    for path in ("/search", "/people"):
        refused = idle.get(path, **params)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        if path == "/search":
            assert hint in refused.text


def test_only_administrators_see_how_a_ranking_came_about(filled: Served) -> None:
    refused = filled.get("/search", q="restore", explain=True)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
    told = filled.get("/search", "ben", admin=True, q="restore", explain=True).json()
    assert told["answers"][0]["features"]["cosine"] <= 1.0
    assert any(stage.startswith("fusion") for stage in told["stages"])
    assert "vault" not in str(told)


def test_nobody_unknown_searches(idle: Served) -> None:
    assert idle.client.get("/api/v1/search?q=a").status_code == 401
    lacking = idle.client.get(
        "/api/v1/search?q=a", headers={"As": "ada@example.org", "Scopes": "capture"}
    )
    assert (lacking.status_code, "search" in lacking.json()["detail"]) == (403, True)


def test_people_come_with_evidence_that_the_asker_may_read(filled: Served) -> None:
    told = filled.get("/people", "ben", q="restore", limit=1, team="Platform").json()
    assert list(told) == [
        "query_id",
        "query",
        "corrected",
        "understood",
        "missing",
        "took_ms",
        "people",
        "confident",
    ]
    (ada,) = told["people"]
    assert ada["person"]["name"] == "Ada Field"
    assert [e["title"] for e in ada["evidence"]] == ["Page backup"]
    hidden = filled.get("/people", "ben", q="vault paper", document=2).json()
    assert hidden["people"] == []


def test_searches_are_kept_without_saying_whose(own: Served) -> None:
    first = own.get("/search", q="who knows restore").json()["query_id"]
    second = own.get("/people", "ben", q="restore").json()["query_id"]
    own.services.queries.flush()
    with own.services.database.read() as connection:
        rows = {row.id: row for row in connection.execute(select(queries))}
    assert rows.keys() == {first, second}
    assert (rows[first].text, rows[first].intent, rows[second].intent) == (
        "who knows restore",
        "who",
        "who",
    )
    assert rows[second].answers == 2
