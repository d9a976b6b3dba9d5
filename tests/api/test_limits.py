"""Overload is refused at once, bodies are bounded, and slow ones of a kind keep no others out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api import limits
from api.limits import MAX_BODY, MAX_SIGN_IN, Limits
from api.metrics import Metrics
from api.services import Services
from knowledge.settings import ServeSettings
from tests.builders import opened

SETTINGS = ServeSettings(
    max_in_flight=2, max_streams=1, max_uploads=1, max_import_mb=3.0, threads=2
)
IMPORTS = "/api/v1/imports"
HOLD = b"hold"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with opened(tmp_path_factory.mktemp("data")) as made:
        yield made


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> str:
        assert self.headers["content-type"] == "application/problem+json"
        return str(json.loads(self.body)["type"])


class Inner:
    """An application that holds GETs, and what says HOLD, until it is let go, and counts the bytes
    of anything else."""

    def __init__(self) -> None:
        self.entered = 0
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.entered += 1
        if scope["method"] == "GET":
            await self.go.wait()
            await PlainTextResponse("held")(scope, receive, send)
            return
        try:
            body = await request.body()
        except Exception as error:
            # FastAPI answers 400 for whatever goes wrong while it reads a body.
            await PlainTextResponse(f"misread {error}", 400)(scope, receive, send)
            return
        if body == HOLD:
            await self.go.wait()
        await PlainTextResponse(str(len(body)))(scope, receive, send)


async def ask(
    app: Any,
    method: str,
    path: str,
    chunks: Iterable[bytes] = (),
    headers: dict[str, str] | None = None,
    stall: bool = False,
) -> Answer:
    """One request; with ``stall`` the body never ends."""
    told: list[Message] = []
    waiting = [{"type": "http.request", "body": c, "more_body": True} for c in chunks]
    if not stall:
        waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message: Message) -> None:
        told.append(message)

    raw = [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw, "query_string": b""}
    await app(scope, receive, send)
    start = told[0]
    body = b"".join(message.get("body", b"") for message in told[1:])
    return Answer(start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body)


async def entered(inner: Inner, number: int) -> None:
    while inner.entered < number:
        await asyncio.sleep(0)


def test_what_is_beyond_the_limit_is_refused_at_once_and_taken_again_later(
    services: Services,
) -> None:
    async def story() -> None:
        inner, metrics = Inner(), Metrics(services)
        app = Limits(inner, SETTINGS, metrics)
        held = [asyncio.create_task(ask(app, "GET", "/api/v1/search")) for _ in range(2)]
        await entered(inner, 2)
        refused = await ask(app, "GET", "/api/v1/search")
        assert (refused.status, refused.problem) == (503, "/problems/busy")
        assert int(refused.headers["retry-after"]) >= 1
        assert inner.entered == 2
        text = metrics.exposition().decode()
        assert 'whoknows_requests_in_flight{lane="requests"} 2.0' in text
        assert 'whoknows_requests_rejected_total{limit="requests"} 1.0' in text

        inner.go.set()
        assert [(await task).status for task in held] == [200, 200]
        assert (await ask(app, "GET", "/api/v1/search")).status == 200
        assert 'in_flight{lane="requests"} 0.0' in metrics.exposition().decode()

    asyncio.run(story())


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/static/style.css", "/docs", "/docs/start.js"]
)
def test_health_and_files_are_answered_under_overload(services: Services, path: str) -> None:
    async def story() -> None:
        inner = Inner()
        app = Limits(inner, SETTINGS, Metrics(services))
        held = [asyncio.create_task(ask(app, "GET", "/")) for _ in range(2)]
        await entered(inner, 2)
        probe = asyncio.create_task(ask(app, "GET", path))
        await entered(inner, 3)
        inner.go.set()
        assert [(await task).status for task in (*held, probe)] == [200, 200, 200]

    asyncio.run(story())


def test_streams_and_uploads_take_no_place_from_searches(services: Services) -> None:
    async def story() -> None:
        inner = Inner()
        app = Limits(inner, SETTINGS, Metrics(services))
        stream = asyncio.create_task(ask(app, "GET", f"{IMPORTS}/a/events"))
        upload = asyncio.create_task(ask(app, "POST", IMPORTS, [b"x"], stall=True))
        searches = [asyncio.create_task(ask(app, "GET", "/api/v1/search")) for _ in range(2)]
        await entered(inner, 4)
        for method, path in (("GET", f"{IMPORTS}/b/events"), ("POST", IMPORTS), ("GET", "/")):
            assert (await ask(app, method, path)).status == 503
        inner.go.set()
        assert [(await task).status for task in (stream, *searches)] == [200, 200, 200]
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload
        assert (await ask(app, "POST", IMPORTS, [b"abc"])).body == b"3"

    asyncio.run(story())


def test_who_takes_everything_home_takes_no_place_from_searches_or_writes(
    services: Services,
) -> None:
    async def story() -> None:
        inner = Inner()
        app = Limits(inner, SETTINGS, Metrics(services))
        export = asyncio.create_task(ask(app, "GET", limits.EXPORT))
        searches = [asyncio.create_task(ask(app, "GET", "/api/v1/search")) for _ in range(2)]
        await entered(inner, 3)
        assert (await ask(app, "GET", limits.EXPORT)).status == 503
        assert (await ask(app, "POST", "/api/v1/documents", [b"abc"])).body == b"3"
        inner.go.set()
        assert [(await task).status for task in (export, *searches)] == [200, 200, 200]

    asyncio.run(story())


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_writes_leave_threads_to_searches(services: Services, method: str) -> None:
    async def story() -> None:
        inner = Inner()
        app = Limits(inner, SETTINGS, Metrics(services))
        write = asyncio.create_task(ask(app, method, "/api/v1/documents/1", [HOLD]))
        await entered(inner, 1)
        refused = await ask(app, "POST", "/api/v1/feedback", [b"x"])
        assert (refused.status, refused.problem) == (503, "/problems/busy")
        assert int(refused.headers["retry-after"]) >= 1
        assert (await ask(app, "POST", "/sign-in", [b"abc"])).body == b"3"
        searches = asyncio.create_task(ask(app, "GET", "/api/v1/search"))
        await entered(inner, 3)
        assert not write.done()
        inner.go.set()
        assert [(await task).status for task in (write, searches)] == [200, 200]
        assert (await ask(app, "POST", "/api/v1/feedback", [b"abc"])).body == b"3"

    asyncio.run(story())


@pytest.mark.parametrize("path", ["/sign-in/password", "/invitations/x", "/account/password"])
def test_who_signs_in_keeps_neither_searches_nor_writes_waiting(
    services: Services, path: str
) -> None:
    async def story() -> None:
        inner = Inner()
        app = Limits(inner, SETTINGS, Metrics(services))
        signing = asyncio.create_task(ask(app, "POST", path, [HOLD]))
        await entered(inner, 1)
        assert (await ask(app, "POST", "/sign-in/password", [b"x"])).status == 503
        assert (await ask(app, "POST", "/api/v1/feedback", [b"abc"])).body == b"3"
        search = asyncio.create_task(ask(app, "GET", "/api/v1/search"))
        await entered(inner, 3)
        assert not signing.done()
        inner.go.set()
        assert [(await task).status for task in (signing, search)] == [200, 200]


@pytest.mark.parametrize("path", ["/sign-in/password", "/api/v1/documents"])
def test_who_sends_slowly_keeps_nobody_of_their_kind_waiting(services: Services, path: str) -> None:
    async def story() -> None:
        inner = Inner()
        app = Limits(inner, ServeSettings(max_in_flight=16, threads=2), Metrics(services))
        slow = [asyncio.create_task(ask(app, "POST", path, [b"x"], stall=True)) for _ in range(3)]
        await asyncio.sleep(0)
        assert (await ask(app, "POST", path, [b"a", b"bc"])).body == b"3"
        assert inner.entered == 1
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)

    asyncio.run(story())


@pytest.mark.parametrize("after", [0, 1, 2])
def test_who_goes_away_is_seen_to_be_gone(services: Services, after: int) -> None:
    """After so many pieces of a body that has two."""
    pieces: list[Message] = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.request", "body": b"b", "more_body": False},
    ]
    coming = [*pieces[:after], {"type": "http.disconnect"}]
    seen: list[Message] = []

    async def watching(_scope: Scope, receive: Receive, _send: Send) -> None:
        while not seen or seen[-1]["type"] != "http.disconnect":
            seen.append(await receive())

    async def receive() -> Message:
        return pending.pop(0)

    async def send(_message: Message) -> None:
        raise AssertionError("there is nobody to answer")

    pending = list(coming)
    app = Limits(watching, SETTINGS, Metrics(services))
    scope = {"type": "http", "method": "POST", "path": "/api/v1/documents", "headers": []}
    asyncio.run(app(scope, receive, send))
    assert seen == coming


def test_a_burst_of_writes_waits_but_not_for_long(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/api/v1/documents"

    async def story() -> None:
        inner = Inner()
        app = Limits(inner, ServeSettings(max_in_flight=6, threads=2), Metrics(services))
        first = asyncio.create_task(ask(app, "POST", path, [HOLD]))
        await entered(inner, 1)
        burst = [asyncio.create_task(ask(app, "POST", path, [b"abc"])) for _ in range(3)]
        done, _ = await asyncio.wait(burst, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result().status for task in done] == [503]
        assert inner.entered == 1
        inner.go.set()
        assert (await first).status == 200
        assert sorted([(await task).status for task in burst]) == [200, 200, 503]

        inner.go.clear()
        again = asyncio.create_task(ask(app, "POST", path, [HOLD]))
        await entered(inner, 4)
        monkeypatch.setattr(limits, "WRITE_WAIT_SECONDS", 0.0)
        late = await ask(app, "POST", path, [b"abc"])
        assert (late.status, late.problem) == (503, "/problems/busy")
        inner.go.set()
        assert (await again).status == 200

    asyncio.run(story())


def test_a_request_that_fails_gives_its_place_back(services: Services) -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("boom")

    async def story() -> None:
        app = Limits(broken, SETTINGS, Metrics(services))
        for _ in range(5):
            with pytest.raises(RuntimeError, match="boom"):
                await ask(app, "GET", "/")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/v1/documents", MAX_BODY, 200),
        ("/api/v1/documents", MAX_BODY + 1, 413),
        ("/sign-in/password", MAX_SIGN_IN, 200),
        ("/sign-in/password", MAX_SIGN_IN + 1, 413),
        (IMPORTS, 4_000_000, 200),
        (IMPORTS, 4_000_001, 413),
        (f"{IMPORTS}/x", MAX_BODY + 1, 413),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_bodies_are_bounded_whether_or_not_they_say_how_long_they_are(
    services: Services, path: str, size: int, status: int, declared: bool
) -> None:
    headers = {"Content-Length": str(size)} if declared else {}
    chunks = [b"x" * min(100_000, size - at) for at in range(0, size, 100_000)]
    inner = Inner()
    app = Limits(inner, SETTINGS, Metrics(services))
    answer = asyncio.run(ask(app, "POST", path, chunks, headers))
    assert answer.status == status
    if status == 200:
        assert answer.body == str(size).encode()
        return
    assert answer.problem == "/problems/too-large"
    assert answer.headers["connection"] == "close"
    assert inner.entered == (1 if path == IMPORTS and not declared else 0)


def test_a_body_that_arrives_too_slowly_is_given_up(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.0)
    app = Limits(Inner(), SETTINGS, Metrics(services))
    answer = asyncio.run(ask(app, "POST", "/api/v1/documents", [b"x"], stall=True))
    assert (answer.status, answer.problem) == (408, "/problems/too-slow")


def test_an_answer_that_has_begun_is_not_replaced(services: Services) -> None:
    async def eager(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)

        async def echo() -> Any:
            yield b"begun"
            async for _ in request.stream():
                pass

        await StreamingResponse(echo())(scope, receive, send)

    app = Limits(eager, SETTINGS, Metrics(services))
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * MAX_BODY, "more_body": True}

    async def send(message: Message) -> None:
        told.append(message)

    # Uploads are worked on while they arrive.
    scope = {"type": "http", "method": "POST", "headers": [], "query_string": b""}
    scope |= {"path": limits.IMPORTS, "asgi": {"version": "3.0", "spec_version": "2.4"}}
    with pytest.raises(limits._Refused):
        asyncio.run(app(scope, receive, send))
    assert [message["type"] for message in told][:2] == [
        "http.response.start",
        "http.response.body",
    ]
    assert sum(message["type"] == "http.response.start" for message in told) == 1
