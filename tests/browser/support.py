"""The sample company's pages in a real browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from api import past, samples, server
from api.app import create_app
from api.auth.demo import DemoDoor
from api.services import Services
from knowledge.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

QUESTION = "/?q=how+do+I+restore+a+backup"
WHO = "/?q=who+knows+about+weak+radio+in+cellars"
STATES = {
    "start": "/",
    "search": QUESTION,
    "who": WHO,
    "unsure": "/?q=the+mating+habits+of+giraffes",
    "nothing": f"{QUESTION}&kind=thread",
    "filtered": f"{QUESTION}&kind=note&team=Platform",
    "missing": "/documents/999999",
    "malformed": "/?q=backup&kind=novel",
    "person": "/people/1",
    "document": "/documents/29",
    "found in it": "/documents/29?find=restore",
    "not found in it": "/documents/29?find=zeppelin",
    "history": "/documents/29/history",
    "me": "/me",
    "me, said": "/me?said=paused",
    "disputes": "/admin/disputes",
    "thanks": "/feedback?said=yes&next=%2F",
}


@contextmanager
def serving(settings: Settings, *, lived: bool = False) -> Iterator[str]:
    """The address of a demo over these settings' data; ``lived``: with the company's past."""
    clock = past.Clock()
    services = Services(settings, now=clock)
    samples.load(services, samples.folder(), lambda *_: None)
    if lived:
        past.play(services, clock, samples.folder(), lambda *_: None)
    try:
        with running(create_app(services, DemoDoor(services.database))) as address:
            yield address
    finally:
        services.close()


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The address of an application that runs in a thread."""
    bound = server.bind("127.0.0.1", 0)
    made = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=made.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield server.url(bound).rstrip("/")
    finally:
        made.should_exit = True
        thread.join()


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=str(CHROMIUM), args=_ARGUMENTS)
        yield made
        made.close()
