"""Nothing but this machine, by its own names."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api import problems

_PORT = re.compile(r":[0-9]*\Z")
_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class LoopbackOnly:
    """ASGI middleware: answer only requests that name this machine as their host.

    A page of another site whose name was made to resolve to 127.0.0.1 could read everything.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and not _names_loopback(Headers(scope=scope)):
            detail = "the demo answers only at 127.0.0.1 and localhost"
            await problems.response(403, "not-allowed", detail)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _names_loopback(headers: Headers) -> bool:
    return _PORT.sub("", headers.get("host", "").lower()) in _HOSTS
