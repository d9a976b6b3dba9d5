"""Choosing a password by a link, once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api.auth import anybody, slowed
from api.auth.origin import refuse_foreign
from api.auth.serving import ServeDoor
from api.deps import Wired
from api.routes.sign_in import Open, Password
from api.services import Services
from api.web import rendering
from knowledge.errors import InvalidInput, NotFound

router = APIRouter(
    include_in_schema=False,
    dependencies=[anybody("whoever has the link has not signed in yet"), Depends(slowed)],
)

Link = Annotated[str, Path(max_length=200)]


def _page(request: Request, door: ServeDoor, services: Services, link: str, wrong: str) -> Response:
    if not door.settings.local_accounts:
        raise NotFound("nobody signs in with a password here")
    person = services.accounts.invited(link)
    return rendering.bare(
        "invitation.html",
        422 if wrong else 200,
        person=person,
        link=link,
        problem=wrong,
        unkept=door.keeps_no_cookies(request),
    )


@router.get("/invitations/{secret}")
def show(secret: Link, request: Request, door: Open, services: Wired) -> Response:
    """Ask for a password."""
    return _page(request, door, services, secret, "")


@router.post("/invitations/{secret}")
def accept(
    secret: Link,
    request: Request,
    door: Open,
    services: Wired,
    password: Password = "",
    again: Password = "",
) -> Response:
    """Take the password, and begin a session."""
    refuse_foreign(request)
    try:
        if password != again:
            raise InvalidInput("the two passwords differ")
        if not door.settings.local_accounts:
            raise NotFound("nobody signs in with a password here")
        session = services.accounts.accept(secret, password, door.browser(request))
    except InvalidInput as error:
        return _page(request, door, services, secret, str(error))
    return door.let_in(session, "/")
