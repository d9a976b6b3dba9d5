"""Who may ask what: every route as everybody, against one table that says how it has to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import routes
from api.app import create_app
from api.auth import cookies, csrf, needs_of
from api.auth.serving import ServeDoor
from api.routes import V1
from knowledge.identity import AccountRole
from knowledge.people import Profile
from knowledge.sessions import Browser
from knowledge.settings import AuthSettings
from knowledge.sites import Plan
from knowledge.types import PUBLIC, Audience, Scope
from tests.builders import disable, document, settings, wired
from tests.invariants.asking import every_route
from tests.knowledge.vouchers import planned, signed

SEARCH, CAPTURE, IMPORT, ADMIN = (frozenset({scope}) for scope in Scope)
# Beside the scopes: search, and pages of other sites may; a person who signed in, and no token.
AT_SITES, ONESELF = "search, also at other sites", "oneself"
OPEN = "nothing"


@dataclass(frozen=True)
class Needed:
    """What a route needs, and for what needs nothing why that is so; ``personal``: that the caller
    is a person; ``curating``: that they are an administrator or a curator, which is looked at after
    what they send is."""

    what: frozenset[Scope] | str
    why: str = ""
    personal: bool = False
    curating: bool = False


ASSETS = Needed(OPEN, "files of the program, the same for all")
PROBE = Needed(OPEN, "says that the process lives, to whoever starts and stops it")
DOOR = Needed(OPEN, "nobody has signed in before")
LETTER = Needed(OPEN, "whoever has a letter can stop others like it, and nothing else")

# The one table. A route that is not in it, or does otherwise, fails.
TABLE: dict[tuple[str, str], Needed] = {
    ("GET", f"{V1}/search"): Needed(AT_SITES),
    ("GET", f"{V1}/people"): Needed(AT_SITES),
    ("GET", f"{V1}/suggest"): Needed(AT_SITES),
    ("POST", f"{V1}/feedback"): Needed(AT_SITES),
    ("GET", f"{V1}/people/{{id}}"): Needed(SEARCH),
    ("GET", f"{V1}/documents"): Needed(SEARCH),
    ("POST", f"{V1}/documents"): Needed(CAPTURE),
    ("GET", f"{V1}/documents/{{id}}"): Needed(SEARCH),
    ("GET", f"{V1}/documents/{{id}}/files/{{number}}"): Needed(SEARCH),
    ("PUT", f"{V1}/documents/{{id}}"): Needed(CAPTURE),
    ("DELETE", f"{V1}/documents/{{id}}"): Needed(CAPTURE),
    ("GET", f"{V1}/documents/{{id}}/readers"): Needed(SEARCH),
    ("GET", f"{V1}/documents/{{id}}/currency"): Needed(SEARCH),
    ("PUT", f"{V1}/documents/{{id}}/currency"): Needed(CAPTURE),
    ("DELETE", f"{V1}/documents/{{id}}/currency"): Needed(CAPTURE),
    ("GET", f"{V1}/documents/{{id}}/owner"): Needed(SEARCH),
    ("PUT", f"{V1}/documents/{{id}}/owner"): Needed(CAPTURE),
    ("PUT", f"{V1}/documents/{{id}}/review"): Needed(CAPTURE),
    ("GET", f"{V1}/documents/{{id}}/successor"): Needed(SEARCH),
    ("PUT", f"{V1}/documents/{{id}}/successor"): Needed(CAPTURE),
    ("DELETE", f"{V1}/documents/{{id}}/successor"): Needed(CAPTURE),
    ("POST", f"{V1}/documents/merges"): Needed(CAPTURE),
    ("DELETE", f"{V1}/documents/merges/{{id}}"): Needed(CAPTURE),
    ("GET", f"{V1}/people/me/duplicates"): Needed(SEARCH, personal=True),
    ("GET", f"{V1}/duplicates"): Needed(ADMIN),
    ("GET", "/documents/{id}/replace"): Needed(CAPTURE),
    ("POST", "/documents/{id}/replace"): Needed(CAPTURE),
    ("POST", "/documents/{id}/restore"): Needed(CAPTURE),
    ("GET", f"{V1}/people/{{id}}/hand-over"): Needed(SEARCH),
    ("POST", f"{V1}/people/{{id}}/hand-over"): Needed(CAPTURE),
    ("DELETE", f"{V1}/hand-overs/{{id}}"): Needed(CAPTURE),
    ("GET", f"{V1}/people/me/received"): Needed(SEARCH, personal=True),
    ("POST", f"{V1}/people/me/received/{{id}}/{{kind}}/{{item_id}}"): Needed(
        CAPTURE, personal=True
    ),
    ("GET", "/me/hand-over"): Needed(SEARCH, personal=True),
    ("POST", "/hand-overs"): Needed(CAPTURE, personal=True),
    ("GET", "/admin/hand-over"): Needed(ADMIN),
    ("POST", "/hand-overs/{id}/undo"): Needed(CAPTURE),
    ("POST", "/me/care/received"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/people/me/reviews"): Needed(SEARCH, personal=True),
    ("GET", f"{V1}/overdue"): Needed(ADMIN),
    ("GET", "/me/care"): Needed(SEARCH, personal=True),
    ("GET", "/admin/health"): Needed(ADMIN),
    ("POST", "/documents/{id}/owner"): Needed(CAPTURE),
    ("POST", "/documents/{id}/review"): Needed(CAPTURE),
    ("POST", f"{V1}/documents/{{id}}/doubts"): Needed(SEARCH, personal=True),
    ("DELETE", f"{V1}/documents/{{id}}/doubts"): Needed(SEARCH, personal=True),
    ("GET", f"{V1}/documents/{{id}}/revisions"): Needed(SEARCH),
    ("GET", f"{V1}/documents/{{id}}/revisions/{{number}}"): Needed(SEARCH),
    ("GET", f"{V1}/documents/{{id}}/related"): Needed(SEARCH),
    ("GET", f"{V1}/people/me/offers"): Needed(SEARCH, personal=True),
    ("POST", f"{V1}/people/me/offers"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/people/me/offers/{{id}}"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/people/me/milestones"): Needed(SEARCH, personal=True),
    ("POST", f"{V1}/people/me/milestones"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/people/me/milestones/{{id}}"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/people/me/teaching"): Needed(SEARCH, personal=True),
    ("PUT", f"{V1}/people/me/teaching"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/people/me/level"): Needed(SEARCH, personal=True),
    ("PUT", f"{V1}/people/me/level"): Needed(CAPTURE, personal=True),
    ("GET", "/me/milestones"): Needed(SEARCH, personal=True),
    ("POST", "/me/milestones"): Needed(CAPTURE, personal=True),
    ("POST", "/me/level"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/documents/{{id}}/steps"): Needed(SEARCH),
    ("PUT", f"{V1}/documents/{{id}}/steps"): Needed(CAPTURE),
    ("POST", "/documents/{id}/steps"): Needed(CAPTURE),
    ("GET", f"{V1}/gallery"): Needed(SEARCH),
    ("PUT", f"{V1}/documents/{{id}}/exemplar"): Needed(CAPTURE),
    ("DELETE", f"{V1}/documents/{{id}}/exemplar"): Needed(CAPTURE),
    ("GET", "/gallery"): Needed(SEARCH),
    ("POST", "/documents/{id}/exemplar"): Needed(CAPTURE),
    ("GET", "/guides"): Needed(SEARCH),
    ("GET", "/guides/{slug}"): Needed(SEARCH),
    ("GET", "/admin/guides"): Needed(ADMIN),
    ("POST", "/admin/guides"): Needed(ADMIN),
    ("GET", "/admin/guides/{slug}"): Needed(ADMIN),
    ("POST", "/admin/guides/{slug}"): Needed(ADMIN),
    ("GET", "/reviews"): Needed(SEARCH, personal=True),
    ("GET", "/reviews/{id}"): Needed(SEARCH, personal=True),
    ("POST", "/reviews/{id}"): Needed(CAPTURE, personal=True),
    ("GET", "/reviews/{id}/files/{number}"): Needed(SEARCH, personal=True),
    ("POST", "/drafts/{id}/review"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/people/me/wishes"): Needed(SEARCH, personal=True),
    ("POST", f"{V1}/people/me/wishes"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/people/me/wishes/{{id}}"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/people/me/mail"): Needed(SEARCH, personal=True),
    ("PATCH", f"{V1}/people/me/mail"): Needed(CAPTURE, personal=True),
    ("POST", "/me/mail"): Needed(CAPTURE, personal=True),
    ("GET", "/unsubscribe/{secret}"): LETTER,
    ("POST", "/unsubscribe/{secret}"): LETTER,
    ("GET", f"{V1}/gaps"): Needed(SEARCH),
    ("POST", f"{V1}/gaps/{{id}}/dismiss"): Needed(CAPTURE),
    ("POST", f"{V1}/gaps/{{id}}/reopen"): Needed(CAPTURE),
    ("GET", f"{V1}/measures"): Needed(SEARCH),
    ("GET", f"{V1}/measures.csv"): Needed(SEARCH, curating=True),
    ("GET", f"{V1}/measures/{{key}}"): Needed(SEARCH, curating=True),
    **{
        (method, f"{V1}/{noun}{place}"): Needed(
            SEARCH if method == "GET" else CAPTURE, curating=method in ("GET", "DELETE")
        )
        for noun in ("goals", "interventions")
        for method, place in (
            *(("GET", ""), ("POST", "")),
            *((method, "/{id}") for method in ("GET", "PUT", "DELETE")),
        )
    },
    ("GET", f"{V1}/disputes"): Needed(SEARCH),
    ("DELETE", f"{V1}/disputes/{{document_id}}/{{person_id}}"): Needed(CAPTURE),
    ("GET", f"{V1}/documents/{{id}}/speakers"): Needed(SEARCH),
    ("PUT", f"{V1}/documents/{{id}}/speakers"): Needed(CAPTURE),
    ("POST", f"{V1}/imports"): Needed(IMPORT),
    ("GET", f"{V1}/imports"): Needed(IMPORT),
    ("GET", f"{V1}/imports/{{id}}"): Needed(IMPORT | ADMIN),
    ("PATCH", f"{V1}/imports/{{id}}"): Needed(IMPORT | ADMIN),
    ("POST", f"{V1}/imports/{{id}}/start"): Needed(IMPORT),
    ("GET", f"{V1}/imports/{{id}}/items"): Needed(IMPORT),
    ("GET", f"{V1}/imports/{{id}}/report"): Needed(IMPORT),
    ("GET", f"{V1}/imports/{{id}}/report.csv"): Needed(IMPORT),
    ("GET", f"{V1}/imports/{{id}}/events"): Needed(IMPORT),
    ("GET", f"{V1}/synonyms"): Needed(SEARCH),
    ("POST", f"{V1}/synonyms"): Needed(ADMIN),
    ("DELETE", f"{V1}/synonyms/{{id}}"): Needed(ADMIN),
    ("GET", f"{V1}/people/review"): Needed(ADMIN),
    ("GET", f"{V1}/people/merges"): Needed(ADMIN),
    ("POST", f"{V1}/people/merges"): Needed(ADMIN),
    ("DELETE", f"{V1}/people/merges/{{id}}"): Needed(ADMIN),
    ("POST", f"{V1}/people/distinctions"): Needed(ADMIN),
    ("GET", f"{V1}/people/me"): Needed(SEARCH, personal=True),
    ("PATCH", f"{V1}/people/me"): Needed(CAPTURE, personal=True),
    ("PUT", f"{V1}/people/me/topics/{{tag}}"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/people/me/topics/{{tag}}"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/people/me/evidence"): Needed(SEARCH, personal=True),
    ("PUT", f"{V1}/people/me/evidence/{{document_id}}"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/people/me/evidence/{{document_id}}"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/people/me/appearances"): Needed(SEARCH, personal=True),
    ("GET", f"{V1}/people/me/export"): Needed(ONESELF),
    ("GET", f"{V1}/session"): Needed(SEARCH),
    ("GET", f"{V1}/sessions"): Needed(ONESELF),
    ("DELETE", f"{V1}/sessions/{{id}}"): Needed(ONESELF),
    ("GET", f"{V1}/audit"): Needed(ADMIN),
    ("GET", f"{V1}/audit/head"): Needed(ADMIN),
    ("GET", f"{V1}/tokens"): Needed(ONESELF),
    ("POST", f"{V1}/tokens"): Needed(ONESELF),
    ("DELETE", f"{V1}/tokens/{{id}}"): Needed(ONESELF),
    ("POST", f"{V1}/tokens/{{id}}/rotate"): Needed(ONESELF),
    ("GET", f"{V1}/tokens/all"): Needed(ADMIN),
    ("DELETE", f"{V1}/tokens/all/{{id}}"): Needed(ADMIN),
    ("GET", f"{V1}/sites"): Needed(ADMIN),
    ("POST", f"{V1}/sites"): Needed(ADMIN),
    ("GET", f"{V1}/sites/{{id}}"): Needed(ADMIN),
    ("PUT", f"{V1}/sites/{{id}}"): Needed(ADMIN),
    ("DELETE", f"{V1}/sites/{{id}}"): Needed(ADMIN),
    ("GET", f"{V1}/roles"): Needed(ADMIN),
    ("PUT", f"{V1}/roles"): Needed(ADMIN),
    ("DELETE", f"{V1}/roles"): Needed(ADMIN),
    ("POST", f"{V1}/drafts"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/drafts"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/drafts/{{id}}"): Needed(CAPTURE, personal=True),
    ("PUT", f"{V1}/drafts/{{id}}"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/drafts/{{id}}"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/drafts/{{id}}/publish"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/drafts/{{id}}/files"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/drafts/{{id}}/files/{{number}}"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/drafts/hints"): Needed(SEARCH, personal=True),
    ("POST", f"{V1}/preview"): Needed(SEARCH, personal=True),
    ("GET", "/write"): Needed(CAPTURE, personal=True),
    ("GET", "/write/note"): Needed(CAPTURE, personal=True),
    ("GET", "/write/quick"): Needed(CAPTURE, personal=True),
    ("GET", "/write/writeup"): Needed(CAPTURE, personal=True),
    ("GET", "/drafts"): Needed(CAPTURE, personal=True),
    ("POST", "/drafts"): Needed(CAPTURE, personal=True),
    ("GET", "/drafts/{id}"): Needed(CAPTURE, personal=True),
    ("POST", "/drafts/{id}"): Needed(CAPTURE, personal=True),
    ("POST", "/drafts/{id}/merge"): Needed(CAPTURE, personal=True),
    ("GET", "/documents/{id}/edit"): Needed(CAPTURE, personal=True),
    ("GET", "/write/session"): Needed(CAPTURE, personal=True),
    ("POST", "/write/session"): Needed(CAPTURE, personal=True),
    ("GET", "/write/session/{id}"): Needed(CAPTURE, personal=True),
    ("POST", "/write/session/{id}"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/questions"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/questions"): Needed(SEARCH, personal=True),
    ("GET", f"{V1}/questions/{{id}}"): Needed(SEARCH, personal=True),
    ("POST", f"{V1}/questions/{{id}}/answers"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/questions/{{id}}/accept"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/questions/{{id}}/hand_on"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/questions/{{id}}"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/meetings"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/meetings"): Needed(SEARCH, personal=True),
    ("GET", f"{V1}/meetings/{{id}}"): Needed(SEARCH, personal=True),
    ("PUT", f"{V1}/meetings/{{id}}"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/meetings/{{id}}"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/meetings/{{id}}/join"): Needed(CAPTURE, personal=True),
    ("DELETE", f"{V1}/meetings/{{id}}/join"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/meetings/{{id}}/attendance"): Needed(CAPTURE, personal=True),
    ("POST", f"{V1}/meetings/{{id}}/poll"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/meetings/{{id}}/poll"): Needed(SEARCH, personal=True),
    ("GET", f"{V1}/meetings/{{id}}/calendar"): Needed(SEARCH, personal=True),
    ("GET", "/sessions"): Needed(SEARCH, personal=True),
    ("POST", "/sessions"): Needed(CAPTURE, personal=True),
    ("GET", "/sessions/new"): Needed(CAPTURE, personal=True),
    ("POST", "/sessions/new"): Needed(CAPTURE, personal=True),
    ("GET", "/sessions/{id}"): Needed(SEARCH, personal=True),
    ("POST", "/sessions/{id}"): Needed(CAPTURE, personal=True),
    ("GET", "/ask"): Needed(CAPTURE, personal=True),
    ("POST", "/ask"): Needed(CAPTURE, personal=True),
    ("GET", "/questions"): Needed(SEARCH, personal=True),
    ("GET", "/questions/{id}"): Needed(SEARCH, personal=True),
    ("POST", "/questions/{id}"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/topics"): Needed(SEARCH),
    ("GET", f"{V1}/topics/{{id}}"): Needed(SEARCH),
    ("PATCH", f"{V1}/topics/{{id}}"): Needed(ADMIN),
    ("GET", f"{V1}/topics/{{id}}/risk"): Needed(SEARCH),
    ("GET", f"{V1}/people/{{id}}/leaving"): Needed(SEARCH),
    ("GET", f"{V1}/people/{{id}}/leaving/guide"): Needed(SEARCH),
    ("GET", "/topics"): Needed(SEARCH),
    ("GET", "/topics/{id}"): Needed(SEARCH),
    ("POST", "/topics/{id}"): Needed(ADMIN),
    ("GET", "/admin/leaving"): Needed(SEARCH),
    ("GET", f"{V1}/measures/{{key}}/csv"): Needed(SEARCH, curating=True),
    ("GET", f"{V1}/comfort"): Needed(SEARCH, personal=True),
    ("POST", f"{V1}/comfort"): Needed(CAPTURE, personal=True),
    ("GET", f"{V1}/reviews/{{month}}"): Needed(SEARCH),
    ("POST", f"{V1}/reviews/{{month}}/decisions"): Needed(CAPTURE, personal=True),
    ("PUT", f"{V1}/decisions/{{id}}/outcome"): Needed(CAPTURE),
    ("DELETE", f"{V1}/decisions/{{id}}"): Needed(CAPTURE),
    ("GET", "/pulse"): Needed(SEARCH, personal=True),
    ("POST", "/pulse/goals"): Needed(CAPTURE, personal=True),
    ("POST", "/pulse/goals/{id}"): Needed(CAPTURE, personal=True),
    ("POST", "/pulse/interventions"): Needed(CAPTURE, personal=True),
    ("POST", "/pulse/interventions/{id}"): Needed(CAPTURE, personal=True),
    ("GET", "/pulse/answer"): Needed(SEARCH, personal=True),
    ("POST", "/pulse/answer"): Needed(CAPTURE, personal=True),
    ("GET", "/pulse/review/{month}"): Needed(SEARCH, personal=True),
    ("POST", "/pulse/review/{month}"): Needed(CAPTURE, personal=True),
    ("GET", "/metrics"): Needed(ADMIN),
    ("GET", "/"): Needed(SEARCH),
    ("HEAD", "/"): Needed(SEARCH),
    ("GET", "/documents/{id}"): Needed(SEARCH),
    ("HEAD", "/documents/{id}"): Needed(SEARCH),
    ("POST", "/documents/{id}/feedback"): Needed(SEARCH),
    ("POST", "/documents/{id}/doubts"): Needed(SEARCH, personal=True),
    ("POST", "/documents/{id}/currency"): Needed(CAPTURE),
    ("GET", "/documents/{id}/history"): Needed(SEARCH),
    ("GET", "/documents/{id}/delete"): Needed(CAPTURE),
    ("POST", "/documents/{id}/delete"): Needed(CAPTURE),
    ("GET", "/me"): Needed(SEARCH, personal=True),
    ("POST", "/me/consents"): Needed(CAPTURE, personal=True),
    ("POST", "/me/pause"): Needed(CAPTURE, personal=True),
    ("POST", "/me/topics"): Needed(CAPTURE, personal=True),
    ("POST", "/me/evidence/{document_id}"): Needed(CAPTURE, personal=True),
    ("POST", "/me/offers"): Needed(CAPTURE, personal=True),
    ("POST", "/me/wishes"): Needed(CAPTURE, personal=True),
    ("GET", "/gaps"): Needed(SEARCH),
    ("POST", "/gaps/{id}/dismiss"): Needed(CAPTURE),
    ("POST", "/gaps/{id}/reopen"): Needed(CAPTURE),
    ("GET", "/admin/disputes"): Needed(SEARCH),
    ("POST", "/admin/disputes"): Needed(CAPTURE),
    ("GET", "/people/{id}"): Needed(SEARCH),
    ("HEAD", "/people/{id}"): Needed(SEARCH),
    ("GET", "/static/{digest}/{name}"): ASSETS,
    ("HEAD", "/static/{digest}/{name}"): ASSETS,
    ("GET", "/widget/v1/widget.js"): ASSETS,
    ("HEAD", "/widget/v1/widget.js"): ASSETS,
    ("GET", "/feedback"): Needed(SEARCH),
    ("POST", "/feedback"): Needed(SEARCH),
    ("GET", "/docs"): ASSETS,
    ("GET", "/docs/{name}"): ASSETS,
    ("GET", f"{V1}/openapi.json"): ASSETS,
    ("HEAD", f"{V1}/openapi.json"): ASSETS,
    ("GET", "/livez"): PROBE,
    ("HEAD", "/livez"): PROBE,
    ("GET", "/readyz"): PROBE,
    ("HEAD", "/readyz"): PROBE,
    ("GET", "/sign-in"): DOOR,
    ("POST", "/sign-in/password"): DOOR,
    ("GET", "/sign-in/oidc"): DOOR,
    ("GET", "/sign-in/oidc/callback"): DOOR,
    ("GET", "/invitations/{secret}"): DOOR,
    ("POST", "/invitations/{secret}"): DOOR,
    ("GET", "/account"): Needed(ONESELF),
    ("POST", "/account/password"): Needed(ONESELF),
    ("POST", "/account/sessions/{id}"): Needed(ONESELF),
    ("GET", "/imports"): Needed(IMPORT),
    ("GET", "/imports/new"): Needed(IMPORT),
    ("POST", "/imports/new"): Needed(IMPORT),
    ("GET", "/imports/{id}"): Needed(IMPORT | ADMIN),
    ("POST", "/imports/{id}"): Needed(IMPORT | ADMIN),
    ("POST", "/imports/{id}/start"): Needed(IMPORT),
    ("GET", "/admin/sources"): Needed(IMPORT | ADMIN),
    ("GET", "/admin/people"): Needed(ADMIN),
    ("GET", "/admin/people/merge"): Needed(ADMIN),
    ("POST", "/admin/people/merge"): Needed(ADMIN),
    ("POST", "/admin/people/distinguish"): Needed(ADMIN),
    ("POST", "/admin/people/unmerge"): Needed(ADMIN),
    ("GET", "/admin/roles"): Needed(ADMIN),
    ("POST", "/admin/roles"): Needed(ADMIN),
    ("POST", "/admin/roles/withdraw"): Needed(ADMIN),
    ("GET", "/admin/tokens"): Needed(ADMIN),
    ("POST", "/admin/tokens/{id}/revoke"): Needed(ADMIN),
    ("GET", "/admin/sites"): Needed(ADMIN),
    ("POST", "/admin/sites"): Needed(ADMIN),
    ("GET", "/admin/sites/{id}"): Needed(ADMIN),
    ("POST", "/admin/sites/{id}"): Needed(ADMIN),
    ("POST", "/admin/sites/{id}/revoke"): Needed(ADMIN),
    ("GET", "/admin/synonyms"): Needed(ADMIN),
    ("POST", "/admin/synonyms"): Needed(ADMIN),
    ("POST", "/admin/synonyms/{id}/remove"): Needed(ADMIN),
    ("GET", "/admin/audit"): Needed(ADMIN),
    ("GET", "/account/tokens"): Needed(ONESELF),
    ("POST", "/account/tokens"): Needed(ONESELF),
    ("POST", "/account/tokens/{id}/rotate"): Needed(ONESELF),
    ("POST", "/account/tokens/{id}/revoke"): Needed(ONESELF),
    ("POST", "/sign-out"): Needed(OPEN, "ends what the browser itself holds"),
    ("POST", "/demo/person"): Needed(OPEN, "in the demo everybody may be anybody"),
}

MEMBER = SEARCH | CAPTURE


@dataclass(frozen=True)
class Caller:
    """Somebody who asks: with which headers, and what they hold. ``known``: they say who they
    are; ``site``: from a page of another site, ``forged``: which says who asks and cannot prove it;
    ``session``: they have signed in; ``person``: they are somebody."""

    headers: dict[str, str] = field(repr=False)
    scopes: frozenset[Scope] = frozenset()
    known: bool = True
    site: bool = False
    session: bool = False
    person: bool = True
    forged: bool = False

    def expected(self, needed: Needed) -> str:
        """What they get of a route: ``401``, ``403``, or ``allowed``."""
        what = needed.what
        if what == OPEN:
            return "allowed"
        if self.site and what != AT_SITES:
            return "403"
        if self.site:
            return "401" if self.forged else "allowed"
        if not self.known:
            return "401"
        if what == ONESELF:
            return "allowed" if self.session else "403"
        scopes = SEARCH if what == AT_SITES else what
        assert isinstance(scopes, frozenset)
        if needed.personal and not self.person:
            return "403"
        if needed.curating and not self.scopes & (IMPORT | ADMIN):
            return "403"
        return "allowed" if self.scopes & scopes else "403"


@dataclass(frozen=True)
class Asked:
    """The application, and everybody who asks it."""

    app: FastAPI
    client: TestClient
    callers: dict[str, Caller]


HERE = "https://intranet.example.org"
PROXY = "10.1.0.3"
PROXIED: dict[str, Any] = {
    "proxies": PROXY,
    "proxy_user_header": "X-Company-User",
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    given = replace(settings(tmp_path_factory.mktemp("data")), auth=AuthSettings(**PROXIED))
    with closing(wired(given)) as services:
        put, grant = services.directory.put, services.roles.grant
        people = {
            name: put(Profile(name.capitalize(), f"{name}@example.org"))
            for name in ("ada", "ben", "cleo", "dan", "eve")
        }
        grant(people["ben"], AccountRole.CURATOR, "operator", source="wiki")
        grant(people["cleo"], AccountRole.ADMINISTRATOR, "operator")
        (outcome,) = services.capture.ingest([document("1", "x", audience=Audience.of(PUBLIC))])
        assert outcome.document_id

        def own(name: str) -> str:
            held = services.roles.of(people[name]).scopes
            return services.tokens.create_own(people[name], name, held)[1]

        def browser(name: str) -> dict[str, str]:
            secret = services.sessions.begin(people[name], "local", Browser())[1]
            return {
                "Cookie": f"{cookies.SESSION}={secret}",
                csrf.HEADER: csrf.token_of(secret),
                "Sec-Fetch-Site": "same-origin",
            }

        def bearer(secret: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {secret}"}

        site = services.sites.create(Plan("Intranet", (HERE,)), "operator")
        signing = services.sites.create(Plan("Signing", (HERE,), **planned("ES256")), "operator")
        proven = bearer(signed(signing, datetime.now(UTC)))
        gone, left = bearer(own("dan")), browser("dan")
        disable(services, people["dan"])
        callers = {
            "nobody": Caller({}, known=False),
            "a wrong token": Caller(bearer("wk_wrong"), known=False),
            "a disabled person": Caller(left, known=False),
            "a disabled person's token": Caller(gone, known=False),
            "a member": Caller(browser("ada"), MEMBER, session=True),
            "a curator": Caller(browser("ben"), MEMBER | IMPORT, session=True),
            "an administrator": Caller(browser("cleo"), frozenset(Scope), session=True),
            "a member's token": Caller(bearer(own("ada")), MEMBER),
            "a curator's token": Caller(bearer(own("ben")), MEMBER | IMPORT),
            "an administrator's token": Caller(bearer(own("cleo")), frozenset(Scope)),
            "a site": Caller({"X-Site-Key": site.key, "Origin": HERE}, site=True),
            "a site that says who asks": Caller(
                {"X-Site-Key": signing.key, "Origin": HERE} | proven, site=True
            ),
            "a site that proves nothing": Caller(
                {"X-Site-Key": site.key, "Origin": HERE} | gone, site=True, forged=True
            ),
        }
        callers |= {
            f"a token for {scope.value}": Caller(
                bearer(services.tokens.create(scope.value, [scope])[1]),
                frozenset({scope}),
                person=False,
            )
            for scope in Scope
        }
        app = create_app(services, ServeDoor(services))
        with TestClient(
            app, raise_server_exceptions=False, follow_redirects=False, client=(PROXY, 50000)
        ) as client:
            vouched = {"X-Company-User": "eve@example.org", "Sec-Fetch-Site": "same-origin"}
            vouched[csrf.HEADER] = client.get(f"{V1}/session", headers=vouched).json()["csrf"]
            callers["somebody whom the proxy vouches for"] = Caller(vouched, MEMBER, session=True)
            yield Asked(app, client, callers)


def test_every_route_is_in_the_table_and_says_why_it_is_open(asked: Asked) -> None:
    assert every_route(asked.app) == set(TABLE)
    assert [
        route for route, needed in TABLE.items() if (needed.what == OPEN) != bool(needed.why)
    ] == []


def test_every_route_declares_one_need_and_the_one_in_the_table() -> None:
    for route in routes.all_of_them():
        found = needs_of(route.dependant)
        for method in route.methods:
            where, needed = f"{method} {route.path}", TABLE[method, route.path]
            assert len(found) == 1, f"{where} declares {len(found)} needs; one of api.auth is to be"
            (told,) = found
            assert bool(told.reason) == (needed.what == OPEN), where
            assert told.oneself == (needed.what == ONESELF), where
            assert told.personal == needed.personal, where
            assert told.at_sites == (needed.what == AT_SITES), where
            if needed.what in (OPEN, ONESELF):
                assert told.scopes == (), where
            else:
                scopes = SEARCH if needed.what == AT_SITES else needed.what
                assert frozenset(told.scopes) == scopes, where


def test_nothing_is_served_beside_the_routes(asked: Asked) -> None:
    """Neither FastAPI's own pages nor a mount, which would declare nothing."""
    assert asked.app.routes == routes.all_of_them()


