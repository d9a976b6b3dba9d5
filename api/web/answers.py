"""A search's result as its page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from api import cursors
from api.excerpts import Excerpt, excerpt
from api.web.narrowing import Choice, Menu, chips, menus
from api.web.question import Links, PageQuestion
from indexer.search.results import Intent, Request, SearchHit, SearchResult
from knowledge.currency import Currency
from knowledge.types import Contribution, Document, Role

MOST_WORDS = 200
"""Characters that the box for looking inside a document takes."""

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Maker:
    """Somebody who contributed, once whatever their roles."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. ``trail``: the headings above the passage; ``others``: contributors not named;
    ``loose``: only loosely related; ``currency``: whether its document still holds;
    ``for_level``: it stands higher because it is written for the reader's level."""

    url: str
    passage_id: int
    document: Document
    trail: tuple[str, ...]
    excerpt: Excerpt
    makers: tuple[Maker, ...]
    others: int
    loose: bool
    currency: Currency
    for_level: bool


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
    asked: PageQuestion,
    request: Request,
    result: SearchResult,
    sure: float,
    now: datetime,
    query_id: str,
) -> Found:
    """The page of a search. ``request`` is what the pipeline was asked, ``sure`` the
    probability below which it is not confident of an answer; ``query_id`` names it in what its
    readers say of the answers."""
    links = Links(asked, bool(result.understood))
    # Where one falls short, so do all that rank below it.
    short = (n for n, hit in enumerate(result.answers) if hit.relevant < sure)
    loose = next(short, len(result.answers)) if result.answers_confident else 0
    cursor = cursors.following(request, result)
    return Found(
        result=result,
        answers=tuple(
            _answer(hit, n >= loose, query_id, result.topic, request.offset + n + 1)
            for n, hit in enumerate(result.answers)
        ),
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


def took_part(made: Contribution) -> bool:
    """Whether somebody was there and is not known to have said anything."""
    return made.role is Role.SPEAKER and not made.weight


def passage_url(
    document_id: int,
    passage_id: int,
    query_id: str = "",
    words: str = "",
    at_s: float | None = None,
    place: int | None = None,
) -> str:
    """Where a passage can be read in its document, or of a recording the moment ``at_s``;
    ``query_id``: the search that led there, ``words``: what it was for, to be marked, ``place``:
    where it stood among the answers, from 1."""
    asked: dict[str, str | int] = {"passage": passage_id}
    asked |= {"query": query_id} if query_id else {}
    asked |= {} if place is None else {"place": place}
    asked |= {"for": words[:MOST_WORDS]} if words else {}
    asked |= {} if at_s is None else {"at": int(at_s)}
    mark = f"p{passage_id}" if at_s is None else "at"
    return f"/documents/{document_id}?{urlencode(asked)}#{mark}"


def _answer(hit: SearchHit, loose: bool, query_id: str, topic: str, place: int) -> Answer:
    passage, document = hit.passage, hit.document
    shown = excerpt(passage, hit.highlights, document.contributions)
    everybody = makers(one for one in document.contributions if not took_part(one))
    trail = passage.heading_path
    return Answer(
        url=passage_url(document.id, passage.id, query_id, topic, shown.at_s, place),
        passage_id=passage.id,
        document=document,
        # The title says it already.
        trail=trail[1:] if trail and trail[0] == document.title else trail,
        excerpt=shown,
        makers=everybody[:_NAMED],
        others=max(len(everybody) - _NAMED, 0),
        loose=loose,
        currency=hit.currency,
        for_level=hit.features.level > 0,
    )
