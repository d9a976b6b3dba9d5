"""The address of a search page: what it asks for, and the addresses next to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from pydantic import ConfigDict, ValidationError

from api import cursors
from api.schemas.fields import Cursor
from api.schemas.search import MAX_VALUES, Question
from indexer.search import results
from indexer.search.results import Mode
from knowledge.errors import InvalidInput
from knowledge.types import Kind, Level

FILTERS = ("kind", "tag", "team", "source", "author", "level")


def _one_of(choices: type[StrEnum]) -> str:
    *others, last = choices
    return f"{', '.join(others)} or {last}"


_WORD = f"made of at most {MAX_VALUES} values of up to 200 characters each"
_NUMBER = "a number, as this site's own links have it"
_EXPECTED = {
    "q": "a question in words",
    "limit": "a number from 1 to 50",
    "document": _NUMBER,
    "kind": _one_of(Kind),
    "tag": _WORD,
    "team": _WORD,
    "source": _WORD,
    "author": _NUMBER,
    "level": _one_of(Level),
    "updated_after": "a date, such as 2026-01-31",
    "mode": _one_of(Mode),
    "spelling": "true or false",
    "cursor": "as the page before wrote it",
}
Pairs = tuple[tuple[str, str], ...]


class PageQuestion(Question):
    """What the address asks for. Parameters of others (trackers, say) are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    q: str = ""
    cursor: Cursor | None = None

    def request(self) -> results.Request:
        """What the pipeline is asked. Raises InvalidInput for another search's cursor."""
        asked = results.Request(
            self.q,
            self.filters,
            limit=self.limit,
            mode=self.mode,
            spelling=self.spelling,
            literal=self.literal,
        )
        return cursors.resume(asked, self.cursor)


def asked(request: Request) -> PageQuestion:
    """The question of an address; empty parameters are none. Raises InvalidInput."""
    given: dict[str, object] = {}
    for name in PageQuestion.model_fields:
        values = [value for value in request.query_params.getlist(name) if value.strip()]
        if values:
            many = name in FILTERS or name == "document"
            given[name] = values if many else values[-1]
    try:
        return PageQuestion.model_validate(given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise InvalidInput(f"{name!r} in this address has to be {_EXPECTED[name]}") from error


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that differ from a search's in one respect. All of its state is in them.

    ``understood``: whether words of the question narrow it.
    """

    asked: PageQuestion
    understood: bool = False

    def pairs(self) -> Pairs:
        """Everything but the question, the cursor, and how to take the question's words: what a
        new question keeps."""
        return tuple(self._kept())

    def _kept(self) -> Iterator[tuple[str, str]]:
        for name in ("document", *FILTERS):
            for value in getattr(self.asked, name):
                yield name, str(value)
        if self.asked.updated_after is not None:
            yield "updated_after", self.asked.updated_after.date().isoformat()
        if self.asked.mode is not Mode.HYBRID:
            yield "mode", self.asked.mode.value
        if "limit" in self.asked.model_fields_set:
            yield "limit", str(self.asked.limit)

    def _url(self, kept: Pairs, cursor: str | None = None, **changed: Any) -> str:
        asked = self.asked.model_copy(update=changed)
        pairs = [("q", asked.q), *kept]
        if not asked.spelling:
            pairs.append(("spelling", "false"))
        if asked.literal:
            pairs.append(("literal", "true"))
        if cursor is not None:
            pairs.append(("cursor", cursor))
        return f"/?{urlencode(pairs)}"

    def narrowed(self, name: str, value: str) -> str:
        """With one filter more; a date takes the place of the one before."""
        others = tuple(p for p in self.pairs() if p[0] != "updated_after" or name != p[0])
        return self._url((*others, (name, value)))

    def without(self, name: str, value: str) -> str:
        """With one filter less."""
        return self._url(tuple(pair for pair in self.pairs() if pair != (name, value)))

    def unfiltered(self) -> str:
        """The question alone, with all of its words searched for."""
        return self._url((), literal=self.asked.literal or self.understood)

    def as_typed(self) -> str:
        """The same without correcting the spelling."""
        return self._url(self.pairs(), spelling=False)

    def literal(self, wanted: bool = True) -> str:
        """The same with all of the question's words searched for, or understood again."""
        return self._url(self.pairs(), literal=wanted)

    def reworded(self, q: str) -> str:
        """Another question, narrowed in the same way; without a word, this one literally."""
        if not any(character.isalnum() for character in q):
            return self.literal()
        return self._url(self.pairs(), q=q)

    def first(self) -> str:
        """The first answers."""
        return self._url(self.pairs())

    def following(self, cursor: str) -> str:
        """The answers from a cursor on."""
        return self._url(self.pairs(), cursor)
