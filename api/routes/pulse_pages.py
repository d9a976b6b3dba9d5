"""Whether learning from each other works, as a page: it works without scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Asker, OwnReader, OwnWriter
from api.deps import PathId, Wired
from api.mistakes import MENDABLE, Mistake
from api.routes.reviews import check
from api.services import Services
from api.web import aiming, measuring
from api.web.aiming import Typed
from api.web.rendering import page
from knowledge.errors import NotFound
from knowledge.measures.interventions import MAX_PARTITIONS
from knowledge.measures.kinds import COMPANY, Measure
from knowledge.meeting import Box, State

router = APIRouter(prefix="/pulse", include_in_schema=False)

_STORIES = 10
_HELD = 20
_SAID = {
    "set": "The goal is set.",
    "changed": "It is changed.",
    "noted": "It is noted. What came of it is told when there are months enough.",
    "deleted": "It is deleted.",
}

Short = Annotated[str, Form(max_length=40)]
Name = Annotated[str, Form(max_length=400)]
Partitions = Annotated[list[Name], Form(max_length=MAX_PARTITIONS)]


@router.get("")
def show(
    request: Request,
    asker: OwnReader,
    services: Wired,
    of: Annotated[str, Query(max_length=400)] = COMPANY,
) -> Response:
    """All measures: of the whole company, or of one team beside it."""
    check(asker)
    return _page(request, asker, services, of)


@router.post("/goals")
def set_goal(
    request: Request,
    asker: OwnWriter,
    services: Wired,
    measure: Short = "",
    of: Name = COMPANY,
    target: Short = "",
    due: Short = "",
) -> Response:
    """Set one."""
    check(asker)
    typed = Typed(measure, of, target, due)
    try:
        given = aiming.given_goal(typed, _measures(services))
        services.goals.create(given, asker.principal, asker.standing)
    except MENDABLE as error:
        return _wrong(request, asker, services, error, typed, "goal-new")
    return RedirectResponse("/pulse?said=set#goals", 303)


@router.post("/goals/{id}")
def change_goal(
    request: Request,
    id: PathId,
    asker: OwnWriter,
    services: Wired,
    action: Short = "",
    measure: Short = "",
    of: Name = COMPANY,
    target: Short = "",
    due: Short = "",
) -> Response:
    """Set one otherwise, or take it back."""
    check(asker)
    if action == "delete":
        services.goals.remove(id, asker.standing)
        return RedirectResponse("/pulse?said=deleted#goals", 303)
    services.goals.get(id, asker.standing)
    typed = Typed(measure, of, target, due)
    try:
        given = aiming.given_goal(typed, _measures(services))
        services.goals.replace(id, given, asker.standing)
    except MENDABLE as error:
        return _wrong(request, asker, services, error, typed, f"goal-{id}")
    return RedirectResponse("/pulse?said=changed#goals", 303)


@router.post("/interventions")
def note(
    request: Request,
    asker: OwnWriter,
    services: Wired,
    name: Name = "",
    measure: Short = "",
    start: Short = "",
    of: Partitions = [],  # noqa: B006
) -> Response:
    """Note what is tried."""
    check(asker)
    typed = Typed(measure, name=name, start=start, partitions=tuple(of))
    try:
        given = aiming.given_intervention(typed, _measures(services))
        services.interventions.create(given, asker.principal, asker.standing)
    except MENDABLE as error:
        return _wrong(request, asker, services, error, typed, "tried-new")
    return RedirectResponse("/pulse?said=noted#interventions", 303)


@router.post("/interventions/{id}")
def change_noted(
    request: Request,
    id: PathId,
    asker: OwnWriter,
    services: Wired,
    action: Short = "",
    name: Name = "",
    measure: Short = "",
    start: Short = "",
    of: Partitions = [],  # noqa: B006
) -> Response:
    """Note it otherwise, or take it back."""
    check(asker)
    if action == "delete":
        services.interventions.remove(id, asker.standing)
        return RedirectResponse("/pulse?said=deleted#interventions", 303)
    services.interventions.get(id, asker.standing)
    typed = Typed(measure, name=name, start=start, partitions=tuple(of))
    try:
        given = aiming.given_intervention(typed, _measures(services))
        services.interventions.replace(id, given, asker.standing)
    except MENDABLE as error:
        return _wrong(request, asker, services, error, typed, f"tried-{id}")
    return RedirectResponse("/pulse?said=changed#interventions", 303)


def _measures(services: Services) -> dict[str, Measure]:
    return aiming.by_key(services.measures.definitions())


def _wrong(
    request: Request,
    asker: Asker,
    services: Services,
    error: Exception,
    typed: Typed,
    opened: str,
) -> Response:
    mistake = mistakes.of(request, error)
    return _page(request, asker, services, COMPANY, mistake, typed, opened)


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    of: str,
    mistake: Mistake = mistakes.NONE,
    typed: Typed | None = None,
    opened: str = "",
) -> Response:
    """``opened``: the form that was sent, ``typed`` what stands in it, and ``mistake`` what is
    wrong with that."""
    standing, measures = asker.standing, _measures(services)
    months = [one.month for one in services.measures.months(standing)]
    series = services.measures.all_series(standing)
    names = dict(measuring.partitions(series))
    if of not in names:
        raise NotFound("nothing is told of such a team")
    made = page(
        request,
        asker,
        "pulse.html",
        of=of,
        names=names,
        months=months,
        sections=measuring.sections(series, of, months) if months else [],
        stories=services.reviews.stories(asker.principal, standing, _STORIES),
        lines=_lines(services, asker),
        measures=measures.values(),
        goals=[aiming.goal(one, measures) for one in services.goals.all_of_them(standing)],
        tried=[aiming.tried(one, measures) for one in services.interventions.all_of_them(standing)],
        blank=Typed(partitions=(COMPANY,)),
        typed=typed,
        opened=opened,
        mistake=mistake,
        said="" if mistake.said else _SAID.get(request.query_params.get("said", ""), ""),
    )
    made.status_code = mistake.status
    return made


def _lines(services: Services, asker: Asker) -> list[tuple[str, int, str]]:
    """What was said of the last sessions that the asker held: title, id and line."""
    found, _ = services.meetings.listed(asker.principal, Box.PAST, 0, _HELD)
    return [
        (one.plan.title, one.id, line)
        for one in found
        if one.hosted and one.state is State.HELD
        for line in services.polls.result(one.id, asker.principal).lines
    ]
