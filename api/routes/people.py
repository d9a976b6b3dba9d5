"""The people who know, and what may be seen of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api import cursors
from api.auth import Reader, SearcherAnywhere
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.people import PeopleQuestion, PersonPage, ProfileQuestion, person_page
from api.schemas.results import PeopleResponse, people_response

router = APIRouter(prefix=f"{V1}/people", tags=["people"])


@router.get("")
def people(
    asked: Annotated[PeopleQuestion, Query()], asker: SearcherAnywhere, services: Wired
) -> PeopleResponse:
    """Find the colleagues who know, each with a band and dated quotes as evidence.

    Only documents that you may read speak for somebody, and only those by which they agree to be
    found.
    """
    found = services.search(asked.request(), asker.principal, people_wanted=True)
    return people_response(found.result, query_id=found.query_id, took_ms=found.took_ms)


@router.get("/{id}")
def person(
    id: PathId, asked: Annotated[ProfileQuestion, Query()], asker: Reader, services: Wired
) -> PersonPage:
    """A colleague: what they write about, and the documents of theirs that you may read."""
    about = ("person", id) if asked.kind is None else ("person", id, asked.kind.value)
    offset = cursors.decode(asked.cursor, *about) or 0
    shown = services.profiles.show(
        id, asker.principal, offset=offset, limit=asked.limit, kind=asked.kind
    )
    following = cursors.encode(offset + asked.limit, *about) if shown.more else None
    return person_page(shown, following)
