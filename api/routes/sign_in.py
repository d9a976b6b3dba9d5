"""Signing in to the pages and out again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import problems
from api.auth import anybody, cookies, csrf, slowed
from api.auth.origin import SAFE_METHODS, local_path, refuse_foreign
from api.auth.serving import ServeDoor
from api.deps import Wired
from api.web import rendering
from knowledge.errors import NotFound, WhoknowsError

router = APIRouter(
    include_in_schema=False,
    dependencies=[anybody("nobody has signed in before they do, and whoever has may end it")],
)

# Longer than any that is taken, so that its length is what is said of it.
Password = Annotated[str, Form(max_length=2000)]
Next = Annotated[str, Form(max_length=2000)]


def _door(request: Request) -> ServeDoor:
    door = request.app.state.door
    if not isinstance(door, ServeDoor):
        raise NotFound("there is nothing to sign in to here")
    return door


Open = Annotated[ServeDoor, Depends(_door)]


def sign_in_page(
    request: Request, door: ServeDoor, after: str, problem: WhoknowsError | None = None
) -> Response:
    """The ways to sign in. ``after``: where to go then; ``problem``: what went wrong."""
    refused = problems.of(problem) if problem else None
    page = rendering.bare(
        "sign_in.html",
        refused.status_code if refused else 200,
        next=after,
        problem=str(problem) if problem else "",
        provider=door.settings.oidc_name if door.provider else "",
        local=door.settings.local_accounts,
        proxied=door.proxies.say_who,
        unkept=door.keeps_no_cookies(request),
    )
    if refused and "retry-after" in refused.headers:
        page.headers["Retry-After"] = refused.headers["retry-after"]
    return page


def ask_or_refuse(request: Request, error: Exception) -> Response:
    """What a caller gets who is not signed in: a page leads to the form, the rest is a problem."""
    page = "text/html" in request.headers.get("accept", "") and request.method in SAFE_METHODS
    if not page or request.url.path.startswith("/api/"):
        return problems.of(error)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?{urlencode({'next': here})}", 303)


@router.get("/sign-in")
def show_sign_in(request: Request, door: Open, next: str = "/") -> Response:
    """Show the ways in."""
    return sign_in_page(request, door, local_path(next))


@router.post("/sign-in/password", dependencies=[Depends(slowed)])
def sign_in(
    request: Request,
    door: Open,
    services: Wired,
    email: Annotated[str, Form(max_length=2000)] = "",
    password: Password = "",
    next: Next = "/",
) -> Response:
    """Begin a session for whom address and password belong to."""
    refuse_foreign(request)
    if not door.settings.local_accounts:
        raise NotFound("nobody signs in with a password here")
    after = local_path(next)
    try:
        session = services.accounts.sign_in(
            email, password, door.proxies.client(request), door.browser(request)
        )
    except WhoknowsError as error:
        return sign_in_page(request, door, after, error)
    return door.let_in(session, after)


@router.post("/sign-out", dependencies=[Depends(csrf.submitted)])
def sign_out(request: Request, _door: Open, services: Wired) -> Response:
    """End the session of this browser."""
    refuse_foreign(request)
    secret = cookies.read(request, cookies.SESSION)
    if secret:
        csrf.check(request, csrf.token_of(secret))
        services.sessions.sign_out(secret)
    response = RedirectResponse("/sign-in", 303)
    cookies.drop(response, cookies.SESSION)
    return response
