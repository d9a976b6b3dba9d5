"""What every request gets: an id, safe headers, one line in the log, one measurement."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.metrics import Metrics

_access = logging.getLogger("whoknows.access")
_log = logging.getLogger("whoknows.service")

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CLIENT_LEFT = 499

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
# Swagger UI writes style attributes, has its icons in its style sheet, and puts HTML into its page:
# what it cleans with DOMPurify, and else by the policy that static/docs.js makes, for HTML alone.
_DOCS_POLICY = _POLICY | {
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "trusted-types": "default dompurify",
}
# What no page here asks a browser for, should one ever be made to.
_FEATURES = """accelerometer autoplay browsing-topics camera display-capture
encrypted-media fullscreen gamepad geolocation gyroscope hid idle-detection local-fonts
magnetometer microphone midi payment picture-in-picture publickey-credentials-get
screen-wake-lock serial usb xr-spatial-tracking""".split()


def _policy(rules: dict[str, str]) -> str:
    return "; ".join(f"{name} {allowed}" for name, allowed in rules.items())


# A route that needs another one sets it itself.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# A browser ignores it over HTTP, where anybody could have written it.
_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class Envelope:
    """ASGI middleware around all others. What nobody foresaw becomes a 500 problem and is logged.

    The log tells the route's template and never the path or the query: what people ask for is
    nobody's business.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, over_tls: bool = False) -> None:
        """``over_tls``: browsers come through a proxy that speaks TLS, and in no other way."""
        self._app = app
        self._metrics = metrics
        self._over_tls = over_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("x-request-id", "")
        request_id = told if _REQUEST_ID.fullmatch(told) else uuid.uuid4().hex
        policy = _policy(_DOCS_POLICY if scope["path"] == "/docs" else _POLICY)
        safe = _HEADERS | (_TLS if self._over_tls or scope.get("scheme") == "https" else {})
        started = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers.setdefault("Content-Security-Policy", policy)
                for name, value in safe.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            _log.exception("a request failed", extra={"request_id": request_id})
            if status:
                raise
            await problems.unforeseen()(scope, receive, sending)
        finally:
            self._tell(scope, request_id, status or _CLIENT_LEFT, time.perf_counter() - started)

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "other"
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.answered(route, method, status, seconds)
        _access.info(
            "request",
            extra={
                "request_id": request_id,
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
            },
        )
