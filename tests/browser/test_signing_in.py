"""A person signs in with a real browser, without and with TLS before the service."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api import server
from api.app import create_app
from api.auth import cookies
from api.auth.serving import ServeDoor
from api.services import Services
from knowledge.people import Profile
from tests.browser.support import CHROMIUM, browser
from tests.builders import opened
from tests.conftest import missing
from tests.knowledge.signing import PASSWORD

pytestmark = pytest.mark.slow


@contextmanager
def serving(services: Services) -> Iterator[str]:
    bound = server.bind("127.0.0.1", 0)
    app = create_app(services, ServeDoor(services))
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield server.url(bound)
    finally:
        running.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        missing("no Chromium here; on Debian: apt-get install chromium")
    with browser() as made:
        yield made


@pytest.mark.sqlite("the browser is what is tested")
@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_a_password_and_out_again(tmp_path: Path, chromium: Any, scripts: bool) -> None:
    with opened(tmp_path) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org"))
        link = services.accounts.invite("ada@example.org", "operator")
        with serving(services) as address:
            context = chromium.new_context(java_script_enabled=scripts)
            page = context.new_page()
            page.goto(f"{address}/invitations/{link}")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_label("Once more").fill(PASSWORD)
            page.get_by_role("button", name="Choose it and sign in").click()
            menu = page.locator("summary", has_text="Ada Field")
            assert menu.count() == 1
            (kept,) = context.cookies()
            assert (kept["name"], kept["httpOnly"], kept["secure"]) == (cookies.SESSION, True, True)
            assert (kept["sameSite"], kept["path"]) == ("Lax", "/")

            menu.click()
            page.get_by_role("button", name="Sign out").click()
            assert page.url == f"{address}/sign-in"
            assert context.cookies() == []
            page.goto(f"{address}/account")
            assert page.get_by_role("heading", name="Sign in").count() == 1
            page.get_by_label("E-mail address").fill("ada@example.org")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            assert page.url == f"{address}/account"

            page.get_by_label("The current one").fill(PASSWORD)
            page.get_by_label("The new one").fill(PASSWORD + " too")
            page.get_by_label("Once more").fill(PASSWORD + " too")
            page.get_by_role("button", name="Change it").click()
            assert page.get_by_text("Your password is changed").count() == 1
            page.get_by_role("button", name="End it").click()
            page.goto(f"{address}/account")
            assert page.get_by_role("heading", name="Sign in").count() == 1
            context.close()


@pytest.mark.sqlite("the browser is what is tested")
def test_another_site_s_page_does_nothing_with_a_session(tmp_path: Path, chromium: Any) -> None:
    """``localhost`` and ``127.0.0.1`` are two sites."""
    with opened(tmp_path) as services:
        services.directory.put(Profile("Ada Field", "ada@example.org"))
        link = services.accounts.invite("ada@example.org", "operator")
        with serving(services) as address:
            context = chromium.new_context()
            page = context.new_page()
            page.goto(f"{address}/invitations/{link}")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_label("Once more").fill(PASSWORD)
            page.get_by_role("button", name="Choose it and sign in").click()
            evil = f'<form method="post" action="{address}/sign-out"><button>Win</button></form>'
            context.route(
                "http://localhost:9/*",
                lambda route: route.fulfill(content_type="text/html", body=evil),
            )
            other = context.new_page()
            other.goto("http://localhost:9/win")
            with other.expect_response(f"{address}/sign-out") as answered:
                other.get_by_role("button", name="Win").click()
            assert answered.value.status == 403
            page.goto(f"{address}/account")
            assert page.get_by_role("heading", name="Your account").count() == 1
            context.close()
