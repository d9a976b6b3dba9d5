"""Who asks, and where they are signed in, on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from knowledge.identity import Session
from knowledge.types import Scope


class Myself(BaseModel):
    """A colleague, to themselves."""

    id: int
    name: str


class SessionOut(BaseModel):
    """Who asks, and what they may do."""

    person: Myself | None = Field(description="Nobody for a token that belongs to nobody.")
    scopes: list[Scope]
    administrator: bool
    sources: list[str] = Field(description="Sources that they are a curator of.")
    topics: list[str] = Field(description="Topics that they are a curator of.")
    csrf: str | None = Field(
        description="What a page sends as `X-CSRF-Token` with every request that changes "
        "something; nothing for tokens, which need none."
    )


class SignedInOut(BaseModel):
    """One browser that is signed in."""

    id: int
    agent: str = Field(description="What the browser calls itself.")
    created_at: datetime
    seen_at: datetime = Field(description="When it was last used, to about a minute.")
    expires_at: datetime
    current: bool = Field(description="Whether this request comes from it.")


class SignedInList(BaseModel):
    """Where somebody is signed in, the newest first."""

    sessions: list[SignedInOut]


def signed_in_out(session: Session, current: int | None) -> SignedInOut:
    """A session as it is sent."""
    return SignedInOut(
        id=session.id,
        agent=session.agent,
        created_at=session.created_at,
        seen_at=session.seen_at,
        expires_at=session.expires_at,
        current=session.id == current,
    )
