"""Everybody's access tokens as a page, for administrators: seen, and withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors
from api.auth import Administrator
from api.deps import PathId, Wired
from api.schemas.fields import Cursor
from api.schemas.tokens import held_token_out
from api.web.rendering import page

router = APIRouter(prefix="/admin/tokens", include_in_schema=False)

_SHOWN = 50


@router.get("")
def show(
    request: Request,
    asker: Administrator,
    services: Wired,
    cursor: Cursor | None = None,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """All of them, the newest first."""
    below = cursors.decode(cursor, "all tokens")
    found = services.tokens.page(asker.principal, _SHOWN + 1, below)
    shown, now = found[:_SHOWN], datetime.now(UTC)
    return page(
        request,
        asker,
        "tokens.html",
        tokens=[held_token_out(token, holder, now) for token, holder in shown],
        following=cursors.encode(shown[-1][0].id, "all tokens") if len(found) > _SHOWN else None,
        said="Its next request is refused." if done == "revoked" else "",
    )


@router.post("/{id}/revoke")
def revoke(id: PathId, asker: Administrator, services: Wired) -> Response:
    """Withdraw one."""
    services.tokens.revoke(id, asker.owner)
    return RedirectResponse("/admin/tokens?done=revoked", 303)
