"""Topics as pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors, mistakes
from api.auth import Administrator, Asker, Reader
from api.deps import PathId, Wired
from api.mistakes import MENDABLE, Mistake
from api.routes.topics import is_admin
from api.schemas.fields import number_in
from api.services import Services
from api.web.rendering import page
from indexer.leaving import leaving
from knowledge.errors import NotFound
from knowledge.topics import KEEP

router = APIRouter(include_in_schema=False)

_SHOWN = 20
Text = Annotated[str, Form(max_length=400)]


@router.get("/topics")
def topics(request: Request, asker: Reader, services: Wired) -> Response:
    """All of which one may read something."""
    found = services.topics.all_of_them(asker.principal, admin=is_admin(asker))
    return page(request, asker, "topics.html", topics=found)


@router.get("/topics/{id}")
def topic(
    request: Request,
    id: PathId,
    asker: Reader,
    services: Wired,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    said: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """One of them."""
    return _page(request, asker, services, id, cursor=cursor, said=bool(said))


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    id: int,
    *,
    cursor: str | None = None,
    said: bool = False,
    mistake: Mistake = mistakes.NONE,
    typed: dict[str, str] | None = None,
) -> Response:
    about = ("topic page", id)
    offset = cursors.decode(cursor or None, *about) or 0
    admin = is_admin(asker)
    found, more = services.topics.show(
        id, asker.principal, admin=admin, offset=offset, limit=_SHOWN
    )
    at_risk = found.at_risk_told
    made = page(
        request,
        asker,
        "topic.html",
        found=found,
        topic=found.topic,
        risk=services.topics.risk(id, asker.principal, admin=admin) if at_risk else None,
        following=cursors.encode(offset + _SHOWN, *about) if more else None,
        said="It holds from now on, over all later runs." if said else "",
        mistake=mistake,
        typed=typed or {"name": found.topic.name if found.topic.called else "", "steward": ""},
    )
    made.status_code = mistake.status
    return made


@router.post("/topics/{id}")
def change(
    request: Request,
    id: PathId,
    asker: Administrator,
    services: Wired,
    name: Text = "",
    steward: Text = "",
    nobody: Text = "",
) -> Response:
    """Call it otherwise, or entrust it to somebody."""
    try:
        entrusted: int | object | None = None if nobody else KEEP
        if steward.strip() and not nobody:
            entrusted = services.roles.colleague(steward)
        principal, by = asker.principal, asker.owner
        services.stewardship.change(id, principal, by, name=name, steward_id=entrusted)
    except MENDABLE as error:
        told = {"name": name, "steward": steward}
        mistake = mistakes.of(request, error)
        return _page(request, asker, services, id, mistake=mistake, typed=told)
    return RedirectResponse(f"/topics/{id}?said=yes", 303)


@router.get("/admin/leaving")
def lost(
    request: Request,
    asker: Reader,
    services: Wired,
    person: Annotated[str, Query(max_length=40)] = "",
    email: Annotated[str, Query(max_length=320)] = "",
) -> Response:
    """What would be lost if somebody left: of a ``person``'s id, or of whoever has an address."""
    admin = is_admin(asker)
    steward = asker.person is not None and services.topics.keeps_some(asker.principal)
    if not (admin or steward):
        raise NotFound("there is no such page for you")
    mistake, found = mistakes.NONE, None
    try:
        key = number_in(person) or (services.roles.colleague(email) if email else None)
        if key is not None:
            found = leaving(services.topics, key, asker.principal, admin=admin)
    except MENDABLE as error:
        mistake = mistakes.of(request, error)
    made = page(
        request,
        asker,
        "leaving.html",
        found=found,
        mistake=mistake,
        email=email if mistake.said else "",
    )
    made.status_code = mistake.status
    return made
