"""Errors as pages, for browsers that ask for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Scope

from api.auth.origin import SAFE_METHODS
from api.web import rendering
from knowledge.errors import WhoknowsError

_MACHINES = ("/api/", "/docs", "/livez", "/readyz", "/metrics", "/static/", "/widget/")
_SAID = {
    401: ("Please sign in", "This page is for colleagues who are signed in."),
    403: ("Not allowed", "You may not do this here."),
    408: ("That took too long", "It did not arrive in time."),
    409: ("That does not fit", "Something changed in the meantime."),
    412: ("That does not fit", "Something changed in the meantime."),
    413: ("That is too large", "It is more than is taken in here."),
    404: ("Nothing here", "There is no such page, or it is not for you to see."),
    405: ("Nothing here", "This address does not work that way."),
    415: ("That does not fit", "It came in a form that is not read here."),
    422: ("That cannot be read", "Something in what was asked for does not fit."),
    429: ("One moment", "That was a lot at once."),
    500: ("Something went wrong", "The mistake is ours, and it was logged."),
    503: ("One moment", "The service cannot answer right now."),
    507: ("The disk is full", "Searching goes on; nothing new can be stored."),
}


# What the visitor asked for, and not how the service is: another person may see more. An
# overloaded service answers without reading anything.
_SWITCHING = (404, 405, 422)


def wanted(scope: Scope) -> bool:
    """Whether whoever asks looks at pages: a browser, and not at the interface for programs."""
    if scope["type"] != "http" or scope["path"].startswith(_MACHINES):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


async def page(scope: Scope, status: int, detail: str, headers: Mapping[str, str]) -> HTMLResponse:
    """An error as a page. It says the same to everybody; in the demo the visitor can be
    somebody else from here, too."""
    title, what = _SAID.get(status, ("That did not work", "The request could not be answered."))
    switching = await run_in_threadpool(_switching, scope) if status in _SWITCHING else {}
    made = rendering.bare(
        "error.html",
        status,
        title=title,
        what=what,
        # What an id that is unknown or forbidden stands for is nobody's business.
        detail="" if status in (404, 405, 500) else detail,
        # What was sent cannot be sent again by a link.
        again=rendering.here(scope) if "retry-after" in headers and _reads(scope) else None,
        wait=_wait(headers.get("retry-after", "")),
        sign_in=status == 401,
        perhaps_others=status == 404,
        **switching,
    )
    for name, value in headers.items():
        if name not in ("content-length", "content-type", "cache-control", "vary"):
            made.headers[name] = value
    return made


def _reads(scope: Scope) -> bool:
    return scope["method"] in SAFE_METHODS


def _wait(told: str) -> str:
    """When to come again, in words; blank where nobody said."""
    if not (told.isascii() and told.isdigit()):
        return ""
    seconds = max(1, int(told))
    if seconds < 90:
        return "a moment" if seconds == 1 else f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"


def _switching(scope: Scope) -> dict[str, Any]:
    try:
        return rendering.switching(Request(scope))
    except WhoknowsError:
        # Whoever cannot be identified is told of the first error, not of this one.
        return {}
