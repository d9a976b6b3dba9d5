"""Which requests a browser makes on behalf of another site."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from knowledge.errors import NotAllowed

SAFE_METHODS = ("GET", "HEAD")
_OWN = ("same-origin", "none")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def refuse_foreign(request: Request) -> None:
    """Raise NotAllowed for what another site's page makes a browser send.

    A program that is no browser sends neither header and passes: it brings no cookies along that
    it was not given.
    """
    if request.method in SAFE_METHODS:
        return
    told = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if told is not None:
        foreign = told not in _OWN
    else:
        foreign = origin is not None and origin != own_origin(request)
    if foreign:
        raise NotAllowed("this request comes from the page of another site")


def is_own(request: Request) -> bool:
    """Whether the browser says that a page of this site sends a request. Both headers have to
    agree, as far as they are there, and one of them has to be."""
    told = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if told is not None:
        # Who sends no referrer says ``null``, also of a page of one's own.
        return told == "same-origin" and origin in (None, "null", own_origin(request))
    return origin == own_origin(request)


def own_origin(request: Request) -> str:
    """How browsers name this site: as is set, or else by how they asked."""
    public: str = request.app.state.services.settings.auth.public_url
    if public:
        parts = urlsplit(public)
        return f"{parts.scheme}://{parts.netloc}"
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


def local_path(told: str) -> str:
    """A path of this site to go to next; ``/`` for anything that would lead elsewhere."""
    # Browsers read a backslash as a slash and drop control characters before they look.
    safe = told.startswith("/") and not told.startswith("//") and "\\" not in told
    return told if safe and told.isprintable() else "/"


def is_safe(url: str) -> bool:
    """Whether nobody between can read or change what goes to an address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
