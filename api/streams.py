"""An import's progress as server-sent events, for as long as somebody listens who may."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from api.auth import Door
from api.schemas.imports import counts_out, items_out
from api.services import Services
from knowledge.errors import WhoknowsError
from knowledge.jobs import Import
from knowledge.types import Scope

POLL_S = 0.5
QUIET_S = 15.0
RECHECK_S = 5.0
_AT_ONCE = 200
_RETRY = "retry: 2000\n\n"
_ALIVE = ": still here\n\n"
_END = "end"


class EventStream(StreamingResponse):
    """A response of events."""

    media_type = "text/event-stream"


def progress(
    request: Request, services: Services, import_id: str, owner: str, last_event: str
) -> Response:
    """``item`` for each input reported after that of the event ``last_event``, whose id is its
    number; ``progress`` with the counts when they change; ``end`` when nothing more comes.

    The stream ends without ``end`` when the service stops or the caller's right is gone. Who got
    ``end`` gets 204: a browser comes back whenever a stream ends, and 204 tells it not to.
    """
    if last_event == _END:
        return Response(status_code=204)
    known = last_event.isascii() and last_event.isdigit() and len(last_event) < 10
    after = int(last_event) if known else 0
    listening = _Listening(request, owner)
    events = _events(listening, services, import_id, after)
    return EventStream(events, headers={"X-Accel-Buffering": "no"})


class _Listening:
    """Whether the caller still may listen; asked anew every few seconds."""

    def __init__(self, request: Request, owner: str) -> None:
        self.owner = owner
        self._request = request
        self._door: Door = request.app.state.door
        self._checked_at = time.monotonic()

    async def goes_on(self) -> bool:
        stopping = self._request.app.state.stopping
        if stopping.is_set():
            return False
        if time.monotonic() - self._checked_at < RECHECK_S:
            return True
        self._checked_at = time.monotonic()
        return await run_in_threadpool(self._may)

    def _may(self) -> bool:
        try:
            asker = self._door.identify(self._request)
        except WhoknowsError:
            return False
        return asker.owner == self.owner and Scope.IMPORT in asker.scopes


async def _events(
    listening: _Listening, services: Services, import_id: str, after: int
) -> AsyncIterator[str]:
    shown: dict[str, Any] | None = None
    spoke_at = time.monotonic()
    yield _RETRY
    while await listening.goes_on():
        try:
            job, items = await run_in_threadpool(
                services.imports.progress, import_id, listening.owner, after, _AT_ONCE
            )
        except WhoknowsError:
            return  # the listener comes back by itself
        for item in items_out(items):
            after = item.number
            yield _event("item", item.model_dump(mode="json"), after)
        told = _told(job)
        if told != shown:
            yield _event("progress", told)
        elif time.monotonic() - spoke_at > QUIET_S:
            yield _ALIVE
        if items or told != shown or time.monotonic() - spoke_at > QUIET_S:
            spoke_at, shown = time.monotonic(), told
        if len(items) == _AT_ONCE:
            continue
        if job.state.ended:
            yield _event("end", told | {"error": job.error}, _END)
            return
        await anyio.sleep(POLL_S)


def _told(job: Import) -> dict[str, Any]:
    return {"state": job.state.value, "counts": counts_out(job).model_dump()}


def _event(name: str, told: dict[str, Any], number: int | str | None = None) -> str:
    numbered = "" if number is None else f"id: {number}\n"
    return f"event: {name}\n{numbered}data: {json.dumps(told, ensure_ascii=False)}\n\n"
