"""A page's form with a file proves as any other that a page of ours sent it, and is limited."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.types import Message

from api.app import create_app
from api.auth import cookies, csrf
from api.auth.serving import ServeDoor
from api.limits import MAX_WRITING
from knowledge.people import Profile
from knowledge.sessions import Browser
from tests.builders import opened

_FORM = "application/x-www-form-urlencoded"
FIELDS = {"form": "note", "title": "Cool a kiln", "thing": "Slowly.", "action": "save"}


class Site:
    """A browser that has signed in as Ada."""

    def __init__(self, app: FastAPI, client: TestClient, secret: str) -> None:
        self.app = app
        self._client = client
        self._secret = secret
        self.token = csrf.token_of(secret)

    def send(self, token: str | None, file: bytes = b"", **headers: str) -> Any:
        fields = ({} if token is None else {csrf.FIELD: token}) | FIELDS
        said = {"Cookie": f"{cookies.SESSION}={self._secret}", "Sec-Fetch-Site": "same-origin"}
        return self._client.post(
            "/drafts",
            data=fields,
            files={"file": ("kiln.png" if file else "", file)},
            headers=said | headers,
            follow_redirects=False,
        )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened(tmp_path / "data") as services:
        ada = services.directory.put(Profile("Ada Field", "ada@example.org"))
        secret = services.sessions.begin(ada, "local", Browser())[1]
        app = create_app(services, ServeDoor(services))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Site(app, client, secret)


def test_the_token_is_looked_for_before_the_file(site: Site) -> None:
    assert site.send(site.token).status_code == 303
    assert site.send(site.token, b"GIF89a kiln").status_code == 303


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_without_it_nothing_is_done(site: Site, token: str | None) -> None:
    assert site.send(token).status_code == 403


def test_another_site_s_form_is_refused(site: Site) -> None:
    assert site.send(site.token, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_form_is_not_larger_than_a_text_with_a_picture(site: Site) -> None:
    assert site.send(site.token, b"GIF89a" + b"0" * MAX_WRITING).status_code == 413


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", _FORM])
@pytest.mark.parametrize("cookie", ["", f"{cookies.SESSION}=made-up"])
def test_of_nobody_nothing_is_read(site: Site, kind: str, cookie: str) -> None:
    async def receive() -> Message:
        raise AssertionError("the body of a stranger is read")

    headers = [(b"content-type", kind.encode()), (b"cookie", cookie.encode())]
    scope = {"type": "http", "method": "POST", "path": "/drafts", "headers": headers}
    asyncio.run(csrf.submitted(Request(scope | {"app": site.app}, receive)))
