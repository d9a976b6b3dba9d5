"""Sessions in which people learn from each other, as pages: with forms, without scripts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors
from api.auth import Asker, OwnReader, OwnWriter
from api.deps import PathId, Wired
from api.schemas.fields import number_in
from api.services import Services
from api.web import meeting_forms
from api.web.managing import sentence
from api.web.meeting_forms import Filled, Groups, Line, Short, Text
from api.web.preview import preview
from api.web.rendering import page
from knowledge import limits, meeting, polls
from knowledge.errors import Conflict, InvalidInput, NotFound, WhoknowsError
from knowledge.guides import Begun, TextKind
from knowledge.identity import OfferKind
from knowledge.meeting import Box, Meeting, State
from knowledge.polls import Tap
from knowledge.types import Level

router = APIRouter(prefix="/sessions", include_in_schema=False)

_SHOWN = 20
_SAID = {
    "made": "It is announced. Whom it is for finds it among the sessions.",
    "changed": "It is changed.",
    "joined": "You take part. Its host and the others who do see that.",
    "left": "You take part no more.",
    "cancelled": "It is cancelled.",
    "held": "It is noted who came. They are asked what they think of it.",
    "thanks": "Thank you. Your answer is kept without your name.",
    "teach": "It stands on your page that you would teach it.",
}


@router.get("")
def listed(request: Request, asker: OwnReader, services: Wired) -> Response:
    """Sessions to come, one's own, what is asked for, and who could learn from whom."""
    return _list(request, asker, services)


def _list(request: Request, asker: Asker, services: Services, wrong: str = "") -> Response:
    told = request.query_params
    box = Box.PAST if told.get("box") == Box.PAST.value else Box.COMING
    about = ("sessions", box.value)
    offset = cursors.decode(told.get("cursor") or None, *about) or 0
    found, more = services.meetings.listed(asker.principal, box, offset, _SHOWN)
    made = page(
        request,
        asker,
        "meetings.html",
        found=found,
        past=box is Box.PAST,
        mine=services.meetings.listed(asker.principal, Box.MINE, 0, _SHOWN)[0],
        wanted=services.meetings.listed(asker.principal, Box.WANTED, 0, _SHOWN)[0],
        learning=services.learners.of(asker.principal),
        following=cursors.encode(offset + _SHOWN, *about) if more else None,
        said_so="" if wrong else _SAID.get(told.get("said", ""), ""),
        wrong=sentence(wrong),
    )
    made.status_code = 422 if wrong else 200
    return made


@router.post("")
def teach(request: Request, asker: OwnWriter, services: Wired, topic: Line = "") -> Response:
    """Say that one would teach what one is known for."""
    try:
        services.offers.add(asker.person_id, OfferKind.TEACH, topic)
    except InvalidInput as error:
        return _list(request, asker, services, str(error))
    return RedirectResponse("/sessions?said=teach", 303)


@router.get("/new")
def form(request: Request, asker: OwnWriter, services: Wired) -> Response:
    """The form to offer one, or with ``wish`` to ask for one; ``template``: what it begins with."""
    told = request.query_params
    title = " ".join(told.get("title", "").split())[: limits.MAX_NAME]
    slug, description = told.get("template", ""), ""
    if slug:
        text = services.guides.get(slug, TextKind.TEMPLATE)
        if text.begun is not Begun.SESSION:
            raise NotFound("there is no such template")
        description = text.body
    wish, kind = bool(told.get("wish")), told.get("kind", "")
    return _form(request, asker, Filled(title, kind, description, wish=wish))


@router.post("/new")
def create(
    request: Request,
    asker: OwnWriter,
    services: Wired,
    title: Line = "",
    kind: Short = "",
    description: Text = "",
    level: Short = "",
    starts_at: Short = "",
    minutes: Short = "",
    place: Line = "",
    seats: Short = "",
    reach: Short = "",
    group: Groups = [],  # noqa: B006
    wish: Short = "",
) -> Response:
    """Announce it."""
    filled = Filled(
        title,
        kind,
        description,
        level,
        starts_at,
        minutes,
        place,
        seats,
        reach,
        tuple(group),
        bool(wish),
    )
    try:
        if not (filled.wish or starts_at.strip()):
            raise InvalidInput("say when it begins, or ask for it instead")
        made = services.meetings.create(filled.plan(services.settings.serve.zone), asker.principal)
    except InvalidInput as error:
        return _form(request, asker, filled, str(error))
    return RedirectResponse(f"/sessions/{made}?said=made", 303)