CALLERS = (
    *(
        "nobody",
        "a wrong token",
        "a disabled person",
        "a disabled person's token",
        "a member",
        "a curator",
        "an administrator",
    ),
    *("a member's token", "a curator's token", "an administrator's token"),
    *("a site", "a site that says who asks", "a site that proves nothing"),
    "somebody whom the proxy vouches for",
    *(f"a token for {scope.value}" for scope in Scope),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLERS)
def test_every_cell_is_as_the_table_says(asked: Asked, name: str) -> None:
    assert set(CALLERS) == set(asked.callers)
    wrong, caller = [], asked.callers[name]
    for (method, path), needed in TABLE.items():
        headers, expected = dict(caller.headers), caller.expected(needed)
        if needed.what == OPEN:
            headers.pop("Origin", None)  # which those that set cookies look at, of themselves
        if path == "/sign-out":
            headers.pop("Cookie", None)  # whoever it is goes on to ask
        if path == "/sign-in/password":
            expected = "401"  # for everybody alike: the form was sent without a password
        # Nothing of these ids is there, so that what is allowed changes nothing.
        answer = asked.client.request(method, _somewhere(path), headers=headers)
        got = str(answer.status_code) if answer.status_code in (401, 403) else "allowed"
        if got != expected or answer.status_code >= 500:
            wrong.append(f"{method} {path}: {answer.status_code}, not {expected}")
    assert wrong == []


