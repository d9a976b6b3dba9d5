"""Questions that were asked and answered before, in whatever words."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from indexer.build import Index
from indexer.protocols import Embedder, Filters
from indexer.search.query import parse
from knowledge.errors import InvalidQuery
from knowledge.store import access, documents, successors
from knowledge.store.database import Database
from knowledge.types import Document, Kind, Principal

SHOWN = 3
_THREADS = Filters(kind=frozenset({Kind.THREAD.value}))
# Passages that are near a question, and threads whose titles are compared with it.
_DEPTH, _COMPARED = 100, 20
# Titles whose vectors are kept, some megabytes: who opens a question pays no search for it.
_KEPT = 2000
# Rounding, which differs with what else is embedded, decides no order.
_DIGITS = 4


class AskedBefore:
    """Compares questions with the titles of threads. Safe to share between threads."""

    def __init__(self, database: Database, index: Index, embedder: Embedder, alike: float) -> None:
        """``alike``: the cosine of two questions from which they mean the same."""
        self._database = database
        self._index = index
        self._vector = lru_cache(maxsize=_KEPT)(lambda text: embedder.embed([text])[0])
        self._alike = alike

    def threads(self, title: str, principal: Principal) -> list[Document]:
        """The threads that the asker may read whose question means the same as ``title``, the most
        alike first, ``SHOWN`` at most; without what has a successor that they may read."""
        asked = _about(title)
        if not asked:
            return []
        with self._database.read() as connection:
            scope = access.allowed_audiences(connection, principal)
        vector = self._vector(asked)
        with self._index.reading() as view:
            allowed = view.allowed(replace(_THREADS, audiences=scope))
            ids, _ = view.vectors.search(vector, _DEPTH, allowed)
            owners = list(dict.fromkeys(view.catalog.documents_of(ids).tolist()))[:_COMPARED]
        with self._database.read() as connection:
            # SQL has the last word on who reads what.
            held = documents.load(connection, owners, principal)
            replaced = successors.readable(connection, held, principal)
        near = [one for key, one in held.items() if key not in replaced]
        titles = [_about(one.title) for one in near]
        if not titles:
            return []
        vectors = np.stack([self._vector(text) for text in titles])
        cosines = np.round(vectors @ vector, _DIGITS).tolist()
        alike = [
            (-cosine, -one.id, one)
            for one, text, cosine in zip(near, titles, cosines, strict=True)
            if cosine >= self._alike or text == asked
        ]
        return [one for _, _, one in sorted(alike, key=lambda found: found[:2])][:SHOWN]


def _about(title: str) -> str:
    """What a question is about, without case and what stands around it."""
    try:
        return parse(title, literal=True).topic.casefold()
    except InvalidQuery:
        return ""
