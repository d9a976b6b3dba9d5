"""Signing in at the company's OpenID provider, and coming back from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import anybody, cookies, slowed
from api.auth.origin import local_path
from api.auth.serving import SIGN_IN_LASTS_S, ServeDoor
from api.deps import Wired
from api.routes.sign_in import Open, sign_in_page
from knowledge.errors import NotAllowed, NotFound, WhoknowsError

if TYPE_CHECKING:
    from api.auth.oidc import Provider

router = APIRouter(
    prefix="/sign-in/oidc",
    include_in_schema=False,
    dependencies=[
        anybody("nobody has signed in before they come back from the provider"),
        Depends(slowed),
    ],
)


def _provider(door: ServeDoor) -> Provider:
    if door.provider is None:
        raise NotFound("nobody signs in at a provider here")
    return door.provider


@router.get("")
def begin(request: Request, door: Open, next: str = "/") -> Response:
    """Send the browser to the provider."""
    after = local_path(next[:2000])
    try:
        url, kept = _provider(door).begin(after)
    except NotFound:
        raise
    except WhoknowsError as error:
        return sign_in_page(request, door, after, error)
    response = RedirectResponse(url, 303)
    cookies.keep(response, cookies.OIDC, kept, SIGN_IN_LASTS_S)
    return response


@router.get("/callback")
def finish(request: Request, door: Open, services: Wired, state: str = "") -> Response:
    """Take the provider's answer, and begin a session for whom it means."""
    provider = _provider(door)
    after = "/"
    try:
        begun = provider.begun(cookies.read(request, cookies.OIDC), state)
        after = begun.next
        # Else one sign-in that has begun would make us ask the provider as often as anybody likes.
        if not door.finished.use(begun.state):
            raise NotAllowed("this sign-in came to its end already; begin again")
        claims = provider.finish(begun, request.query_params)
        session = services.identities.sign_in(
            claims, door.proxies.client(request), door.browser(request)
        )
        response: Response = door.let_in(session, after)
    except WhoknowsError as error:
        response = sign_in_page(request, door, after, error)
    # Whatever came of it, it is used.
    cookies.drop(response, cookies.OIDC)
    return response
