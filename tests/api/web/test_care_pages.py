"""Looking after documents, with forms alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexer import duplicates
from knowledge.store import care
from tests.api.web.support import BACKUP, Site, hrefs, part, words
from tests.api.web.test_document_page import post
from tests.builders import document


def test_who_looks_after_a_document_passes_it_on(own: Site) -> None:
    assert 'action="/documents/1/owner"' not in own.get("/documents/1", "cleo").text
    wrong = post(own, "/documents/1/owner", "ada", email="nobody@example.org")
    assert wrong.status_code == 422
    assert 'value="nobody@example.org"' in wrong.text
    assert "Nobody in the directory" in wrong.text
    done = post(own, "/documents/1/owner", "ada", email="ben@example.org")
    assert done.headers["location"] == "/documents/1?said=passed#care"
    page = own.get("/documents/1?said=passed", "cleo").text
    assert '<dt>Looked after by</dt><dd><a href="/people/2">Ben Osei</a>' in page
    post(own, "/documents/1/owner", "ben", back="yes")
    assert "Looked after by" not in own.get("/documents/1", "cleo").text


def test_a_review_is_asked_for_and_done(own: Site) -> None:
    soon = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    for form in ({}, {"months": "x"}, {"at": "2001-01-01"}, {"months": "999"}):
        assert post(own, "/documents/1/review", "ada", **form).status_code == 422, form
    assert post(own, "/documents/1/review", "ada", at=soon).status_code == 303
    assert "It is to be looked at again by" in own.get("/documents/1").text
    with own.served.services.database.write() as connection:
        care.review(connection, 1, datetime.now(UTC) - timedelta(days=1), 6)
    assert "One document of yours should be looked at again" in own.get("/", "ada").text
    assert "should be looked at again" not in own.get("/", "ben").text
    assert "It still holds" in own.get("/me/care", "ada").text
    assert "should have been looked at again by" in own.search("how do I restore a backup")
    done = post(own, "/documents/1/currency", "ada", state="verified", next="care")
    assert done.headers["location"] == "/me/care#reviews"
    assert "Nothing is due" in own.get("/me/care", "ada").text
    post(own, "/documents/1/review", "ada", usual="yes")
    assert "to be looked at again by" not in own.get("/documents/1").text


def test_content_health_says_what_it_compared_and_goes_on(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(path: str) -> str:
        headers = {"Accept": "text/html", "As": "cleo@example.org", "Scopes": "search admin"}
        answer = own.served.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    whole = words(part(shown("/admin/health"), 'id="twice"', "</section>"))
    assert "All 3 documents that you can read were compared with each other. None." in whole
    own.add(document("copy", BACKUP, title="A copy"))
    monkeypatch.setattr(duplicates, "MOST", 3)
    first = part(shown("/admin/health"), 'id="twice"', "</section>")
    assert "newest first: 1 to 3, each compared with all of them." in words(first)
    assert "Restoring a backup and A copy" in words(first)
    (further,) = [one for one in hrefs(first) if "cursor=" in one]
    rest = words(part(shown(further), 'id="twice"', "</section>"))
    assert "newest first: 4, each" in rest
    assert "None among these." in rest
    assert "Back to the newest" in rest
