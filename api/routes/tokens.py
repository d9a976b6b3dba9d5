"""Access tokens: one's own, and everybody's for administrators. Secrets are shown once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api import cursors
from api.auth import Administrator, Oneself
from api.conditions import IdempotencyKey, request_key
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.tokens import (
    HeldTokenList,
    MadeToken,
    NewToken,
    Rotation,
    TokenList,
    TokensQuestion,
    held_token_out,
    token_out,
)

router = APIRouter(prefix=f"{V1}/tokens", tags=["tokens"])


@router.get("")
def own(asked: Annotated[TokensQuestion, Query()], asker: Oneself, services: Wired) -> TokenList:
    """Your tokens, the newest first, with when each was last used."""
    about = ("tokens", asker.owner)
    below = cursors.decode(asked.cursor, *about)
    found = services.tokens.own(asker.person_id, asked.limit + 1, below)
    page = found[: asked.limit]
    more = len(found) > asked.limit
    following = cursors.encode(page[-1].id, *about) if more else None
    now = datetime.now(UTC)
    return TokenList(tokens=[token_out(one, now) for one in page], next_cursor=following)


@router.post(
    "",
    status_code=201,
    responses={
        409: {"description": "You have too many, or this request made one before"},
        507: {"description": "The disk is full; nothing was kept"},
    },
)
def create(
    given: NewToken,
    asker: Oneself,
    services: Wired,
    idempotency_key: IdempotencyKey = None,
) -> MadeToken:
    """Make a token that reads as you and does what you name, as long as you may do it yourself.

    Only when signed in: who comes with a token makes no other. A repeated request makes none, and
    cannot show the secret again.
    """
    key = request_key(asker, idempotency_key, "POST tokens", given)
    token, secret = services.tokens.create_own(
        asker.person_id, given.name, given.scopes, given.days, key
    )
    return MadeToken(token=token_out(token, datetime.now(UTC)), secret=secret)


@router.get("/all")
def everybody_s(
    asked: Annotated[TokensQuestion, Query()], asker: Administrator, services: Wired
) -> HeldTokenList:
    """Everybody's tokens, the newest first, and whose they are where you may see them."""
    below = cursors.decode(asked.cursor, "all tokens")
    found = services.tokens.page(asker.principal, asked.limit + 1, below)
    page = found[: asked.limit]
    more = len(found) > asked.limit
    following = cursors.encode(page[-1][0].id, "all tokens") if more else None
    now = datetime.now(UTC)
    return HeldTokenList(
        tokens=[held_token_out(token, holder, now) for token, holder in page],
        next_cursor=following,
    )


@router.delete("/all/{id}", status_code=204)
def revoke_any(id: PathId, asker: Administrator, services: Wired) -> None:
    """Withdraw anybody's token; its next request is refused."""
    services.tokens.revoke(id, asker.owner)


@router.post(
    "/{id}/rotate",
    status_code=201,
    responses={
        409: {"description": "It no longer works, or was rotated already"},
        507: {"description": "The disk is full; nothing was kept"},
    },
)
def rotate(id: PathId, given: Rotation, asker: Oneself, services: Wired) -> MadeToken:
    """Get a new secret for a token that you made; the old one works on for a while."""
    overlap = timedelta(hours=given.overlap_hours)
    token, secret = services.tokens.rotate(id, overlap=overlap, own=asker.person_id)
    return MadeToken(token=token_out(token, datetime.now(UTC)), secret=secret)


@router.delete("/{id}", status_code=204)
def revoke(id: PathId, asker: Oneself, services: Wired) -> None:
    """Withdraw a token of yours, whoever made it; its next request is refused."""
    services.tokens.revoke(id, asker.owner, own=asker.person_id)
