"""What is looked for inside one document: its passages, and which words to mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from api.excerpts import Excerpt, excerpt
from api.web.prose import Found
from indexer.protocols import Filters
from indexer.search.pipeline import Pipeline
from indexer.search.results import Request
from indexer.search.snippets import STOP
from knowledge.types import Principal

MOST = 12
# Best first, so that of a long text the places are the best ones.
_LOOKED_AT = 50
_WORD = re.compile(r"\w+")
Analyze = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """A passage that speaks of what is looked for."""

    passage_id: int
    trail: tuple[str, ...]
    excerpt: Excerpt


def places(
    pipeline: Pipeline,
    document_id: int,
    text: str,
    found: Found,
    sure: float,
    principal: Principal,
) -> list[Place]:
    """The passages of a document with a word that is ``found``, in the order of the text; where
    there is none, those that are about it. ``sure``: the probability below which they are not.
    Raises InvalidQuery."""
    inside = Filters(document=frozenset({document_id}))
    asked = Request(text, inside, limit=_LOOKED_AT, people_limit=1, literal=True)
    hits = pipeline.search(asked, principal).answers
    worded = [hit for hit in hits if any(map(found, _WORD.findall(hit.passage.text)))]
    chosen = worded or [hit for hit in hits if hit.relevant >= sure]
    return [
        Place(
            hit.passage.id,
            hit.passage.heading_path,
            excerpt(
                hit.passage, hit.highlights, hit.document.contributions, found if worded else None
            ),
        )
        for hit in sorted(chosen[:MOST], key=lambda hit: hit.passage.ordinal)
    ]


def words(text: str, analyze: Analyze) -> Found:
    """Whether a word of the document is one of these, in whatever form."""
    wanted = set(analyze(text))
    wanted = wanted - set(analyze(" ".join(STOP))) or wanted

    @cache
    def found(word: str) -> bool:
        return not wanted.isdisjoint(analyze(word))

    return lambda word: found(word.casefold())