def _form(request: Request, asker: Asker, filled: Filled, wrong: str = "") -> Response:
    made = page(request, asker, "meeting_new.html", **_fields(asker, filled, wrong))
    made.status_code = 422 if wrong else 200
    return made


def _fields(asker: Asker, filled: Filled, wrong: str) -> dict[str, Any]:
    return {
        "filled": filled,
        "kinds": list(meeting.Format),
        "levels": list(Level),
        "groups": sorted(asker.principal.groups.union(filled.groups)),
        "most": meeting.MAX_DESCRIPTION,
        "wrong": sentence(wrong),
    }


@router.get("/{id}")
def show(request: Request, id: PathId, asker: OwnReader, services: Wired) -> Response:
    """A session that is for the asker."""
    found = services.meetings.show(id, asker.principal)
    return _page(request, asker, services, found)


# Each who came is a field of its own.
@router.post("/{id}", form_limits={"max_fields": meeting.MAX_SEATS + 100})
def act(
    request: Request,
    id: PathId,
    asker: OwnWriter,
    services: Wired,
    action: Short = "",
    title: Line = "",
    kind: Short = "",
    description: Text = "",
    level: Short = "",
    starts_at: Short = "",
    minutes: Short = "",
    place: Line = "",
    seats: Short = "",
    reach: Short = "",
    group: Groups = [],  # noqa: B006
    came: Annotated[list[Short], Form(max_length=meeting.MAX_SEATS)] = [],  # noqa: B006
    useful: Short = "",
    relevant: Short = "",
    engaging: Short = "",
    line: Line = "",
    pass_on: Text = "",
) -> Response:
    """Take part or no more, change or cancel it, say who came, or what one thinks of it."""
    who = asker.principal
    found = services.meetings.show(id, who)
    filled = Filled(
        title, kind, description, level, starts_at, minutes, place, seats, reach, tuple(group)
    )
    try:
        if action == "join":
            services.meetings.join(id, who)
        elif action == "leave":
            services.meetings.leave(id, who)
        elif action == "change":
            plan = filled.plan(services.settings.serve.zone)
            services.meetings.change(id, meeting_forms.changed(found, plan), who)
        elif action == "cancel":
            services.meetings.cancel(id, who)
        elif action == "came":
            services.meetings.attended(id, {number_in(one) or 0 for one in came}, who)
        elif action == "poll":
            made = services.polls.answer(
                id, meeting_forms.opinion((useful, relevant, engaging), line, pass_on), who
            )
            if made is not None:
                return RedirectResponse(f"/drafts/{made}?said=passed_on", 303)
        else:
            raise InvalidInput("choose one of the buttons")
    except (InvalidInput, Conflict) as error:
        typed = filled if action == "change" else None
        return _page(request, asker, services, found, error, typed, {"line": line, "pass": pass_on})
    return RedirectResponse(f"/sessions/{id}?said={_DONE[action]}", 303)


_DONE = {
    "join": "joined",
    "leave": "left",
    "change": "changed",
    "cancel": "cancelled",
    "came": "held",
    "poll": "thanks",
}


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    found: Meeting,
    error: WhoknowsError | None = None,
    typed: Filled | None = None,
    said: dict[str, str] | None = None,
) -> Response:
    wrong, now = "" if error is None else str(error), datetime.now(UTC)
    open_ = found.state in (State.WANTED, State.PLANNED)
    over = found.ends_at is not None and found.ends_at <= now
    text = found.plan.description
    made = page(
        request,
        asker,
        "meeting.html",
        **_fields(asker, typed or meeting_forms.filled(found, services.settings.serve.zone), wrong),
        meeting=found,
        changing=typed is not None,
        fixed=meeting_forms.fixed(found) or not found.led,
        description=preview(services, asker.principal, "", text) if text else "",
        open=open_,
        joinable=open_ and not found.joined and not found.hosted and not found.full and not over,
        begun=found.begun(now),
        poll=services.polls.result(found.id, asker.principal) if _has_poll(found) else None,
        taps=list(Tap),
        asked_of=polls.ASKED,
        typed={"line": "", "pass": ""} | (said or {}),
        most_line=polls.MAX_LINE,
        most_passed=polls.MAX_PASSED_ON,
        said="" if wrong else _SAID.get(request.query_params.get("said", ""), ""),
    )
    if error is not None:
        made.status_code = 409 if isinstance(error, Conflict) else 422
    return made


def _has_poll(found: Meeting) -> bool:
    return found.hosted and found.state is State.HELD
