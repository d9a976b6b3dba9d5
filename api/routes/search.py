"""Searching for answers, and for the people who know."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api import cursors
from api.auth import SearcherAnywhere
from api.deps import Wired
from api.routes import V1
from api.schemas.results import SearchResponse, search_response
from api.schemas.search import SearchQuestion
from knowledge.errors import NotAllowed
from knowledge.types import Scope

router = APIRouter(prefix=V1, tags=["search"])


@router.get("/search")
def search(
    asked: Annotated[SearchQuestion, Query()], asker: SearcherAnywhere, services: Wired
) -> SearchResponse:
    """Find passages that answer, one a document, and the colleagues who know.

    With `document` set the answers are passages of those documents instead. Everything, counts
    and people included, comes from documents that you may read.
    """
    if asked.explain and Scope.ADMIN not in asker.scopes:
        raise NotAllowed("explain needs the scope 'admin': scores tell of what is hidden")
    request = asked.request()
    found = services.search(request, asker.principal)
    return search_response(
        found.result,
        query_id=found.query_id,
        took_ms=found.took_ms,
        next_cursor=cursors.following(request, found.result),
        explain=asked.explain,
    )
