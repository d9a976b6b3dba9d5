"""One's own access tokens as a page. A secret is shown once, in answer to what made it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors, mistakes
from api.auth import Asker, Oneself
from api.conditions import request_key
from api.deps import PathId, Wired
from api.mistakes import MENDABLE, Mistake
from api.schemas.fields import Cursor
from api.schemas.tokens import MadeToken, NewToken, Rotation, token_out
from api.services import Services
from api.web.rendering import page
from knowledge.types import Scope

router = APIRouter(prefix="/account/tokens", include_in_schema=False)

_SHOWN = 50
_BLANK = {"name": "", "days": "90"}
Text = Annotated[str, Form(max_length=2000)]


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    *,
    made: MadeToken | None = None,
    cursor: str | None = None,
    told: dict[str, str] | None = None,
    scopes: list[str] | None = None,
    said: str = "",
    mistake: Mistake = mistakes.NONE,
) -> Response:
    about = ("own tokens", asker.owner)
    found = services.tokens.own(asker.person_id, _SHOWN + 1, cursors.decode(cursor, *about))
    shown, now = found[:_SHOWN], datetime.now(UTC)
    response = page(
        request,
        asker,
        "account_tokens.html",
        tokens=[token_out(one, now) for one in shown],
        replaced={one.replaces for one in found},
        following=cursors.encode(shown[-1].id, *about) if len(found) > _SHOWN else None,
        may=[scope for scope in Scope if scope in asker.scopes],
        made=made,
        told=told or _BLANK,
        chosen=["search"] if scopes is None else scopes,
        key=uuid.uuid4().hex,
        said=said,
        mistake=mistake,
    )
    response.status_code = mistake.status
    return response


@router.get("")
def show(
    request: Request,
    asker: Oneself,
    services: Wired,
    cursor: Cursor | None = None,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One's tokens, the newest first, and the form for another."""
    said = "The token is withdrawn: its next request is refused." if done == "revoked" else ""
    return _page(request, asker, services, cursor=cursor, said=said)


@router.post("")
def create(
    request: Request,
    asker: Oneself,
    services: Wired,
    name: Text = "",
    scopes: Annotated[list[str] | None, Form(max_length=10)] = None,
    days: Text = "90",
    key: Annotated[str, Form(max_length=100, pattern="^[0-9a-f]*$")] = "",
) -> Response:
    """Make one, and show its secret."""
    chosen = scopes or []
    try:
        given = NewToken.model_validate({"name": name, "scopes": chosen, "days": days})
        # The form sent again, as by loading the page again, makes no second one.
        once = request_key(asker, key or None, "POST /account/tokens", given)
        token, secret = services.tokens.create_own(
            asker.person_id, given.name, given.scopes, given.days, once
        )
    except MENDABLE as error:
        told = {"name": name, "days": days}
        mistake = mistakes.of(request, error)
        return _page(request, asker, services, told=told, scopes=chosen, mistake=mistake)
    made = MadeToken(token=token_out(token, datetime.now(UTC)), secret=secret)
    return _page(request, asker, services, made=made)


@router.post("/{id}/rotate")
def rotate(
    id: PathId, request: Request, asker: Oneself, services: Wired, overlap_hours: Text = "24"
) -> Response:
    """A new secret for one; the old one works on for a while."""
    try:
        given = Rotation.model_validate({"overlap_hours": overlap_hours})
        overlap = timedelta(hours=given.overlap_hours)
        token, secret = services.tokens.rotate(id, overlap=overlap, own=asker.person_id)
    except MENDABLE as error:
        return _page(request, asker, services, mistake=mistakes.of(request, error))
    made = MadeToken(token=token_out(token, datetime.now(UTC)), secret=secret)
    return _page(request, asker, services, made=made)


@router.post("/{id}/revoke")
def revoke(id: PathId, asker: Oneself, services: Wired) -> Response:
    """Withdraw one."""
    services.tokens.revoke(id, asker.owner, own=asker.person_id)
    return RedirectResponse("/account/tokens?done=revoked", 303)
