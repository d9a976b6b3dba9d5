"""What a question needs of the search: who may know, and what is there already."""

from __future__ import annotations

from dataclasses import dataclass

from api.services import Services
from indexer.search.query import MAX_CHARS
from indexer.search.results import Request, SearchHit
from knowledge.asking import Asking, Question, State
from knowledge.errors import InvalidQuery
from knowledge.requests import RequestKey
from knowledge.routing import Candidate
from knowledge.types import Document, Principal

SHOWN = 5
"""So many answers that are there already are shown to whoever is about to ask."""
_PEOPLE = 20
_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Who may know, the likeliest first, and what is there already; ``confident``: it likely
    answers."""

    candidates: tuple[Candidate, ...] = ()
    answers: tuple[SearchHit, ...] = ()
    confident: bool = False


# Whoever is signed in, and nobody in particular.
_ANYBODY = Principal(signed_in=True)


def looked_up(
    services: Services, words: str, principal: Principal, anonymous: bool = False
) -> LookedUp:
    """What somebody may read about their question. It is no search of theirs: it is not kept, and
    nobody is shown to anybody. Whom an ``anonymous`` one goes to follows from what everybody reads:
    else it would tell what whoever asks may read."""
    reader = _ANYBODY if anonymous else principal
    words = words[:MAX_CHARS]
    holders = services.topics.holding(words, reader)
    request = Request(words, limit=_ANSWERS, people_limit=_PEOPLE, literal=True, besides=holders)
    try:
        found = services.pipeline.search(request, principal)
    except InvalidQuery:
        return LookedUp()
    known = services.pipeline.search(request, reader) if anonymous else found
    return LookedUp(
        tuple(
            Candidate(hit.person.id, hit.knows, holder=hit.person.id in holders)
            for hit in known.people
        ),
        found.answers[:SHOWN],
        found.answers_confident,
    )


def ask(
    services: Services, given: Asking, principal: Principal, key: RequestKey | None = None
) -> int:
    """Ask a question; its id. Whether it was asked before follows from what everybody reads, so
    that figures tell nothing of the rest. Raises what ``Questions.create`` does."""
    found = looked_up(services, f"{given.title} {given.body}", principal, given.anonymous)
    before = services.asked_before.threads(given.title, _ANYBODY)
    nearest = before[0].id if before else None
    return services.questions.create(given, principal, found.candidates, key, nearest)


def answered_before(services: Services, shown: Question, reader: Principal) -> list[Document]:
    """Of a question that is open: the threads that mean the same and that its reader may read."""
    return services.asked_before.threads(shown.title, reader) if shown.state is State.OPEN else []
