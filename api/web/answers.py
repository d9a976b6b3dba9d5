"""A search's result as its page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api import cursors
from api.excerpts import Excerpt, excerpt
from api.web.narrowing import Choice, Menu, chips, menus
from api.web.question import Links, PageQuestion
from indexer.search.results import Intent, Request, SearchHit, SearchResult
from knowledge.types import Contribution, Document

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Maker:
    """Somebody who contributed, once whatever their roles."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. ``trail``: the headings above the passage; ``others``: contributors not named;
    ``loose``: only loosely related."""

    url: str
    document: Document
    trail: tuple[str, ...]
    excerpt: Excerpt
    makers: tuple[Maker, ...]
    others: int
    loose: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that the page of a search shows besides the question itself."""

    result: SearchResult
    answers: tuple[Answer, ...]
    menus: list[Menu]
    chips: list[Choice]
    links: Links
    people_first: bool
    begins_at: int
    following: str | None


def found(
    asked: PageQuestion, request: Request, result: SearchResult, sure: float, now: datetime
) -> Found:
    """The page of a search. ``request`` is what the pipeline was asked, ``sure`` the
    probability below which it is not confident of an answer."""
    links = Links(asked, bool(result.understood))
    # Where one falls short, so do all that rank below it.
    short = (n for n, hit in enumerate(result.answers) if hit.relevant < sure)
    loose = next(short, len(result.answers)) if result.answers_confident else 0
    cursor = cursors.following(request, result)
    return Found(
        result=result,
        answers=tuple(_answer(hit, n >= loose) for n, hit in enumerate(result.answers)),
        menus=menus(result, links, now),
        chips=chips(result, links),
        links=links,
        people_first=result.intent is Intent.WHO,
        begins_at=request.offset + 1,
        following=cursor and links.following(cursor),
    )


def makers(made: Iterable[Contribution]) -> tuple[Maker, ...]:
    """Everybody who contributed, in the order given."""
    return tuple({c.person_id: Maker(c.person_id, c.name) for c in made}.values())


def passage_url(document_id: int, passage_id: int) -> str:
    """Where a passage can be read in its document."""
    return f"/documents/{document_id}?passage={passage_id}#p{passage_id}"


def _answer(hit: SearchHit, loose: bool) -> Answer:
    passage, document = hit.passage, hit.document
    everybody = makers(document.contributions)
    trail = passage.heading_path
    return Answer(
        url=passage_url(document.id, passage.id),
        document=document,
        # The title says it already.
        trail=trail[1:] if trail and trail[0] == document.title else trail,
        excerpt=excerpt(passage, hit.highlights),
        makers=everybody[:_NAMED],
        others=max(len(everybody) - _NAMED, 0),
        loose=loose,
    )
