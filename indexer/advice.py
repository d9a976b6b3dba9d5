"""What is there already that a text under way is like, from what its author may read alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from indexer.build import Index
from indexer.search.pipeline import Pipeline
from indexer.search.query import MAX_CHARS
from indexer.search.results import Request, SearchHit
from knowledge.errors import InvalidQuery
from knowledge.settings import SearchSettings
from knowledge.store import access, synonyms
from knowledge.store.database import Database
from knowledge.types import Level, Principal

NEIGHBOURS, SHOWN, MOST_TAGS = 10, 3, 5
_FEWEST_WORDS = 4
_SHARED = 2


@dataclass(frozen=True, slots=True)
class Advice:
    """``similar`` documents, likely about the same; ``tags`` that several of the nearest have, the
    most common first, and their ``levels``."""

    similar: tuple[SearchHit, ...] = ()
    tags: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()


class Adviser:
    """Looks for what a text is like. Nothing of the text is kept. Safe to share between threads."""

    def __init__(
        self, database: Database, index: Index, pipeline: Pipeline, search: SearchSettings
    ) -> None:
        self._database = database
        self._index = index
        self._pipeline = pipeline
        self._search = search

    def advise(self, title: str, text: str, asker: Principal, but: int | None = None) -> Advice:
        """What a text is like, ``but`` for one document."""
        words = f"{title} {text}".split()
        if len(words) < _FEWEST_WORDS:
            return Advice()
        question = " ".join(words)[:MAX_CHARS].rsplit(" ", 1)[0]
        request = Request(question, limit=NEIGHBOURS, people_limit=0, literal=True)
        try:
            found = self._pipeline.search(request, asker)
        except InvalidQuery:  # nothing in it that can be searched for
            return Advice()
        near = [hit for hit in found.answers if hit.document.id != but]
        alike = [hit for hit in near if hit.relevant >= self._search.confident_from]
        counted = Counter(tag for hit in near for tag in hit.document.tags)
        return Advice(
            tuple(alike[:SHOWN]),
            tuple(tag for tag, count in counted.most_common() if count >= _SHARED)[:MOST_TAGS],
            tuple(hit.document.level for hit in alike if hit.document.level is not None),
        )

    def known(self, asker: Principal) -> Callable[[str], bool]:
        """Whether an acronym stands in what somebody may read, or among the company's synonyms."""
        with self._database.read() as connection:
            scope = access.allowed_audiences(connection, asker)
            insider = access.sees_directory(asker)
            jargon = synonyms.all_of_them(connection) if insider else ()
        taught = {word.casefold() for one in jargon for word in (one.term, one.meaning)}

        def known(acronym: str) -> bool:
            word = acronym.casefold()
            if word in taught:
                return True
            with self._index.reading() as view:
                return view.vocabulary.knows(word, scope)

        return known
