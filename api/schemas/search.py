"""What a search is asked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from api import cursors
from api.schemas.fields import Cursor, Given, Id, Instant, Storable, Word
from indexer.protocols import Filters
from indexer.search.query import MAX_CHARS
from indexer.search.results import Mode, Request
from knowledge.types import Kind, Level

MAX_VALUES = 50


def _many(description: str) -> object:
    return Field(max_length=MAX_VALUES, description=f"{description} Repeated: any of them.")


class Question(Given):
    """A question and what narrows it."""

    q: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_CHARS,
            description="What you want to know, in your own words.",
            examples=["how do I restore a backup"],
        ),
        Storable,
    ]
    limit: Annotated[int, Field(ge=1, le=50, description="How many at most.")] = 10
    document: Annotated[tuple[Id, ...], _many("Only inside this document, by its id.")] = ()
    kind: Annotated[tuple[Kind, ...], _many("Only documents of this kind.")] = ()
    tag: Annotated[tuple[Word, ...], _many("Only documents with this tag.")] = ()
    team: Annotated[tuple[Word, ...], _many("Only documents somebody of this team made.")] = ()
    source: Annotated[tuple[Word, ...], _many("Only documents from this source.")] = ()
    author: Annotated[
        tuple[Id, ...], _many("Only documents this person contributed to, by their id.")
    ] = ()
    level: Annotated[tuple[Level, ...], _many("Only documents written for these readers.")] = ()
    updated_after: Annotated[
        Instant | SkipJsonSchema[None], Field(description="Only documents updated then or later.")
    ] = None
    mode: Annotated[Mode, Field(description="Which retrievers take part.")] = Mode.HYBRID
    spelling: Annotated[
        bool, Field(description="Whether misspelt words may be corrected; see `corrected`.")
    ] = True
    literal: Annotated[
        bool,
        Field(
            description="Search for everything in `q` as words, as they are typed: nothing is "
            "corrected, and nothing narrows or is taken for an operator; see `understood`."
        ),
    ] = False

    @property
    def filters(self) -> Filters:
        """The narrowing; the scope is the pipeline's to add."""
        return Filters(
            document=frozenset(self.document),
            kind=frozenset(kind.value for kind in self.kind),
            tag=frozenset(self.tag),
            team=frozenset(self.team),
            source=frozenset(self.source),
            author=frozenset(self.author),
            level=frozenset(level.value for level in self.level),
            updated_after=self.updated_after,
        )


class SearchQuestion(Question):
    """A search for answers, page by page."""

    cursor: Cursor | SkipJsonSchema[None] = None
    explain: Annotated[
        bool, Field(description="Say how the ranking came about; needs the scope `admin`.")
    ] = False

    def request(self) -> Request:
        """What the pipeline is asked. Raises InvalidInput for another search's cursor."""
        request = Request(
            self.q,
            self.filters,
            limit=self.limit,
            mode=self.mode,
            spelling=self.spelling,
            literal=self.literal,
        )
        return cursors.resume(request, self.cursor)
