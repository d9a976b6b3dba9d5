"""What a question needs of the search: who may know, and what is there already."""

from __future__ import annotations

from api.services import Services
from indexer.search.query import MAX_CHARS
from indexer.search.results import Request, SearchHit
from knowledge.errors import InvalidQuery
from knowledge.routing import Candidate
from knowledge.types import Principal

SHOWN = 5
"""So many answers that are there already are shown to whoever is about to ask."""
_PEOPLE = 20
_ANSWERS = 10


def looked_up(
    services: Services, words: str, principal: Principal
) -> tuple[list[Candidate], tuple[SearchHit, ...]]:
    """Who may know, the likeliest first, and the answers that somebody may read. It is no search of
    theirs: it is not kept, and nobody is shown to anybody."""
    request = Request(words[:MAX_CHARS], limit=_ANSWERS, people_limit=_PEOPLE, literal=True)
    try:
        found = services.pipeline.search(request, principal)
    except InvalidQuery:
        return [], ()
    people = [Candidate(hit.person.id, min(max(hit.knows, 0.0), 1.0)) for hit in found.people]
    return people, found.answers[:SHOWN]
