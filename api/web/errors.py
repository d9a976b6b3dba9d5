"""Errors as pages, for browsers that ask for one."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.types import Scope

from api.auth.origin import local_path
from api.web import rendering

_MACHINES = ("/api/", "/docs", "/livez", "/readyz", "/metrics", "/static/")
_SAID = {
    401: ("Please sign in", "This page is for colleagues who are signed in."),
    403: ("Not allowed", "You may not do this here."),
    404: ("Nothing here", "There is no such page, or it is not for you to see."),
    405: ("Nothing here", "This address does not work that way."),
    422: ("That cannot be searched for", "Something in the address does not fit."),
    429: ("One moment", "That was a lot at once."),
    500: ("Something went wrong", "The mistake is ours, and it was logged."),
    503: ("One moment", "The service cannot answer right now."),
    507: ("The disk is full", "Searching goes on; nothing new can be stored."),
}


def wanted(scope: Scope) -> bool:
    """Whether whoever asks looks at pages: a browser, and not at the interface for programs."""
    if scope["type"] != "http" or scope["path"].startswith(_MACHINES):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def page(scope: Scope, status: int, detail: str, headers: Mapping[str, str]) -> HTMLResponse:
    """An error as a page. It says the same to everybody: nothing of who asks is looked at."""
    title, what = _SAID.get(status, ("That did not work", "The request could not be answered."))
    query = scope.get("query_string", b"").decode("latin-1")
    here = local_path(scope["path"] + (f"?{query}" if query else ""))
    made = rendering.bare(
        "error.html",
        status,
        title=title,
        what=what,
        # What an id that is unknown or forbidden stands for is nobody's business.
        detail="" if status in (404, 405, 500) else detail,
        again=here if "retry-after" in headers else None,
    )
    for name, value in headers.items():
        if name not in ("content-length", "content-type", "cache-control", "vary"):
            made.headers[name] = value
    return made
