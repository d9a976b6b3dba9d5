"""Access tokens on the wire. A secret stands only in the answer to the request that made it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schemas.fields import Cursor, Given, Id, NextCursor, Storable, Told
from knowledge.identity import AccessToken
from knowledge.tokens import LONGEST_OVERLAP, OPERATOR_MADE, OVERLAP, OWN_DAYS, works
from knowledge.types import Person, Scope

_HOUR = timedelta(hours=1)


class TokensQuestion(Given):
    """How much of a list, and from where on."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many at most.")] = 50
    cursor: Cursor | None = None


class NewToken(Given):
    """A token of one's own."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200), Storable] = Field(
        description="What it is for."
    )
    scopes: Annotated[
        list[Scope],
        Field(min_length=1, max_length=len(Scope), description="What it may do that you may."),
    ]
    days: Annotated[int, Field(ge=1, le=OWN_DAYS, description="How long it lasts.")] = 90


class Rotation(Given):
    """How a token gets a new secret."""

    overlap_hours: Annotated[
        int,
        Field(ge=0, le=LONGEST_OVERLAP // _HOUR, description="How long the old one works on."),
    ] = OVERLAP // _HOUR


class TokenOut(Told):
    """A token without its secret."""

    id: int
    name: str
    scopes: list[Scope]
    state: Literal["works", "expired", "revoked"]
    made_by: Literal["operator", "person"] = Field(
        description="What a person made does nothing that they may not do now."
    )
    replaces: int | None = Field(description="The token whose place it took.")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None


class MadeToken(Told):
    """A new token with its secret."""

    token: TokenOut
    secret: str = Field(description="Keep it: it is not shown again.")


class TokenList(Told):
    """Your tokens, the newest first."""

    tokens: list[TokenOut]
    next_cursor: NextCursor


class HolderOut(Told):
    """Whom a token reads as."""

    id: Id
    name: str


class HeldTokenOut(TokenOut):
    """A token, and whose it is as far as you may see them."""

    holder: HolderOut | None


class HeldTokenList(Told):
    """Everybody's tokens, the newest first."""

    tokens: list[HeldTokenOut]
    next_cursor: NextCursor


def token_out(token: AccessToken, now: datetime) -> TokenOut:
    """A token as it is told."""
    return TokenOut.model_validate(_told(token, now))


def held_token_out(token: AccessToken, holder: Person | None, now: datetime) -> HeldTokenOut:
    """A token as administrators are told of it."""
    whose = None if holder is None else {"id": holder.id, "name": holder.name}
    return HeldTokenOut.model_validate({**_told(token, now), "holder": whose})


def _told(token: AccessToken, now: datetime) -> dict[str, object]:
    ended = "expired" if token.revoked_at is None else "revoked"
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "state": "works" if works(token, now) else ended,
        "made_by": "operator" if token.made_by == OPERATOR_MADE else "person",
        "replaces": token.replaces,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    }
