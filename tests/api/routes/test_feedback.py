"""POST /api/v1/feedback: what may be said of what, and that nobody is named."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from knowledge.store.tables import feedback, requests
from knowledge.types import Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import document

DAN = (Contributor("Dan Hale", Role.AUTHOR, email="dan@example.org"),)


@pytest.fixture
def filled(service: Served) -> Served:
    return fill(service)


@pytest.fixture(scope="module")
def unchanged(idle: Served) -> Served:
    """For the tests of what is refused."""
    return fill(idle)


def fill(service: Served) -> Served:
    save = service.services.capture.save
    save(document("open", "Restore the ledger."))
    save(document("hidden", "Restore.", audience=Audience.of("group:vault"), contributors=DAN))
    return service


def say(service: Served, who: str = "ada", **given: Any) -> Any:
    headers = given.pop("headers", {})
    if "query_id" not in given:
        given["query_id"] = service.get("/search", who, q="restore").json()["query_id"]
    return service("POST", "/feedback", who, json={"verdict": "helpful"} | given, headers=headers)


def kept(service: Served) -> list[dict[str, Any]]:
    with service.services.database.read() as connection:
        return [dict(row) for row in connection.execute(select(feedback)).mappings()]


def test_a_verdict_is_kept_and_not_who_gave_it(filled: Served) -> None:
    said = say(filled, passage_id=1, verdict="outdated", reason=" Since May. ")
    assert said.status_code == 201, said.text
    (row,) = kept(filled)
    assert said.json() == {
        key: row[key]
        for key in ("query_id", "passage_id", "person_id", "document_id", "verdict", "reason")
    }
    assert row["reason"] == "Since May."
    assert row.keys() == said.json().keys() | {"id", "at"}
    assert say(filled, person_id=2, verdict="wrong_person").status_code == 201


def test_a_document_is_judged_with_and_without_a_search(filled: Served) -> None:
    alone = say(filled, query_id=None, document_id=1, verdict="not_helpful", reason="Too short")
    assert (alone.status_code, alone.json()["query_id"]) == (201, None)
    after = say(filled, document_id=1)
    assert after.status_code == 201
    first, second = kept(filled)
    assert (first["query_id"], first["document_id"], first["reason"]) == ("", 1, "Too short")
    assert second["query_id"] == after.json()["query_id"] != ""


@pytest.mark.parametrize("about", [{"passage_id": 2}, {"person_id": 4}, {"document_id": 2}])
def test_what_the_asker_may_not_see_is_as_unknown_as_nothing(
    filled: Served, about: dict[str, int]
) -> None:
    unknown = dict.fromkeys(about, 99)
    hidden, missing = say(filled, "ben", **about), say(filled, "ben", **unknown)
    assert (hidden.status_code, hidden.json()) == (missing.status_code, missing.json())
    assert hidden.status_code == 404
    assert kept(filled) == []
    assert say(filled, **about).status_code == 201


def test_a_query_that_nobody_asked_is_unknown(unchanged: Served) -> None:
    refused = say(unchanged, query_id="0" * 32, passage_id=1)
    assert (refused.status_code, "no such query" in refused.json()["detail"]) == (404, True)


def test_where_no_queries_are_kept_feedback_is(filled: Served) -> None:
    filled.services.queries._days = 0
    assert say(filled, passage_id=1).status_code == 201
    assert len(kept(filled)) == 1


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({}, "name one of them"),
        ({"passage_id": 1, "person_id": 1}, "name one of them"),
        ({"passage_id": 1, "verdict": "wrong_person"}, "name the person"),
        ({"passage_id": 1, "verdict": "meh"}, "not_helpful"),
        ({"passage_id": 2**63}, "passage_id"),
        ({"person_id": 0}, "person_id"),
        ({"passage_id": 1, "reason": "x" * 2001}, "reason"),
        ({"passage_id": 1, "reason": "\0"}, "NUL"),
        ({"passage_id": 1, "document_id": 1}, "name one of them"),
        ({"document_id": 1, "verdict": "wrong_person"}, "name the person"),
        ({"passage_id": 1, "query_id": None}, "names the search"),
        ({"passage_id": 1, "query_id": "x"}, "query_id"),
        ({"passage_id": 1, "by": "me"}, "by"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    unchanged: Served, wrong: dict[str, Any], hint: str
) -> None:
    refused = say(unchanged, **wrong)
    assert (refused.status_code, hint in refused.text) == (422, True), refused.text


def test_a_repeated_request_is_kept_once_and_names_nobody(filled: Served) -> None:
    query_id = filled.get("/search", q="restore").json()["query_id"]
    given: dict[str, Any] = {
        "query_id": query_id,
        "passage_id": 1,
        "headers": {"Idempotency-Key": "k"},
    }
    first, again = say(filled, **given), say(filled, **given)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(kept(filled)) == 1
    with filled.services.database.read() as connection:
        assert connection.execute(select(requests.c.made)).scalars().all() == ["feedback"]
    assert say(filled, **given | {"verdict": "outdated"}).status_code == 422
    # A key is the caller's own, whatever it was used for.
    other = filled(
        "POST",
        "/documents",
        json={"title": "t", "body": "b"},
        headers={"Idempotency-Key": "k"},
    )
    assert other.status_code == 422
