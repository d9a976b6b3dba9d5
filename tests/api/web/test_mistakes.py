"""What goes wrong in a form is said as one sentence, wherever it is said."""

from __future__ import annotations

import html
import re

import pytest

from tests.api.web.support import Site

_ALERTS = re.compile(r'<p class="notice wrong" role="alert"[^>]*>(.*?)</p>', re.S)


def alerts(page: str) -> list[str]:
    """What a page says of mistakes, without the links beside."""
    told = (re.sub(r"<a .*?</a>", "", one, flags=re.S) for one in _ALERTS.findall(page))
    return [html.unescape(one).strip() for one in told if one.strip()]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/documents/1/feedback", {"verdict": "meh"}),
        ("/documents/1/doubts", {"reason": "x" * 3000}),
        ("/documents/1/currency", {"state": "maybe"}),
        ("/documents/1/delete", {"version": "0"}),
        ("/drafts", {"form": "writeup"}),
        ("/drafts", {"form": "quick", "title": "Kilns", "thing": "", "knower_name": "Nemo"}),
        ("/drafts", {"form": "quick"}),
        ("/drafts", {"form": "writeup", "title": "Kilns", "action": "publish"}),
        ("/me/pause", {"until": "tomorrow"}),
        ("/sessions", {"topic": " "}),
        ("/sessions/new", {"title": ""}),
        ("/ask", {"title": ""}),
    ],
)
def test_a_mistake_is_a_sentence(own: Site, path: str, form: dict[str, str]) -> None:
    headers = {"Accept": "text/html", "As": "ada@example.org", "Scopes": "search capture import"}
    answer = own.served.client.post(path, data=form, headers=headers, follow_redirects=False)
    said = alerts(answer.text)
    assert said, (answer.status_code, answer.text)
    for one in said:
        assert one[:1].isupper() or not one[:1].isalpha(), one
        assert re.search(r"[^.][.?…]$", one), one


def test_what_was_looked_for_and_compared_is_said_so_too(own: Site) -> None:
    for path in ("/documents/1?find=?!", "/documents/1/history?from=3&to=1"):
        (said,) = alerts(own.get(path, "ada").text)
        assert re.match(r"^[A-Z].*[^.]\.$", said), said
