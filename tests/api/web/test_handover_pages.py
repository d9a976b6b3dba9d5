"""Handing over with forms alone."""

from __future__ import annotations

from typing import Any

from tests.api.web.support import Site
from tests.api.web.test_document_page import post


def test_a_leaver_hands_over_and_takes_it_back(own: Site) -> None:
    page = own.get("/me/hand-over", "ada").text
    assert 'name="to-document-1"' in page
    wrong = post(own, "/hand-overs", "ada", **{"to-document-1": "Zz"})
    assert (wrong.status_code, 'value="Zz"' in wrong.text) == (422, True)
    fields: dict[str, Any] = {"to-document-1": "Ben Osei", "questions": "yes"}
    done = post(own, "/hand-overs", "ada", **fields)
    assert done.headers["location"] == "/me/hand-over?done=yes"
    assert "1 thing handed over" in own.get("/me/hand-over?done=yes", "ada").text
    assert "Something was handed over to you" in own.get("/", "ben").text
    assert "handed over to you" not in own.get("/", "cleo").text
    assert "Restoring a backup" in own.get("/me/care", "ben").text
    given = {"handover": "1", "kind": "document", "item": "1", "decline": "yes"}
    assert post(own, "/me/care/received", "ben", **given).status_code == 303
    assert "handed over to you" not in own.get("/", "ben").text
    assert post(own, "/me/care/received", "ben", kind="document").status_code == 404
    post(own, "/hand-overs", "ada", **fields)
    back = post(own, "/hand-overs/2/undo", "ada")
    assert back.headers["location"] == "/me/hand-over"


def test_who_was_asked_and_owns_nothing_hands_on_questions(own: Site) -> None:
    assert "nothing to hand over" in own.get("/me/hand-over", "cleo").text
    done = post(own, "/hand-overs", "cleo", questions="yes")
    assert done.headers["location"] == "/me/hand-over?done=yes"
    # There is nothing that could be taken back.
    assert "Take it back" not in own.get("/me/hand-over?done=yes", "cleo").text
    assert post(own, "/hand-overs", "cleo").status_code == 422


def test_an_administrator_does_it_for_somebody(own: Site) -> None:
    scopes = "search capture admin"
    assert own.get("/admin/hand-over?person=1", "cleo").status_code == 403
    done = post(own, "/hand-overs", "cleo", scopes, person="1", **{"to-document-1": "Ben Osei"})
    assert done.headers["location"] == "/admin/hand-over?person=1&done=yes"
    refused = post(own, "/hand-overs", "ben", person="1", **{"to-document-1": "Ben Osei"})
    assert refused.status_code == 404