def _somewhere(path: str) -> str:
    return re.sub(r"\{(\w+)\}", "99999", path)


@pytest.mark.parametrize("route", [r for r in TABLE if r[0] in ("POST", "PUT", "PATCH", "DELETE")])
def test_a_body_without_end_is_refused_everywhere(asked: Asked, route: tuple[str, str]) -> None:
    """Whoever sends it, before it is read: the limit is of the application, not of a route."""
    method, path = route
    headers = asked.callers["an administrator"].headers | {"Content-Length": str(10**12)}
    answer = asked.client.request(method, _somewhere(path), headers=headers, content=b"x")
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_a_query_without_end_is_an_error_of_nobody_s(asked: Asked) -> None:
    headers = asked.callers["an administrator"].headers
    for method, path in [route for route in TABLE if route[0] == "GET"]:
        endless = {"q": "x " * 10_000, "next": "/" * 9000, "cursor": "A" * 9000}
        answer = asked.client.get(_somewhere(path), headers=headers, params=endless)
        assert answer.status_code < 500, (method, path)
        asks = "q" in _parameters(asked.app, path) or path == "/"
        assert not asks or answer.status_code == 422, (method, path)


def _parameters(app: FastAPI, path: str) -> set[str]:
    told = app.openapi()["paths"].get(path, {}).get("get", {})
    return {one["name"] for one in told.get("parameters", ())}
