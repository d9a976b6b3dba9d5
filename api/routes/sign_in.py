"""Signing in to the pages with an access token, and out again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import problems
from api.auth.origin import SAFE_METHODS, local_path, refuse_foreign
from api.auth.tokens import COOKIE, TokenDoor
from api.web import rendering
from knowledge.errors import NotFound, NotSignedIn

router = APIRouter(include_in_schema=False)


def _door(request: Request) -> TokenDoor:
    door = request.app.state.door
    if not isinstance(door, TokenDoor):
        raise NotFound("there is nothing to sign in to here")
    return door


TokensOpen = Annotated[TokenDoor, Depends(_door)]
Next = Annotated[str, Form(max_length=2000)]


def sign_in_page(after: str, problem: str = "", status: int = 200) -> Response:
    """The form that asks for a token. ``after``: where to go then; ``problem``: what went wrong."""
    return rendering.bare("sign_in.html", status, next=after, problem=problem)


def ask_or_refuse(request: Request, error: Exception) -> Response:
    """What a caller without a valid token gets: a page leads to the form, the rest is a problem."""
    page = "text/html" in request.headers.get("accept", "") and request.method in SAFE_METHODS
    if not page or request.url.path.startswith("/api/"):
        return problems.of(error)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?{urlencode({'next': here})}", 303)


@router.get("/sign-in")
def show_sign_in(_door: TokensOpen, next: str = "/") -> Response:
    """Ask for a token."""
    return sign_in_page(local_path(next))


@router.post("/sign-in")
def sign_in(
    request: Request,
    door: TokensOpen,
    token: Annotated[str, Form(max_length=200)] = "",
    next: Next = "/",
) -> Response:
    """Keep a valid token in a cookie that only this site's pages send."""
    refuse_foreign(request)
    after = local_path(next)
    try:
        holder = door.holder(token.strip())
    except NotSignedIn as error:
        return sign_in_page(after, str(error), 401)
    left = holder.token.expires_at - datetime.now(UTC)
    response = RedirectResponse(after, 303)
    response.set_cookie(
        COOKIE,
        token.strip(),
        max_age=max(0, int(left.total_seconds())),
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="strict",
    )
    return response


@router.post("/sign-out")
def sign_out(request: Request, _door: TokensOpen) -> Response:
    """Forget the token in this browser; it stays valid elsewhere."""
    refuse_foreign(request)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(
        COOKIE, httponly=True, secure=request.url.scheme == "https", samesite="strict"
    )
    return response
