"""Which requests a browser makes on behalf of another site."""

from __future__ import annotations

from fastapi import Request

from knowledge.errors import NotAllowed

SAFE_METHODS = ("GET", "HEAD")
_OWN = ("same-origin", "none")


def refuse_foreign(request: Request) -> None:
    """Raise NotAllowed for what another site's page makes a browser send.

    A program that is no browser sends neither header and passes: it brings no cookies along that
    it was not given.
    """
    if request.method in SAFE_METHODS:
        return
    told = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if told is not None:
        foreign = told not in _OWN
    else:
        foreign = origin is not None and origin != own
    if foreign:
        raise NotAllowed("this request comes from the page of another site")


def local_path(told: str) -> str:
    """A path of this site to go to next; ``/`` for anything that would lead elsewhere."""
    # Browsers read a backslash as a slash and drop control characters before they look.
    safe = told.startswith("/") and not told.startswith("//") and "\\" not in told
    return told if safe and told.isprintable() else "/"
