"""Imports as pages, without scripts: a dry run, its start for real, the report, and who sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from httpx2 import Response

from api.web.formats import formats
from api.worker import Stop, work
from knowledge import readers
from knowledge.jobs import KEPT
from tests.api.web.support import Site, words
from tests.knowledge.test_imports import FILES, zipped

pytestmark = pytest.mark.usefixtures("warm_readers")

IMPORTER = "search capture import"
HEADERS = {"Accept": "text/html", "As": "ada@example.org", "Scopes": IMPORTER}


def hand_in(site: Site, data: bytes = b"", name: str = "wiki.zip", **form: Any) -> Response:
    answer: Response = site.served.client.post(
        "/imports/new",
        headers=HEADERS,
        data={"csrf": ""} | form,
        files={"file": (name, data or zipped(FILES))},
        follow_redirects=False,
    )
    return answer


def get(site: Site, path: str, **more: str) -> Response:
    answer: Response = site.served.client.get(path, headers=HEADERS | more)
    return answer


def post(site: Site, path: str, **form: str) -> Response:
    answer: Response = site.served.client.post(
        path, headers=HEADERS, data=form, follow_redirects=False
    )
    return answer


def run(site: Site) -> None:
    work(site.served.services, Stop(), lambda _: None)


def test_nothing_yet_says_how_to_begin(own: Site) -> None:
    page = get(own, "/imports").text
    assert "Nothing was imported by you yet" in page
    assert 'href="/imports/new"' in page


def test_a_dry_run_is_looked_at_and_started_without_sending_the_file_again(own: Site) -> None:
    taken = hand_in(own, dry_run="true", source="pots", audience="group:vault")
    assert taken.status_code == 303
    path = taken.headers["location"]
    waiting = get(own, path).text
    assert "Waiting for its turn" in waiting
    assert "It begins in a moment." in waiting
    assert '<noscript><meta http-equiv="refresh"' in waiting
    run(own)
    page = words(get(own, path).text)
    assert "3 write-ups" in page
    assert "the group vault" in page.lower()
    assert "Why inputs were refused" in page
    assert "http-equiv" not in get(own, path).text
    assert not own.get("/?q=kilns", "ada").text.count("pots")

    started = post(own, f"{path}/start")
    assert started.status_code == 303
    real = started.headers["location"].partition("?")[0]
    assert real != path
    run(own)
    page = words(get(own, real).text)
    assert "dry run" not in page
    assert "into pots" in page
    assert own.search("how do kilns cool", "ada").count("pots")
    again = post(own, f"{path}/start")
    assert again.status_code == 409
    assert "hand it in again" in words(again.text)
    assert "Start for real" not in get(own, path).text


def test_the_file_of_a_dry_run_is_kept_until_the_next_one(own: Site) -> None:
    first = hand_in(own, dry_run="true").headers["location"]
    run(own)
    second = hand_in(own, dry_run="true").headers["location"]
    assert "Start for real" in get(own, first).text
    run(own)
    assert "Start for real" not in get(own, first).text
    assert "Start for real" in get(own, second).text
    folder = own.served.services.database.directory / "imports"
    assert [path.name for path in folder.iterdir()] == [second.rpartition("/")[2]]


def test_the_file_of_a_dry_run_is_kept_for_a_day(own: Site) -> None:
    services = own.served.services
    path = hand_in(own, dry_run="true").headers["location"]
    run(own)
    services.imports.sweep()
    assert len(list((services.database.directory / "imports").iterdir())) == 1
    begun = services.imports._now
    services.imports._now = services.rehearsals._now = lambda: begun() + KEPT
    assert post(own, f"{path}/start").status_code == 409
    services.imports.sweep()
    assert list((services.database.directory / "imports").iterdir()) == []


def test_a_report_is_narrowed_and_paged(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.import_pages._ITEMS", 2)
    path = hand_in(own, dry_run="false").headers["location"]
    run(own)
    page = get(own, path).text
    assert page.partition("<main")[2].count('class="name"') == 2
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    address = following[1].replace("&amp;", "&").partition("#")[0]
    assert "Back to the first" in get(own, address).text
    refused = words(get(own, f"{path}?status=refused").text).split("Report", 1)[1]
    assert "c.md" in refused
    assert "a.md" not in refused
    assert get(own, f"{path}?status=eaten").status_code == 404
    assert get(own, f"{path}?status=added&cursor=AAAA").status_code == 422


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"format": "papyrus"}, "there is no format 'papyrus'"),
        ({"audience": "everybody"}, "everybody"),
        ({"url_template": "nowhere"}, "{id}"),
        ({"source": "x" * 151}, "Source"),
        ({"full": "perhaps"}, "Full"),
        ({"nonsense": "1"}, "Nonsense"),
    ],
)
def test_a_mistake_is_said_in_the_page_and_what_was_typed_is_kept(
    own: Site, form: dict[str, str], said: str
) -> None:
    answer = hand_in(own, **({"source": "pots"} | form))
    assert answer.status_code == 422
    assert said.lower() in words(answer.text).lower()
    assert 'role="alert"' in answer.text
    assert "source" in form or 'value="pots"' in answer.text


def test_a_form_without_a_file_says_so(own: Site) -> None:
    answer = own.served.client.post(
        "/imports/new", headers=HEADERS, data={"source": "pots"}, files={"x": (None, "")}
    )
    assert answer.status_code == 422


def test_it_is_paused_and_goes_on_and_is_cancelled(own: Site) -> None:
    path = hand_in(own).headers["location"]
    assert post(own, path, action="pause").headers["location"] == f"{path}?done=pause"
    assert "It waits for you" in get(own, path).text
    assert post(own, path, action="resume").status_code == 303
    assert post(own, path, action="eat").status_code == 422
    assert post(own, path, action="cancel").status_code == 303
    assert "Cancelled" in words(get(own, path).text)
    assert post(own, path, action="pause").status_code == 409


def test_the_second_waits_for_the_first(own: Site) -> None:
    first, second = (hand_in(own, source=name).headers["location"] for name in ("one", "two"))
    assert "It begins in a moment." in get(own, first).text
    assert "It waits until the one before it is done." in get(own, second).text
    assert post(own, first, action="pause").status_code == 303
    assert "It begins in a moment." in get(own, second).text


def test_what_it_asks_is_answered(own: Site) -> None:
    many = {f"p{n}.md": f"# {n}\n\nA kiln of its own, number {n}." for n in range(10)}
    hand_in(own, zipped(many), dry_run="false", full="true")
    run(own)
    few = {name: many[name] for name in list(many)[:3]}
    path = hand_in(own, zipped(few), dry_run="false", full="true").headers["location"]
    run(own)
    page = words(get(own, path).text)
    assert "7 of 10 documents are gone from this export" in page
    assert post(own, path, action="archive_gone").status_code == 303
    run(own)
    page = get(own, path).text
    assert re.search(r'data-count="archived">7<', page)


def test_others_do_not_see_it_and_administrators_only_how_it_goes(own: Site) -> None:
    path = hand_in(own, name="secret plan.zip", dry_run="false").headers["location"]
    other = get(own, path, As="ben@example.org")
    unknown = get(own, "/imports/" + "0" * 32, As="ben@example.org")
    assert (other.status_code, other.text) == (404, unknown.text)
    seen = get(own, path, As="ben@example.org", Scopes="search import admin")
    assert seen.status_code == 200
    assert "secret plan" not in seen.text
    assert "Somebody else handed this in" in seen.text
    assert get(own, path, As="ben@example.org", Scopes="search").status_code == 403


def test_every_format_says_how_to_export_it() -> None:
    wholes, files = formats()
    assert sorted(one.name for one in (*wholes, *files)) == list(readers.names())
    assert [one.name for one in (*wholes, *files) if not one.how] == []
