"""Roles as a page: who is a curator and who an administrator, given and taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Administrator, Asker
from api.deps import Wired
from api.mistakes import MENDABLE, Mistake
from api.schemas.fields import MAX_ID
from api.services import Services
from api.web.rendering import page
from knowledge.errors import InvalidInput
from knowledge.identity import AccountRole

router = APIRouter(prefix="/admin/roles", include_in_schema=False)

Text = Annotated[str, Form(max_length=2000)]
_DONE = {
    "given": "They have it from their next request on.",
    "taken": "They have it no more, from their next request on.",
}
_BLANK = {"email": "", "role": "", "of": ""}
# What a form sends as a role -> the role, and which field says of what.
_CHOICES = {
    "administrator": (AccountRole.ADMINISTRATOR, ""),
    "source": (AccountRole.CURATOR, "source"),
    "topic": (AccountRole.CURATOR, "topic"),
}


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    *,
    told: dict[str, str] | None = None,
    said: str = "",
    mistake: Mistake = mistakes.NONE,
) -> Response:
    sources = services.sources.of(asker.principal, asker.standing, asker.owner)
    made = page(
        request,
        asker,
        "roles.html",
        held=services.roles.everybody(asker.principal),
        sources=[one.name for one in sources if not one.own and not one.written],
        told=told or _BLANK,
        said=said,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made


@router.get("")
def show(
    request: Request,
    asker: Administrator,
    services: Wired,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """All who are more than members."""
    return _page(request, asker, services, said=_DONE.get(done, ""))


@router.post("")
def grant(
    request: Request,
    asker: Administrator,
    services: Wired,
    email: Text = "",
    role: Text = "",
    of: Text = "",
) -> Response:
    """Give somebody a role."""
    try:
        kind, field = _chosen(role)
        given = {field: of.strip()} if field else {}
        person = services.roles.colleague(email)
        services.roles.grant(person, kind, asker.owner, seen_by=asker.principal, **given)
    except MENDABLE as error:
        told = {"email": email, "role": role, "of": of}
        return _page(request, asker, services, told=told, mistake=mistakes.of(request, error))
    return RedirectResponse("/admin/roles?done=given", 303)


@router.post("/withdraw")
def withdraw(
    person: Annotated[int, Form(ge=1, le=MAX_ID)],
    request: Request,
    asker: Administrator,
    services: Wired,
    role: Text = "",
    of: Text = "",
) -> Response:
    """Take one back."""
    try:
        kind, field = _chosen(role)
        given = {field: of} if field else {}
        services.roles.withdraw(person, kind, asker.owner, **given)
    except MENDABLE as error:
        return _page(request, asker, services, mistake=mistakes.of(request, error))
    return RedirectResponse("/admin/roles?done=taken", 303)


def _chosen(told: str) -> tuple[AccountRole, str]:
    if told not in _CHOICES:
        raise InvalidInput("choose a role")
    return _CHOICES[told]
