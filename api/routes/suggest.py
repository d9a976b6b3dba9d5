"""What the letters typed so far may become."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import ReaderAnywhere
from api.deps import Wired
from api.routes import V1
from api.schemas.suggest import SuggestionOut, Suggestions, SuggestQuestion
from knowledge.suggest import suggestions

router = APIRouter(prefix=V1, tags=["search"])


@router.get("/suggest")
def suggest(
    asked: Annotated[SuggestQuestion, Query()], asker: ReaderAnywhere, services: Wired
) -> Suggestions:
    """Titles, people and tags with words that begin with each of the words typed.

    Case and accents do not matter. Only what you may read is suggested.
    """
    found = suggestions(services.database, asked.q, asker.principal, asked.limit)
    return Suggestions(
        suggestions=[SuggestionOut(kind=s.kind, text=s.text, id=s.id) for s in found]
    )
