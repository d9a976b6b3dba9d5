"""What is said of answers and colleagues on pages, without scripts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from knowledge.store.tables import feedback
from tests.api.web.support import Site, hrefs, words


def asked(site: Site, q: str = "who restores a backup", who: str = "ben") -> tuple[str, str, str]:
    """The query's id, a passage and a person, as the page of a search has them."""
    page = site.search(q, who)
    (query,) = re.findall(r'name="query_id" value="([0-9a-f]{32})"', page)
    passage = re.findall(r'name="helpful" value="(\d+)"', page)[0]
    person = re.findall(r'name="wrong_person" value="(\d+)"', page)[0]
    site.served.services.queries.flush()
    return query, passage, person


def say(site: Site, who: str = "ben", **form: str) -> Any:
    headers = {"As": f"{who}@example.org", "Accept": "text/html"}
    return site.served.client.post("/feedback", data=form, headers=headers, follow_redirects=False)


def kept(site: Site) -> list[tuple[Any, ...]]:
    wanted = (feedback.c.passage_id, feedback.c.person_id, feedback.c.verdict, feedback.c.reason)
    with site.served.services.database.read() as connection:
        return [tuple(row) for row in connection.execute(select(*wanted))]


def test_the_form_of_an_answer_leads_to_a_page_and_back(own: Site) -> None:
    query, passage, person = asked(own)
    after = "/?q=backup&kind=writeup"
    page = own.get("/feedback", query_id=query, not_helpful=passage, next=after)
    assert page.status_code == 200
    assert "This did not help" in words(page.text)
    assert "Restoring a backup" in words(page.text)
    assert after in hrefs(page.text)
    assert kept(own) == [], "to look at it is to say nothing"
    answer = say(own, query_id=query, not_helpful=passage, next=after, reason=" too old ")
    assert answer.status_code == 303
    told = urlsplit(answer.headers["location"])
    assert (told.path, parse_qs(told.query)) == ("/feedback", {"said": ["yes"], "next": [after]})
    thanks = own.get(answer.headers["location"])
    assert "Thank you" in words(thanks.text)
    assert after in hrefs(thanks.text)
    assert kept(own) == [(int(passage), None, "not_helpful", "too old")]
    page = own.get("/feedback", query_id=query, wrong_person=person, next=after)
    assert "Ada Field" in words(page.text)
    assert say(own, query_id=query, wrong_person=person).status_code == 303
    assert kept(own)[1] == (None, int(person), "wrong_person", "")


def test_it_leads_nowhere_else(own: Site) -> None:
    query, passage, _ = asked(own)
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        page = own.get("/feedback", query_id=query, helpful=passage, next=elsewhere)
        assert "evil" not in page.text
        answer = say(own, query_id=query, helpful=passage, next=elsewhere)
        assert "evil" not in answer.headers["location"]


def test_an_address_of_nobody_s_is_said_to_be_one(own: Site) -> None:
    query, passage, _ = asked(own)
    for given in ({}, {"helpful": "x"}, {"helpful": "9" * 30}, {"helpful": "²"}):
        page = own.get("/feedback", query_id=query, **given)
        assert page.status_code == 422, given
        assert "go there from an answer" in words(page.text)
        assert say(own, query_id=query, **given).status_code == 422, given
    assert say(own, query_id="0" * 32, helpful=passage).status_code == 404
    assert kept(own) == []


def test_of_what_one_may_not_read_nothing_is_said(own: Site) -> None:
    own.served.services.queries.flush()
    page = own.search("vault of Zebedee", "ada")
    (query,) = re.findall(r'name="query_id" value="([0-9a-f]{32})"', page)
    secret = re.findall(r'name="helpful" value="(\d+)"', page)[0]
    own.served.services.queries.flush()
    hidden = own.get("/feedback", "cleo", query_id=query, helpful=secret)
    unknown = own.get("/feedback", "cleo", query_id=query, helpful="99999")
    assert "Zebedee" not in hidden.text
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert words(hidden.text).replace(secret, "") == words(unknown.text).replace("99999", "")
    assert say(own, "cleo", query_id=query, helpful=secret).status_code == 404


def test_whoever_may_write_is_led_to_writing_where_nobody_is_confirmed(own: Site) -> None:
    page = own.search("zzyzx quux")
    assert "/write/quick?about=zzyzx+quux" in hrefs(page)
    headers = {"As": "ben@example.org", "Scopes": "search", "Accept": "text/html"}
    reading = own.served.client.get("/", params={"q": "zzyzx quux"}, headers=headers)
    assert "/write/quick" not in reading.text
