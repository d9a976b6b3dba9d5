"""What becomes of hostile text in a page, without a browser: see tests/browser/test_xss.py."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from api.web import prose
from api.web.prose import NOWHERE, Targets, clean, phrase
from api.web.rendering import templates
from tests.browser.payloads import HOST, payloads

STRINGS = payloads(1000)
ALLOWED = set(
    """a blockquote br code del div em h2 h3 h4 h5 h6 hr img li mark ol p pre s span strong table
    tbody td th thead tr ul""".split()
)
ATTRIBUTES = {"alt", "aria-label", "class", "href", "id", "loading", "rel", "role", "src", "start"}
ATTRIBUTES |= {"tabindex", "title"}
IMPORTED = Targets("https://wiki.example/", {"x.png": "/own/0"}, {"x.png": "/own/0"})


def check(markup: str, told: str) -> None:
    """Only what the pages' own rendering makes, and nothing that a browser loads from elsewhere."""
    for one in BeautifulSoup(f"<div>{markup}</div>", "lxml").div.find_all(True):  # type: ignore[union-attr]
        assert one.name in ALLOWED, (told, markup)
        assert set(one.attrs) <= ATTRIBUTES, (told, markup)
        if one.name == "a":
            scheme = urlsplit(str(one.get("href", ""))).scheme
            assert scheme in ("", "http", "https", "mailto"), (told, markup)
        if one.name == "img":
            assert str(one["src"]).startswith("/own/"), (told, markup)


@pytest.mark.parametrize("targets", [NOWHERE, IMPORTED])
def test_a_document_s_text_becomes_nothing_but_prose(targets: Targets) -> None:
    for told in STRINGS[::2]:
        text = f"Kiln {told} cools\n\n# {told}\n\n- {told}\n\n> {told}\n\n{told}"
        check(prose.prose(text, "Title", targets, None), told)


def test_what_somebody_says_becomes_nothing_but_prose() -> None:
    for told in STRINGS[::3]:
        check(phrase(told), told)


def test_the_cleaner_alone_lets_nothing_through() -> None:
    """Also if the Markdown parser were ever to write HTML of the text's own."""
    for told in STRINGS:
        for one in BeautifulSoup(f"<div>{clean(told)}</div>", "html.parser").find_all(True):
            assert one.name in ALLOWED, told
            assert set(one.attrs) <= ATTRIBUTES, told
            assert urlsplit(str(one.get("href", ""))).scheme in ("", "http", "https", "mailto")


def test_the_allowlist_is_pinned() -> None:
    """nh3's defaults would let remote pictures through; a change here is looked at twice."""
    assert prose._TAGS == ALLOWED
    assert {name for names in prose._ATTRIBUTES.values() for name in names} | {"rel"} == ATTRIBUTES
    assert {"http", "https", "mailto"} == prose._SCHEMES


@pytest.mark.parametrize(
    "text",
    [
        f"![x](//{HOST}/a.png)",
        f"![x](https://{HOST}/a.png)",
        f'<img src="https://{HOST}/a.png">',
        f"![x][r]\n\n[r]: https://{HOST}/a.png",
        f"[![x](https://{HOST}/a.png)](https://{HOST}/)",
    ],
)
def test_a_picture_elsewhere_is_never_loaded(text: str) -> None:
    assert "<img" not in prose.prose(text, "Title", IMPORTED, None)


def test_templates_escape_whatever_they_write() -> None:
    assert templates().autoescape is True
    written = templates().from_string('<a title="{{ told }}" href="/?q={{ told }}">{{ told }}</a>')
    for told in STRINGS:
        (only,) = BeautifulSoup(written.render(told=told), "html.parser").find_all(True)
        assert only["title"] == told
