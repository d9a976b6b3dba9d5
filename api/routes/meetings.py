"""Sessions in which people learn from each other. Where somebody is signed in is in sessions.py."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import URL

from api import cursors
from api.auth import OwnReader, OwnWriter
from api.conditions import IdempotencyKey, request_key
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.meetings import (
    Attendance,
    BoxMeeting,
    GivenMeeting,
    GivenOpinion,
    MeetingList,
    MeetingOut,
    OpinionKept,
    PollOut,
    meeting_out,
    opinion,
    plan,
    poll_out,
    summary,
)
from knowledge.ics import calendar
from knowledge.meeting import Box

_Responses = dict[int | str, dict[str, Any]]
_LOCATION = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}
_CLOSED: _Responses = {409: {"description": "It is over, full, or not yours to do"}}
_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}
_ICS: _Responses = {
    200: {
        "description": "An iCalendar file",
        "content": {"text/calendar": {"schema": {"type": "string"}}},
    },
    409: {"description": "Nobody holds it yet, so it has no time"},
}

router = APIRouter(prefix=f"{V1}/meetings", tags=["meetings"], responses=_NOBODY)


@router.post("", status_code=201, responses={201: {"headers": _LOCATION}, **_FULL})
def create(
    told: GivenMeeting,
    asker: OwnWriter,
    services: Wired,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> MeetingOut:
    """Offer a session that you hold, or without a time ask for one."""
    key = request_key(asker, idempotency_key, "POST meetings", told)
    made = services.meetings.create(plan(told), asker.principal, key)
    response.headers["Location"] = f"{V1}/meetings/{made}"
    return meeting_out(services.meetings.show(made, asker.principal))


@router.get("")
def listed(asked: Annotated[BoxMeeting, Query()], asker: OwnReader, services: Wired) -> MeetingList:
    """Sessions that are for you: to come, your own, asked for, or past."""
    about = ("meetings", asked.box.value)
    offset = cursors.decode(asked.cursor, *about) or 0
    found, more = services.meetings.listed(asker.principal, Box(asked.box), offset, asked.limit)
    following = cursors.encode(offset + asked.limit, *about) if more else None
    return MeetingList(meetings=[summary(one) for one in found], next_cursor=following)


@router.get("/{id}")
def read(id: PathId, asker: OwnReader, services: Wired) -> MeetingOut:
    """A session that is for you."""
    return meeting_out(services.meetings.show(id, asker.principal))


@router.put("/{id}", responses={**_CLOSED, **_FULL})
def change(id: PathId, told: GivenMeeting, asker: OwnWriter, services: Wired) -> MeetingOut:
    """Say it anew. With a time for what somebody asked for, you hold it from now on; whom it is for
    stays as it was then."""
    services.meetings.change(id, plan(told), asker.principal)
    return meeting_out(services.meetings.show(id, asker.principal))


@router.delete("/{id}", status_code=204, responses={**_CLOSED, **_FULL})
def cancel(id: PathId, asker: OwnWriter, services: Wired) -> None:
    """Cancel a session that you hold or asked for. Those who take part still see it."""
    services.meetings.cancel(id, asker.principal)


@router.post("/{id}/join", responses={**_CLOSED, **_FULL})
def join(id: PathId, asker: OwnWriter, services: Wired) -> MeetingOut:
    """Take part. Who takes part is told to its host and to each other."""
    services.meetings.join(id, asker.principal)
    return meeting_out(services.meetings.show(id, asker.principal))


@router.delete("/{id}/join", status_code=204, responses={**_CLOSED, **_FULL})
def leave(id: PathId, asker: OwnWriter, services: Wired) -> None:
    """Take part no more."""
    services.meetings.leave(id, asker.principal)


@router.post("/{id}/attendance", responses={**_CLOSED, **_FULL})
def attendance(id: PathId, told: Attendance, asker: OwnWriter, services: Wired) -> MeetingOut:
    """Say, as its host, that it was held, and who came. Each is told of themselves alone."""
    services.meetings.attended(id, told.came, asker.principal)
    return meeting_out(services.meetings.show(id, asker.principal))


@router.post("/{id}/poll", status_code=201, responses={**_CLOSED, **_FULL})
def answer(id: PathId, told: GivenOpinion, asker: OwnWriter, services: Wired) -> OpinionKept:
    """Say, once, what you think of a session that you came to. Your answer is kept without you."""
    return OpinionKept(draft_id=services.polls.answer(id, opinion(told), asker.principal))


@router.get("/{id}/poll", responses=_CLOSED)
def result(id: PathId, asker: OwnReader, services: Wired) -> PollOut:
    """What those who came say, for its host: in whole fives, of nobody."""
    return poll_out(services.polls.result(id, asker.principal))


@router.get("/{id}/calendar", response_class=Response, responses=_ICS)
def ics(request: Request, id: PathId, asker: OwnReader, services: Wired) -> Response:
    """The session for your calendar (RFC 5545), without anybody's name."""
    found = services.meetings.show(id, asker.principal)
    ours = URL(services.settings.auth.public_url or str(request.base_url))
    url = ours.replace(path=f"/sessions/{id}")
    made = calendar(found, ours.hostname or "whoknows", str(url))
    headers = {
        "Content-Disposition": f'attachment; filename="session-{id}.ics"',
        "Cache-Control": "private, no-store",
    }
    return Response(made, media_type="text/calendar; charset=utf-8", headers=headers)
