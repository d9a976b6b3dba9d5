"""What somebody wants to be told of when it can be answered, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Storable, Told
from knowledge.asked import MAX_TEXT, Wish


class GivenWish(Given):
    """What you want to be told of."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), Storable]


class WishOut(Told):
    """What you want to be told of."""

    id: int
    text: str
    at: datetime
    answered_at: datetime | None = Field(
        description="Since when a search of yours for it is confident, if it is; looked at when "
        "you ask, at most once an hour."
    )


class WishList(Told):
    """All of yours, the oldest first."""

    wishes: list[WishOut]


def wish_out(one: Wish) -> WishOut:
    """One of them."""
    return WishOut(id=one.id, text=one.text, at=one.at, answered_at=one.told_at)
