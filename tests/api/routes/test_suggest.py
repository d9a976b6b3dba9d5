"""GET /api/v1/suggest: what is suggested, and that nothing hidden shows in it."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.types import Audience, Contributor, Role
from tests.api.routes.support import Served
from tests.builders import document

VAULT = Audience.of("group:vault")
DAN = (Contributor("Dan Ledgerwood", Role.AUTHOR, email="dan@example.org"),)


def told(service: Served, q: str, who: str = "ada", **params: Any) -> list[tuple[str, str]]:
    response = service.get("/suggest", who, q=q, **params)
    assert response.status_code == 200, response.text
    return [(one["kind"], one["text"]) for one in response.json()["suggestions"]]


@pytest.fixture(scope="module")
def filled(idle: Served) -> Served:
    """For the tests that change nothing."""
    return fill(idle)


@pytest.fixture
def own(service: Served) -> Served:
    return fill(service)


def fill(service: Served) -> Served:
    save = service.services.capture.save
    save(document("1", "text", title="Restoring the ledger", tags=("finance ledgers", "ops")))
    save(document("2", "text", title="The 100% ledger_check"))
    save(document("3", "text", title="Übung für den Notfall"))
    save(document("4", "text", title="Ledger secrets", tags=("ledger-keys",), audience=VAULT))
    save(document("5", "text", title="Vault", contributors=DAN, audience=VAULT))
    return service


def test_titles_people_and_tags_begin_with_what_was_typed(filled: Served) -> None:
    assert told(filled, "LEDG") == [
        ("document", "Ledger secrets"),
        ("document", "The 100% ledger_check"),
        ("document", "Restoring the ledger"),
        ("person", "Dan Ledgerwood"),
        ("tag", "finance ledgers"),
        ("tag", "ledger-keys"),
    ]
    response = filled.get("/suggest", q="cle").json()
    assert response == {"suggestions": [{"kind": "person", "text": "Cleo Marsh", "id": 3}]}
    assert filled.get("/suggest", q="ops").json()["suggestions"][0]["id"] is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ledger resto", ["Restoring the ledger"]),
        ("ubung", ["Übung für den Notfall"]),
        ("ÜB", ["Übung für den Notfall"]),
        ("estoring", []),
        ("ledger_", ["The 100% ledger_check"]),
        ("100%", ["The 100% ledger_check"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("restoring ops", []),
    ],
)
def test_words_match_by_their_beginnings(filled: Served, typed: str, found: list[str]) -> None:
    assert [text for kind, text in told(filled, typed) if kind == "document"] == found


def test_what_is_hidden_is_not_suggested(filled: Served) -> None:
    assert told(filled, "ledg", "ben") == [
        ("document", "The 100% ledger_check"),
        ("document", "Restoring the ledger"),
        ("tag", "finance ledgers"),
    ]
    assert told(filled, "vault", "nobody") == []


def test_who_is_not_listed_is_found_by_the_name_that_may_be_read(own: Served) -> None:
    own.services.capture.save(
        document(
            "6",
            "text",
            title="Open page",
            contributors=(Contributor("Danny L.", Role.EDITOR, email="dan@example.org"),),
        )
    )
    assert told(own, "dan", "ben") == [("person", "Danny L.")]
    assert told(own, "ledgerwood", "ben") == []


def test_a_new_name_and_a_new_title_count_at_once(own: Served) -> None:
    own.services.capture.save(document("1", "text", title="Mending the ledger"))
    assert told(own, "restoring") == []
    assert told(own, "mending") == [("document", "Mending the ledger")]


def test_limits_share_out_fairly(own: Served) -> None:
    for number in range(12):
        own.services.capture.save(document(f"c{number}", "text", title=f"Clean {number}"))
    few = told(own, "cle", limit=3)
    assert [kind for kind, _ in few] == ["document", "document", "person"]
    assert len(told(own, "cle", limit=20)) == 13
    assert told(own, "cle", limit=1) == [("document", "Clean 11")]


@pytest.mark.parametrize("params", [{}, {"q": ""}, {"q": "x" * 201}, {"q": "a", "limit": 21}])
def test_bounds(idle: Served, params: dict[str, Any]) -> None:
    assert idle.get("/suggest", **params).status_code == 422
