"""What the indexes know of each document besides its text: for filters, and passage -> document.

Held in memory and saved with a snapshot. Not thread-safe: the caller excludes writers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Filters, Ids
from indexer.vocabulary import Scope
from knowledge.words import words

_FACETS = ("kind", "tag", "team", "source", "author", "level")
_CACHED = 256


Maker = tuple[int, str, int]
"""(person id, role, epoch seconds of the contribution or 0 for unknown)"""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A document's attributes. ``source`` says also whose source it is; ``facets`` are
    ``field:value``; ``updated_at`` epoch seconds, 0 for unknown; ``passages`` their ids in the
    order of the text; ``makers`` its contributions; ``names`` whom it calls what, endorsers not
    among them."""

    document_id: int
    audience_id: int
    source: str
    facets: tuple[str, ...]
    updated_at: int
    passages: tuple[int, ...]
    makers: tuple[Maker, ...] = ()
    names: tuple[tuple[int, str], ...] = ()


class Catalog:
    """Documents by id, with the sets that filters are made of."""

    def __init__(self) -> None:
        self._entries: dict[int, CatalogEntry] = {}
        self._by_facet: dict[str, set[int]] = {}
        self._called: dict[str, Counter[int]] = {}
        self._arrays: _Arrays | None = None
        self._allowed: dict[Filters, Ids | None] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, entry: CatalogEntry) -> None:
        """Add or replace a document."""
        self.remove(entry.document_id)
        self._entries[entry.document_id] = entry
        for facet in entry.facets:
            self._by_facet.setdefault(facet.lower(), set()).add(entry.document_id)
        for person_id, name in entry.names:
            for key in _keys(name):
                self._called.setdefault(key, Counter())[person_id] += 1

    def remove(self, document_id: int) -> None:
        """Forget a document; an unknown one is ignored."""
        self._arrays = None
        self._allowed.clear()
        old = self._entries.pop(document_id, None)
        for facet in old.facets if old else ():
            holders = self._by_facet[facet.lower()]
            holders.discard(document_id)
            if not holders:
                del self._by_facet[facet.lower()]
        for person_id, name in old.names if old else ():
            for key in _keys(name):
                held = self._called[key]
                held[person_id] -= 1
                if not held[person_id]:
                    del held[person_id]
                if not held:
                    del self._called[key]

    def holds(self, field: str, value: str, scope: Scope) -> bool:
        """Whether a document of these audiences has this value, in whatever case."""
        return any(self._of(f"{field}:{value}", scope))

    def people(self, key: str, scope: Scope) -> frozenset[int]:
        """Everybody whom a document of these audiences calls by this name or first name.

        ``key``: the name's words as ``knowledge.words`` gives them, with single spaces.
        """
        return frozenset(
            person_id
            for person_id in self._called.get(key, ())
            if any(
                person_id == other and key in _keys(name)
                for entry in self._of(f"author:{person_id}", scope)
                for other, name in entry.names
            )
        )

    def _of(self, facet: str, scope: Scope) -> Iterator[CatalogEntry]:
        for document_id in self._by_facet.get(facet.lower(), ()):
            entry = self._entries[document_id]
            if scope is None or entry.audience_id in scope:
                yield entry

    def passages_of(self, document_id: int) -> tuple[int, ...]:
        """Passage ids of a document in the order of its text, empty for an unknown one."""
        entry = self._entries.get(document_id)
        return entry.passages if entry else ()

    def entry(self, document_id: int) -> CatalogEntry:
        """A held document. Raises KeyError."""
        return self._entries[document_id]

    def documents_of(self, passage_ids: Ids) -> NDArray[np.int64]:
        """The document of each passage, shape (len(passage_ids),). Ids must be held."""
        arrays = self._made()
        return arrays.passage_document[np.searchsorted(arrays.passages, passage_ids)]

    def passage_ids(self) -> Ids:
        """Every held passage id, ascending."""
        return self._made().passages

    def allowed(self, filters: Filters) -> Ids | None:
        """Ascending passage ids that pass; None when nothing is left out. The same object for
        the same filters until something changes, so that selectors can be cached by identity."""
        if filters not in self._allowed:
            if len(self._allowed) >= _CACHED:
                self._allowed.clear()
            self._allowed[filters] = self._narrow(filters)
        return self._allowed[filters]

    def _narrow(self, filters: Filters) -> Ids | None:
        arrays = self._made()
        mask = np.ones(len(arrays.documents), dtype=bool)
        if filters.audiences is not None:
            mask &= np.isin(arrays.audiences, np.fromiter(filters.audiences, np.int64))
        if filters.document:
            mask &= np.isin(arrays.documents, np.fromiter(filters.document, np.int64))
        for field in _FACETS:
            wanted = getattr(filters, field)
            if wanted:
                held = [self._by_facet.get(f"{field}:{value}".lower(), set()) for value in wanted]
                some = np.fromiter(set().union(*held), np.int64)
                mask &= np.isin(arrays.documents, some)
        if filters.updated_after is not None:
            mask &= (arrays.updated >= filters.updated_after.timestamp()) & (arrays.updated != 0)
        if filters.updated_before is not None:
            mask &= (arrays.updated < filters.updated_before.timestamp()) & (arrays.updated != 0)
        if mask.all():
            return None
        chosen = np.isin(arrays.passage_document, arrays.documents[mask])
        return arrays.passages[chosen]

    def _made(self) -> _Arrays:
        if self._arrays is None:
            self._arrays = _Arrays.of(self._entries.values())
        return self._arrays

    def save(self, path: Path) -> None:
        """Write as JSON lines."""
        with path.open("w", encoding="utf-8") as file:
            for entry in self._entries.values():
                file.write(json.dumps(asdict(entry)) + "\n")

    def load(self, path: Path) -> None:
        """Replace the content by what ``save`` wrote."""
        self.__init__()  # type: ignore[misc]
        with path.open(encoding="utf-8") as file:
            for line in file:
                told = json.loads(line)
                told["facets"] = tuple(told["facets"])
                told["passages"] = tuple(told["passages"])
                told["names"] = tuple((person, name) for person, name in told["names"])
                told["makers"] = tuple((p, role, at) for p, role, at in told["makers"])
                self.put(CatalogEntry(**told))


def _keys(name: str) -> set[str]:
    """What somebody may be called by: the whole name, or its first word."""
    told = words(name)
    return {" ".join(told), told[0]} if told else set()


@dataclass(frozen=True, slots=True)
class _Arrays:
    documents: NDArray[np.int64]
    audiences: NDArray[np.int64]
    updated: NDArray[np.int64]
    passages: Ids
    passage_document: NDArray[np.int64]

    @staticmethod
    def of(entries: Iterable[CatalogEntry]) -> _Arrays:
        ordered = sorted(entries, key=lambda entry: entry.document_id)
        documents = np.array([e.document_id for e in ordered], dtype=np.int64)
        passages = np.array([p for e in ordered for p in e.passages], dtype=np.int64)
        owners = np.repeat(documents, [len(e.passages) for e in ordered])
        order = np.argsort(passages, kind="stable")
        return _Arrays(
            documents,
            np.array([e.audience_id for e in ordered], dtype=np.int64),
            np.array([e.updated_at for e in ordered], dtype=np.int64),
            passages[order],
            owners[order],
        )
