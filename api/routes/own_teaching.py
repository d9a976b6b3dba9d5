"""What somebody sets themselves and how long they teach, as a page: for them alone, with forms."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Asker, OwnReader, OwnWriter
from api.deps import Wired
from api.mistakes import of
from api.schemas.fields import number_in
from api.services import Services
from api.web.rendering import page
from knowledge.errors import InvalidInput
from knowledge.milestones import Deed
from knowledge.teaching_time import USUAL, Act
from knowledge.types import Level

router = APIRouter(prefix="/me", include_in_schema=False)

Short = Annotated[str, Form(max_length=40)]
_SAID = {
    "set": "It is counted from now on. Only you see it.",
    "taken": "It is taken back.",
    "minutes": "The sums below follow what you said.",
}


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    wrong: str = "",
    place: str = "",
    **typed: str,
) -> Response:
    """``wrong``: what was wrong with the form of a ``place``, and what was ``typed`` into it."""
    said = request.query_params.get("said", "")
    time = services.teaching_time.of(asker.principal)
    made = page(
        request,
        asker,
        "milestones.html",
        milestones=services.milestones.of(asker.principal),
        deeds=list(Deed),
        time=time,
        acts=[(act, time.said.get(act), USUAL[act]) for act in Act],
        said="" if wrong else _SAID.get(said, ""),
        place=place or ("minutes" if said == "minutes" else "set"),
        wrong=wrong,
        typed={"deed": "", "number": "", "due": ""} | typed,
    )
    made.status_code = 422 if wrong else 200
    return made


@router.get("/milestones")
def show(request: Request, asker: OwnReader, services: Wired) -> Response:
    """How far one is, and how long one taught."""
    return _page(request, asker, services)


@router.post("/milestones")
def change(
    request: Request,
    asker: OwnWriter,
    services: Wired,
    deed: Short = "",
    number: Short = "",
    due: Short = "",
    take_back: Short = "",
    note: Short = "",
    writeup: Short = "",
    answer: Short = "",
    review: Short = "",
    action: Short = "",
) -> Response:
    """Set oneself something, take it back, or say how long an act takes."""
    if take_back:
        services.milestones.remove(asker.principal, number_in(take_back) or 0)
        return _back("taken")
    if action == "minutes":
        told = dict(zip(Act, (note, writeup, answer, review), strict=True))
        try:
            minutes = {act: _minutes(text) for act, text in told.items()}
            services.teaching_time.say(asker.principal, minutes)
        except InvalidInput as error:
            return _page(request, asker, services, of(request, error).said, "minutes")
        return _back("minutes")
    try:
        if deed not in set(Deed):
            raise InvalidInput("choose what is counted")
        amount = number_in(number.strip())
        if amount is None:
            raise InvalidInput("say how many, as a number")
        services.milestones.add(asker.principal, Deed(deed), amount, _day(due))
    except InvalidInput as error:
        typed = {"deed": deed, "number": number, "due": due}
        return _page(request, asker, services, of(request, error).said, "set", **typed)
    return _back("set")


@router.post("/level")
def level(asker: OwnWriter, services: Wired, level: Short = "") -> Response:
    """Say for whom what one reads should be written."""
    services.levels.say(asker.principal, Level(level) if level in set(Level) else None)
    return RedirectResponse("/me?said=level#level", 303)


def _minutes(text: str) -> int | None:
    told = text.strip()
    if not told:
        return None
    number = number_in(told, least=0)
    if number is None:
        raise InvalidInput("write minutes as a number, or nothing for the usual")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput("write the day as 2026-01-31") from error


def _back(said: str) -> Response:
    place = "time" if said == "minutes" else "set"
    return RedirectResponse(f"/me/milestones?said={said}#{place}", 303)
