"""Errors as pages for browsers, and as problems for programs."""

from __future__ import annotations

import pytest

from knowledge.errors import Busy, TooMany
from knowledge.store import documents
from knowledge.types import OPERATOR
from tests.api.web.support import Site


@pytest.mark.parametrize("path", ["/documents/{}", "/documents/{}?passage=1", "/people/{}"])
def test_unknown_and_forbidden_are_the_same_page(site: Site, path: str) -> None:
    with site.served.services.database.read() as connection:
        held = documents.load_all(connection, OPERATOR).values()
    secret = next(one for one in held if one.external_id == "secret")
    hidden = secret.contributions[0].person_id if "people" in path else secret.id
    assert site.get(path.format(hidden), "ada").status_code == 200
    forbidden, unknown = site.get(path.format(hidden)), site.get(path.format(99_999))
    assert (forbidden.status_code, unknown.status_code) == (404, 404)
    assert forbidden.text == unknown.text
    assert {k: v for k, v in forbidden.headers.items() if k != "x-request-id"} == {
        k: v for k, v in unknown.headers.items() if k != "x-request-id"
    }


@pytest.mark.parametrize(
    "path", ["/nothing", "/documents/x", "/documents/0", "/people/" + "9" * 30]
)
def test_what_is_not_there_is_a_page(site: Site, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    assert "<h1>Nothing here</h1>" in answer.text


def test_whoever_is_not_known_is_asked_to_sign_in(site: Site) -> None:
    answer = site.get("/?q=ledger", None)
    assert answer.status_code == 401
    assert "Please sign in" in answer.text
    assert "www-authenticate" in answer.headers


def test_a_question_that_is_too_long_says_so(site: Site) -> None:
    answer = site.get("/", q="x" * 4001)
    assert answer.status_code == 422
    assert "longer than 4,000 characters" in answer.text


@pytest.mark.parametrize(
    ("accept", "path", "form"),
    [
        ("text/html,*/*;q=0.8", "/documents/999", "text/html"),
        ("*/*", "/documents/999", "application/problem+json"),
        ("application/json", "/?q=" + "x" * 4001, "application/problem+json"),
        ("text/html", "/api/v1/documents/999", "application/problem+json"),
        ("text/html", "/readyz/x", "application/problem+json"),
    ],
)
def test_programs_get_problems(site: Site, accept: str, path: str, form: str) -> None:
    headers = {"Accept": accept, "As": "ben@example.org"}
    answer = site.served.client.get(path, headers=headers)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"].split(";")[0] == form


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Busy("the queue is full"), 503, "Please try again in a moment."),
        (TooMany("you ask too often", 45), 429, "Please try again in 45 seconds."),
        (TooMany("you ask too often", 900), 429, "Please try again in 15 minutes."),
        (RuntimeError("secret"), 500, "mistake is ours"),
    ],
)
def test_failures_are_pages_too(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, said: str
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(site.served.services, "search", fails)
    answer = site.get("/", q="ledger & <more>")
    assert answer.status_code == status
    assert said in answer.text
    assert "secret" not in answer.text
    assert ("retry-after" in answer.headers) == (status in (429, 503))
    assert ('href="/?q=ledger+%26+%3Cmore%3E"' in answer.text) == (status in (429, 503))
