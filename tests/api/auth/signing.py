"""A served installation with people who sign in, asked by a browser over TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from api.app import create_app
from api.auth import Importer, Searcher, Writer, cookies
from api.auth.serving import ServeDoor
from api.services import Services
from knowledge.sessions import Browser
from tests.knowledge.signing import PASSWORD, Clock, colleagues

PUBLIC = "https://knows.example.org"
ADA, BEN = "ada@example.org", "ben@example.org"
OWN = {"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC}


@dataclass
class House:
    """What is served, and a browser in front of it, which keeps cookies."""

    services: Services
    clock: Clock
    browser: TestClient

    def another(self, **options: Any) -> TestClient:
        """Another browser, or one from elsewhere."""
        given = {"base_url": PUBLIC, "follow_redirects": False} | options
        return TestClient(self.browser.app, **given)

    def person(self, email: str = ADA) -> int:
        """Somebody's id."""
        return self.services.merging.find(email)

    def join(self, email: str = ADA) -> None:
        """Let somebody have a password."""
        link = self.services.accounts.invite(email, "operator")
        self.services.accounts.accept(link, PASSWORD, Browser())

    def sign_in(self, email: str = ADA, password: str = PASSWORD, **more: Any) -> Response:
        """By a password, as the page does it."""
        form = {"email": email, "password": password, "next": more.pop("next", "/")}
        browser: TestClient = more.pop("browser", self.browser)
        answer: Response = browser.post(
            "/sign-in/password", data=form, headers=more.pop("headers", OWN), **more
        )
        return answer

    def come_in(self, email: str = ADA) -> str:
        """A session of somebody in the browser; its secret."""
        secret = self.services.sessions.begin(self.person(email), "local", Browser())[1]
        self.keep(secret)
        return secret

    def keep(self, secret: str) -> None:
        """Put a session into the browser, in place of the one that is there."""
        self.browser.cookies.set(cookies.SESSION, secret, domain=PUBLIC.removeprefix("https://"))

    def who(self, browser: TestClient | None = None, **more: Any) -> str | None:
        """Who the service takes the browser for."""
        answer = (browser or self.browser).get("/api/v1/session", **more)
        if answer.status_code == 401:
            return None
        assert answer.status_code == 200, answer.text
        return str(answer.json()["person"]["name"])

    def csrf(self) -> str:
        """What the pages of the browser's session send back."""
        return str(self.browser.get("/api/v1/session").json()["csrf"])


@contextmanager
def house(data: Path, **auth: Any) -> Iterator[House]:
    """Ada (of the group vault) and Ben; ``/probe`` answers who may write, ``/form`` a form."""
    with colleagues(data, **({"public_url": PUBLIC} | auth)) as (services, clock):
        app = create_app(services, ServeDoor(services))

        @app.api_route("/probe", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        def probe(asker: Writer) -> list[str]:
            return [asker.owner, *sorted(asker.principal.groups)]

        @app.get("/import-probe")
        def import_probe(asker: Importer) -> str:
            return asker.owner

        @app.get("/page-probe")
        def page_probe(asker: Searcher) -> str:
            return asker.owner

        browser = TestClient(app, base_url=PUBLIC, follow_redirects=False)
        yield House(services, clock, browser)


def hidden(page: str, name: str) -> str:
    """What a form of a page holds in a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, page
    return found[1]
