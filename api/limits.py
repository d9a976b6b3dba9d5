"""Overload is answered at once: so many requests are taken, the next one is told to come again.

Requests, writes, sign-ins, exports, uploads and open streams count apart, so that slow ones of one
kind do not keep the others out. Writes wait for each other and searches wait for nobody: so those
that are worked on are fewer than the threads, and a write is refused before its caller gives up.
Bodies are counted while they arrive, and have to arrive in time; who still sends one is not
worked on, so nobody keeps others out by sending slowly.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.metrics import Metrics
from api.uploads import FORM_OVERHEAD
from knowledge.settings import ServeSettings
from knowledge.store import patience

IMPORTS = "/api/v1/imports"
EXPORT = "/api/v1/people/me/export"
RECORDING = "/write/session"
# Where files come in, whole and large.
UPLOADS = (IMPORTS, "/imports/new")
MAX_BODY = 2_000_000
MAX_SIGN_IN = 16_000
# A text with a picture, and the transcript of a day.
MAX_WRITING = 7_000_000
MAX_RECORDING = 21_000_000
BODY_SECONDS = 30.0
UPLOAD_SECONDS = 3600.0
WRITE_WAIT_SECONDS = 5.0
# So much of a refused body is read and thrown away: a client that still sends does not listen.
_DISCARDED = 8_000_000
_WRITING = ("POST", "PUT", "PATCH", "DELETE")
# They write as well, and checking a password takes its time.
_SIGNING_IN = ("/sign-in", "/invitations/", "/account")
_WRITTEN_BELOW = ("/write", "/drafts", "/documents/", "/api/v1/drafts/")
_EXEMPT = ("/livez", "/readyz", "/metrics")
_EXEMPT_BELOW = ("/static/", "/docs")


@dataclass(frozen=True, slots=True)
class Lane:
    """Requests that count together: how many at once, what their bodies may be, for how many
    seconds they wait for others who write (None: as long as is set), and the places of those that
    are worked on, where not all are."""

    name: str
    most: int | None
    body_bytes: int
    body_seconds: float
    write_wait_s: float | None = WRITE_WAIT_SECONDS
    places: asyncio.Semaphore | None = None


class Lanes:
    """Which requests count together."""

    def __init__(self, settings: ServeSettings) -> None:
        largest = int(settings.max_import_mb * 1_000_000) + FORM_OVERHEAD
        self._exempt = Lane("exempt", None, MAX_BODY, BODY_SECONDS)
        self._requests = Lane("requests", settings.max_in_flight, MAX_BODY, BODY_SECONDS)
        working = settings.threads // 2
        self._writes = Lane(
            "writes",
            max(working, settings.max_in_flight // 2),
            MAX_BODY,
            BODY_SECONDS,
            places=asyncio.Semaphore(working),
        )
        signing = max(1, settings.threads // 4)
        self._sign_ins = Lane(
            "sign_ins",
            max(signing, settings.max_in_flight // 4),
            MAX_SIGN_IN,
            BODY_SECONDS,
            places=asyncio.Semaphore(signing),
        )
        # Each reads much, is told in the audit and is sent slowly to who takes it slowly.
        self._exports = Lane("exports", signing, MAX_BODY, BODY_SECONDS)
        self._streams = Lane("streams", settings.max_streams, MAX_BODY, BODY_SECONDS)
        # Their forms may hold files, which are large for a while in memory or beside it.
        self._writing, self._recording = (
            Lane(name, most, size, 2 * BODY_SECONDS, places=asyncio.Semaphore(signing))
            for name, most, size in (
                ("writing", max(working, settings.max_in_flight // 4), MAX_WRITING),
                ("recordings", working, MAX_RECORDING),
            )
        )
        self._uploads = Lane("uploads", settings.max_uploads, largest, UPLOAD_SECONDS, None)

    def of(self, method: str, path: str) -> Lane:
        """The lane of a request."""
        if path in _EXEMPT or path.startswith(_EXEMPT_BELOW):
            return self._exempt
        if method == "POST" and path in UPLOADS:
            return self._uploads
        if path.startswith(f"{IMPORTS}/") and path.endswith("/events"):
            return self._streams
        if path == EXPORT:
            return self._exports
        if method in _WRITING and path.startswith(_SIGNING_IN):
            return self._sign_ins
        if method == "POST" and path == RECORDING:
            return self._recording
        if method == "POST" and path.startswith(_WRITTEN_BELOW):
            return self._writing
        if method in _WRITING:
            return self._writes
        return self._requests


class Limits:
    """ASGI middleware: takes a request or answers 503; 413 and 408 for bodies beyond bounds."""

    def __init__(self, app: ASGIApp, settings: ServeSettings, metrics: Metrics) -> None:
        self._app = app
        self._lanes = Lanes(settings)
        self._metrics = metrics
        # Touched by the event loop's thread alone.
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        lane = self._lanes.of(scope["method"], scope["path"])
        if lane.most is not None and self._running[lane.name] >= lane.most:
            await self._refuse(lane, scope, receive, send)
            return
        self._running[lane.name] += 1
        self._metrics.in_flight(lane.name, self._running[lane.name])
        try:
            with patience.at_most(lane.write_wait_s):
                await self._serve(lane, scope, receive, send)
        finally:
            self._running[lane.name] -= 1
            self._metrics.in_flight(lane.name, self._running[lane.name])

    async def _in_turn(self, lane: Lane, scope: Scope, receive: Receive, send: Send) -> None:
        if lane.places is None:
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(WRITE_WAIT_SECONDS):
                await lane.places.acquire()
        except TimeoutError:
            await self._refuse(lane, scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            lane.places.release()

    async def _refuse(self, lane: Lane, scope: Scope, receive: Receive, send: Send) -> None:
        self._metrics.rejected(lane.name)
        await problems.response(503, "busy", "too much is asked at once; try again in a moment")(
            scope, receive, send
        )

    async def _serve(self, lane: Lane, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(lane, receive, Headers(scope=scope).get("content-length", ""))
        answering = False

        async def sending(message: Message) -> None:
            nonlocal answering
            # What the application makes of a body that was cut off is not the answer.
            if body.refused and not answering:
                return
            answering = True
            await send(message)

        try:
            if not body.refused:
                if lane.places is not None:
                    await body.gather()
                await self._in_turn(lane, scope, body.receive, sending)
        except Exception:
            if answering or not body.refused:
                raise
        if body.refused and not answering:
            self._metrics.rejected("body")
            await body.discard()
            response = problems.response(body.refused, *_why(body.refused, lane))
            response.headers["Connection"] = "close"
            await response(scope, receive, send)


class _Refused(Exception):
    pass


class _Body:
    """A request's body on its way in. ``refused``: the status to refuse it with, or 0."""

    def __init__(self, lane: Lane, receive: Receive, declared: str) -> None:
        self._lane = lane
        self._receive = receive
        self._deadline = asyncio.get_running_loop().time() + lane.body_seconds
        self._seen = 0
        self._complete = False
        self._gathered: deque[Message] = deque()
        told = int(declared) if declared.isascii() and declared.isdigit() else 0
        self.refused = 413 if told > lane.body_bytes else 0

    async def gather(self) -> None:
        """Take all of it in, to be received again. Raises _Refused as well."""
        while not self._complete:
            self._gathered.append(await self._next())

    async def receive(self) -> Message:
        """The next message, as ASGI has it. Raises _Refused when the body is out of bounds."""
        return self._gathered.popleft() if self._gathered else await self._next()

    async def _next(self) -> Message:
        if self._complete:
            return await self._receive()
        if self.refused:
            raise _Refused
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as error:
            self.refused = 408
            raise _Refused from error
        self._count(message)
        if self._seen > self._lane.body_bytes:
            self.refused = 413
            raise _Refused
        return message

    def _count(self, message: Message) -> None:
        self._seen += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)

    async def discard(self) -> None:
        """Read on for a little, so that a client which is still sending gets to its answer."""
        enough = self._seen + _DISCARDED
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while self.refused == 413 and not self._complete and self._seen < enough:
                    self._count(await self._receive())


def _why(status: int, lane: Lane) -> tuple[str, str]:
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return "too-slow", f"the request took longer than {lane.body_seconds:.0f} s to arrive"
    most = lane.body_bytes
    told = f"{most / 1e6:.0f} MB" if most >= 1_000_000 else f"{most / 1e3:.0f} kB"
    return "too-large", f"a request here has at most {told}"
