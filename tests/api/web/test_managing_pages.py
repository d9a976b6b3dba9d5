"""The pages of whoever looks after the service, without scripts: each form, and what it keeps."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response

from knowledge.errors import NotSignedIn
from knowledge.identity import AccountRole
from knowledge.types import Contributor, Role, Scope
from tests.api.routes import support
from tests.api.web.support import EVIL, Site, words
from tests.builders import document

ADMIN = "search capture import admin"


def get(site: Site, path: str, who: str = "ada", held: str = ADMIN) -> Response:
    headers = {"Accept": "text/html", "As": f"{who}@example.org", "Scopes": held}
    answer: Response = site.served.client.get(path, headers=headers)
    return answer


def post(site: Site, path: str, who: str = "ada", held: str = ADMIN, **form: Any) -> Response:
    headers = {"Accept": "text/html", "As": f"{who}@example.org", "Scopes": held}
    answer: Response = site.served.client.post(
        path, headers=headers, data=form, follow_redirects=False
    )
    return answer


def done(site: Site, answer: Response) -> str:
    """The page that a form that worked leads to, in words."""
    assert answer.status_code == 303, answer.text
    return words(get(site, answer.headers["location"]).text)


def person(site: Site, email: str) -> int:
    return site.served.services.merging.find(email)


# Where one is


def test_each_sees_the_areas_that_are_theirs_and_where_they_are(site: Site) -> None:
    page = get(site, "/admin/roles").text
    assert page.count('aria-current="page"') == 1
    assert '<a href="/admin/roles" aria-current="page">' in page
    curator = get(site, "/admin/sources", held="search capture import").text
    nav = curator.split('<nav class="areas"', 1)[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', nav) == ["/imports", "/admin/sources"]


def test_disputes_stand_beside_the_other_areas_of_whoever_settles_them(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = '<a href="/admin/disputes" aria-current="page">'
    assert area in get(site, "/admin/disputes").text
    assert area not in get(site, "/admin/disputes", "ben", "search capture").text
    curator = replace(support.MEMBER, topics=frozenset({"kilns"}))
    monkeypatch.setattr(support, "MEMBER", curator)
    assert area in get(site, "/admin/disputes", "ben", "search capture").text


# Who is who


def pair(site: Site) -> tuple[int, int]:
    """Somebody whom a document calls otherwise than the directory, and the record of that."""
    site.add(document("x", "Kilns.", contributors=(Contributor("Osei, Ben", Role.AUTHOR),)))
    page = get(site, "/admin/people").text
    found = re.search(r"/admin/people/merge\?kept=(\d+)&amp;gone=(\d+)", page)
    assert found is not None, page
    return int(found[1]), int(found[2])


def test_two_are_made_one_after_a_look_and_two_again(own: Site) -> None:
    kept, gone = pair(own)
    look = words(get(own, f"/admin/people/merge?kept={kept}&gone={gone}").text)
    assert "Osei, Ben becomes part of Ben Osei" in look
    assert "The document that names Osei, Ben" in look
    merged = post(own, "/admin/people/merge", kept=kept, gone=gone)
    assert "They are one person" in done(own, merged)
    page = get(own, "/admin/people").text
    assert "Nobody looks like somebody else" in page
    merge = re.search(r'name="merge" value="(\d+)"', page)
    assert merge is not None
    again = done(own, post(own, "/admin/people/unmerge", merge=merge[1]))
    assert "They are two people again" in again
    assert "Nobody yet" in again


def test_two_are_said_to_be_two(own: Site) -> None:
    kept, gone = pair(own)
    page = done(own, post(own, "/admin/people/distinguish", one=kept, other=gone))
    assert "Nobody looks like somebody else" in page


def test_what_cannot_be_merged_is_said_where_one_is(own: Site) -> None:
    ben, cleo = person(own, "ben@example.org"), person(own, "cleo@example.org")
    both = post(own, "/admin/people/merge", kept=ben, gone=cleo)
    assert both.status_code == 403
    assert "the operator" in words(both.text)
    assert "Make them one person?" in both.text
    own.served.services.later.flush()
    (entry,) = own.served.services.journal.newest(1)
    assert (entry.action, entry.subject) == ("denied", "POST /admin/people/merge")
    one = get(own, f"/admin/people/merge?kept={ben}&gone={ben}")
    assert one.status_code == 422
    assert get(own, f"/admin/people/merge?kept={ben}&gone=99999").status_code == 404


# Sources


def test_sources_count_what_one_may_read(own: Site) -> None:
    ada, ben = (words(get(own, "/admin/sources", who).text) for who in ("ada", "ben"))
    assert "2 write-ups" in ada
    assert "2 write-ups" not in ben
    assert "1 transcript" in ben
    own.served.services.roles.grant(
        person(own, "cleo@example.org"), AccountRole.CURATOR, "operator", source="notes"
    )
    assert "Cleo Marsh" in words(get(own, "/admin/sources").text)


# Roles


def test_a_role_is_given_and_taken_back(own: Site) -> None:
    form = {"email": "ben@example.org", "role": "source", "of": "wiki"}
    page = done(own, post(own, "/admin/roles", **form))
    assert "Curator of the source wiki" in page
    ben = person(own, "ben@example.org")
    assert own.served.services.roles.of(ben).sources == {"wiki"}
    taken = post(own, "/admin/roles/withdraw", person=ben, role="source", of="wiki")
    assert "They have it no more" in done(own, taken)
    assert not own.served.services.roles.of(ben).sources
    form |= {"role": "topic", "of": "kilns"}
    assert "topic kilns" in done(own, post(own, "/admin/roles", **form))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"email": "z@example.org"}, "Nobody in the directory has the address z@example.org."),
        ({"email": "nobody@example.org"}, "Nobody in the directory"),
        ({"of": ""}, "say which one"),
        ({"role": "king"}, "Choose a role."),
        ({"of": "x" * 201}, "at most 200"),
    ],
)
def test_a_role_that_cannot_be_given_says_why(own: Site, form: dict[str, str], said: str) -> None:
    """Also for somebody whom only a document names, in the same words."""
    given = {"email": "ben@example.org", "role": "topic", "of": EVIL} | form
    answer = post(own, "/admin/roles", **given)
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert f'value="{given["email"]}"' in answer.text
    assert EVIL not in answer.text


def test_the_last_administrator_stays_one(own: Site) -> None:
    own.served.services.roles.grant(
        person(own, "ben@example.org"), AccountRole.ADMINISTRATOR, "operator"
    )
    form = {"person": person(own, "ben@example.org"), "role": "administrator"}
    answer = post(own, "/admin/roles/withdraw", **form)
    assert answer.status_code == 409
    assert "name another one first" in words(answer.text)


# Tokens


def test_a_token_of_one_s_own_is_made_shown_once_rotated_and_revoked(own: Site) -> None:
    ada = person(own, "ada@example.org")
    page = get(own, "/account/tokens").text
    assert "You have none yet" in page
    key = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert key is not None
    form = {"name": "Editor", "scopes": ["search", "capture"], "days": "30", "key": key[1]}
    made = post(own, "/account/tokens", **form)
    secret = re.search(r"wk_[\w-]{43}", made.text)
    assert secret is not None
    assert own.served.services.tokens.identify(secret[0]).token.scopes == {"search", "capture"}
    assert secret[0] not in get(own, "/account/tokens").text
    twice = post(own, "/account/tokens", **form)
    assert twice.status_code == 409
    assert "wk_" not in twice.text
    (token,) = own.served.services.tokens.own(ada, 9)
    fresh = post(own, f"/account/tokens/{token.id}/rotate", overlap_hours="1")
    newer = re.search(r"wk_[\w-]{43}", fresh.text)
    assert newer is not None
    assert newer[0] != secret[0]
    for one in (secret[0], newer[0]):
        own.served.services.tokens.identify(one)
    assert post(own, f"/account/tokens/{token.id}/rotate").status_code == 409
    page = done(own, post(own, f"/account/tokens/{token.id + 1}/revoke"))
    assert "The token is withdrawn" in page
    assert "Revoked" in page
    assert post(own, f"/account/tokens/{token.id}/revoke", "ben").status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": ""}, "Name"),
        ({"scopes": []}, "Scopes"),
        ({"scopes": ["fly"]}, "search"),
        ({"days": "400"}, "365"),
        ({"days": "many"}, "Days"),
        ({"scopes": ["admin"]}, "you do not hold admin"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(own: Site, form: dict[str, Any], said: str) -> None:
    given = {"name": "Ed\"'<b>", "scopes": ["search"], "days": "9"} | form
    answer = post(own, "/account/tokens", **given)
    assert answer.status_code in (403, 422)
    assert said.lower() in words(answer.text).lower()
    assert "<b>" not in answer.text
    assert "name" in form or "Ed&#34;" in answer.text


def test_everybody_s_tokens_are_seen_and_revoked(own: Site) -> None:
    services = own.served.services
    token, secret = services.tokens.create_own(
        person(own, "ben@example.org"), "Loader", [Scope.SEARCH]
    )
    page = words(get(own, "/admin/tokens").text)
    assert "Loader" in page
    assert "Ben Osei" in page
    assert "Its next request is refused" in done(own, post(own, f"/admin/tokens/{token.id}/revoke"))
    with pytest.raises(NotSignedIn):
        services.tokens.identify(secret)


# Other sites


def test_a_site_is_made_changed_and_withdrawn(own: Site) -> None:
    form = {"name": "Intranet", "origins": "https://a.example, https://b.example:444"}
    made = post(own, "/admin/sites", **form)
    path = made.headers["location"].partition("?")[0]
    page = get(own, path).text
    (site,) = own.served.services.sites.all_of_them()
    assert site.origins == ("https://a.example", "https://b.example:444")
    assert f'key="{site.key}"' in page.replace("&#34;", '"')
    assert "/widget/v1/widget.js" in page
    version = re.search(r'name="version" value="(\w+)"', page)
    assert version is not None
    changed = {"name": "Home", "origins": "https://a.example", "version": version[1]}
    assert "It is changed" in done(own, post(own, path, **changed))
    stale = post(own, path, **changed | {"name": "Late"})
    assert stale.status_code == 412
    assert 'value="Late"' in stale.text
    assert "Its key is withdrawn" in done(own, post(own, f"{path}/revoke"))
    assert "Its key was withdrawn" in get(own, path).text


@pytest.mark.parametrize("origins", ["", "intranet", "https://a.example/path", "http://a.example"])
def test_what_is_no_origin_is_said(own: Site, origins: str) -> None:
    answer = post(own, "/admin/sites", name="Intranet", origins=origins)
    assert answer.status_code == 422
    assert 'value="Intranet"' in answer.text
    assert own.served.services.sites.all_of_them() == []


# Jargon


def test_jargon_is_added_and_forgotten(own: Site) -> None:
    assert "PTO" in done(own, post(own, "/admin/synonyms", term="PTO", meaning="holidays"))
    twice = post(own, "/admin/synonyms", term="pto", meaning="Holidays", both="yes")
    assert twice.status_code == 409
    assert 'value="pto"' in twice.text
    (one,) = own.served.services.jargon.all_of_them()
    gone = done(own, post(own, f"/admin/synonyms/{one.id}/remove"))
    assert "There is no jargon yet" in gone


# Audit


def test_the_audit_is_narrowed_and_paged(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.admin_audit._SHOWN", 2)
    ada = person(own, "ada@example.org")
    for term in ("a", "b", "c"):
        post(own, "/admin/synonyms", term=term, meaning="letter")
    page = get(own, f"/admin/audit?action=synonym-added&actor={ada}").text
    assert page.count("synonym 3") == 1
    assert "synonym 1" not in page
    assert "Ada Field" in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following is not None
    rest = get(own, following[1].replace("&amp;", "&")).text
    assert "synonym 1" in rest
    sequence, seal = own.served.services.journal.head()
    assert f"whoknows audit verify --known {sequence}:{seal}" in page
    assert "Nothing of this kind" in get(own, "/admin/audit?actor=token:99").text


@pytest.mark.parametrize("query", ["action=eaten", "since=soon", "cursor=AAAA"])
def test_what_the_audit_cannot_be_asked_is_said(site: Site, query: str) -> None:
    answer = get(site, f"/admin/audit?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
