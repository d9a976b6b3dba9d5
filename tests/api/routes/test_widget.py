"""The widget's file: for any page, never stale for long, and no more than a file."""

from __future__ import annotations

from api.web import assets
from tests.api.routes.support import Served

PATH = "/widget/v1/widget.js"


def test_any_page_may_load_and_check_it(idle: Served) -> None:
    answer = idle.client.get(PATH, headers={"Origin": "https://intranet.example.org"})
    assert answer.status_code == 200
    assert answer.content == assets.whole("widget.js")[0]
    headers = answer.headers
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in headers


def test_a_browser_that_has_it_gets_it_again_only_when_it_changed(idle: Served) -> None:
    tag = idle.client.get(PATH).headers["etag"]
    for told in (tag, f'W/{tag}, "other"', "*"):
        same = idle.client.get(PATH, headers={"If-None-Match": told})
        assert (same.status_code, same.content) == (304, b""), told
        assert same.headers["etag"] == tag
        assert same.headers["access-control-allow-origin"] == "*"
    assert idle.client.get(PATH, headers={"If-None-Match": '"other"'}).status_code == 200
    assert idle.client.head(PATH).headers["etag"] == tag


def test_there_is_one_version(idle: Served) -> None:
    answer = idle.client.get("/widget/v2/widget.js", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
