"""Suggestions on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.fields import Given, Storable, Told
from knowledge.suggest import Suggested


class SuggestQuestion(Given):
    """What was typed so far."""

    q: Annotated[
        str, Field(min_length=1, max_length=200, description="The letters so far."), Storable
    ]
    limit: Annotated[int, Field(ge=1, le=20, description="How many at most.")] = 8


class SuggestionOut(Told):
    """A title, colleague or tag that begins so."""

    kind: Suggested
    text: str
    id: int | None = Field(description="The document's or person's; null for a tag.")


class Suggestions(Told):
    """Documents first, then people, then tags."""

    suggestions: list[SuggestionOut]
