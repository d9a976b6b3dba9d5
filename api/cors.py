"""Which answers pages of other sites may read: those to a site key, at its origins; nothing else.

No cookie is ever sent along from there, and none would count.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.auth import needs_of, sites
from api.services import Services
from knowledge.errors import WhoknowsError

REMEMBERED_S = 600
_SENT = frozenset({sites.HEADER.lower(), "authorization", "content-type", "idempotency-key"})
_READ = "Retry-After, X-Request-ID"


class Cors:
    """ASGI middleware: answers what browsers ask beforehand, and says who may read an answer."""

    def __init__(self, app: ASGIApp, services: Services, routes: Sequence[APIRoute]) -> None:
        self._app = app
        self._services = services
        self._open = [
            route for route in routes if any(one.at_sites for one in needs_of(route.dependant))
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        wanted = headers.get("access-control-request-method", "")
        if scope["method"] == "OPTIONS":
            try:
                lets = await self._lets(scope["path"], wanted, headers)
            except WhoknowsError as error:
                await problems.of(error)(scope, receive, send)
                return
            if lets:
                await _beforehand(wanted, headers)(scope, receive, send)
                return
        told = scope.setdefault("state", {})
        shared = self._serves(scope["path"], scope["method"])

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and shared:
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if origin := told.get("readable_at"):
                    answer["Access-Control-Allow-Origin"] = origin
                    answer["Access-Control-Expose-Headers"] = _READ
            await send(message)

        await self._app(scope, receive, sending)

    def _serves(self, path: str, method: str) -> bool:
        return any(
            method in (route.methods or ()) and route.path_regex.match(path) for route in self._open
        )

    async def _lets(self, path: str, wanted: str, headers: Headers) -> bool:
        told = headers.get("access-control-request-headers", "")
        sent = {name.strip().lower() for name in told.split(",")}
        # Without its key a site is nobody.
        if not self._serves(path, wanted) or not {sites.HEADER.lower()} <= sent <= _SENT:
            return False
        return await run_in_threadpool(self._services.sites.knows, headers.get("origin", ""))


def _beforehand(wanted: str, headers: Headers) -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": headers["origin"],
            "Access-Control-Allow-Methods": wanted,
            "Access-Control-Allow-Headers": ", ".join(sorted(_SENT)),
            "Access-Control-Max-Age": str(REMEMBERED_S),
            "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        },
    )
