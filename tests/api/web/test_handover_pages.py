"""Handing over with forms alone."""

from __future__ import annotations

from typing import Any

from knowledge.people import Profile
from knowledge.types import Audience
from tests.api.web.support import Site, part
from tests.api.web.test_document_page import post
from tests.builders import document

VAULT = Audience.of("group:vault")


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


def test_the_rest_goes_to_one_colleague(own: Site) -> None:
    assert 'name="rest"' in own.get("/me/hand-over", "ada").text
    # Ben cannot read it, and may not host.
    vault = document("vault", "Open it.", title="Ledger of the vault", audience=VAULT)
    own.add(vault)
    typed: dict[str, Any] = {"rest": "Ben Osei", "questions": "yes"}
    wrong = post(own, "/hand-overs", "ada", **typed)
    assert wrong.status_code == 422
    field = part(wrong.text, 'id="to-document-5"', "</div>")
    assert "Choose somebody who can read “Ledger of the vault”." in field
    assert wrong.text.count('role="alert"') == 1
    assert 'value="Ben Osei"' in part(wrong.text, 'id="rest"', ">")
    nobody = post(own, "/hand-overs", "ada", rest="Zz")
    assert "Nobody in the directory" in part(nobody.text, 'id="rest"', "</div>")
    assert 'name="questions" value="yes">' in nobody.text
    own.served.services.directory.put(Profile("Dora Lind", "dora@example.org", groups=("vault",)))
    done = post(own, "/hand-overs", "ada", **typed | {"to-document-5": "dora@example.org"})
    assert done.headers["location"] == "/me/hand-over?done=yes"
    after = own.get("/me/hand-over?done=yes", "ada").text
    assert ('name="to-document' in after, 'name="rest"' in after) == (False, False)
    assert "Restoring a backup" in own.get("/me/care", "ben").text
    post(own, "/hand-overs/1/undo", "ada")
    assert 'name="to-document-5"' in own.get("/me/hand-over", "ada").text


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
