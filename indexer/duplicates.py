"""Documents that say nearly the same: which somebody who looks after them may merge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.build import Index
from indexer.prepare import from_bytes
from indexer.protocols import Filters
from indexer.search.related import middle_of
from knowledge import care
from knowledge.store import access, documents, passages, successors
from knowledge.store import care as store
from knowledge.store.database import Database
from knowledge.types import Document, Principal

ALIKE = 0.6
"""Part of the words of both, by which two documents are likely one (Jaccard). A copy with a changed
paragraph has more, two pages of one topic have less than half of it."""
OWN = 200
"""Of somebody's own documents, the newest whose neighbours are looked at."""
COMPARED = 20_000_000
"""Passages with which the documents of one stretch are compared at most, counting one for each of
both: some two seconds of one core."""
FEWEST, MOST = 100, 1000
"""Documents of one stretch, whatever that costs."""
SHOWN = 50
"""Pairs after which a list, or a stretch, ends."""
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents, the older first. ``alike``: the part of their words that both have, of 1."""

    one: Document
    other: Document
    alike: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some documents, the newest first, and what of them is likely there twice: pairs of which the
    newer one is among them. ``looked_at``: documents until its end, of ``documents`` that somebody
    may read; ``first``: the place of its first one, from 1. ``following``: below which id the next
    stretch begins, None where it was the last."""

    pairs: tuple[Pair, ...]
    first: int
    looked_at: int
    documents: int
    following: int | None


class Duplicates:
    """What is likely there twice. Safe to share between threads."""

    def __init__(self, database: Database, index: Index, model: str, dimension: int) -> None:
        """``model`` names the vectors."""
        self._database = database
        self._index = index
        self._model = model
        self._dimension = dimension

    def own(self, principal: Principal) -> list[Pair]:
        """Of what is somebody's own, with anything that they may read."""
        if principal.person_id is None:
            return []
        with self._database.read() as connection:
            ids = store.owned(connection, principal, principal.person_id)
            whose = care.owners(connection, documents.load(connection, ids, principal).values())
        mine = [key for key in ids if whose.get(key) == principal.person_id]
        return self._pairs(mine[-OWN:], principal)[:SHOWN]

    def stretch(self, principal: Principal, below: int | None = None) -> Stretch:
        """A part of all that somebody may read, compared with all of it: ``below`` an id, or from
        the newest on. So large that it takes about as long with few documents as with many."""
        with self._database.read() as connection:
            scope = access.allowed_audiences(connection, principal)
        with self._index.reading() as view:
            allowed = view.allowed(Filters(audiences=scope))
            count = len(view.catalog.passage_ids() if allowed is None else allowed)
        most = min(MOST, max(FEWEST, COMPARED // max(count, 1)))
        with self._database.read() as connection:
            ids = documents.page(connection, principal, below=below, limit=most)
        pairs: dict[int, list[Pair]] = {key: [] for key in ids}
        for pair in self._pairs(ids, principal):
            # One of which the newer document is further up was told there.
            if pair.other.id in pairs:
                pairs[pair.other.id].append(pair)
        told: list[Pair] = []
        last = 0
        for last in ids:
            told += pairs[last]
            if len(told) >= SHOWN:
                break
        with self._database.read() as connection:
            whole = documents.readable(connection, principal)
            further = documents.readable(connection, principal, below=last)
            before = whole if below is None else documents.readable(connection, principal, below)
        told.sort(key=_likeliest)
        return Stretch(
            tuple(told), whole - before + 1, whole - further, whole, last if further else None
        )

    def _pairs(self, ids: Sequence[int], principal: Principal) -> list[Pair]:
        """The likeliest first. Only what the asker may read is compared."""
        near: set[tuple[int, int]] = set()
        with self._database.read() as connection:
            scope = access.allowed_audiences(connection, principal)
            rows = list(passages.of_documents(connection, ids, self._model))
        vectors: dict[int, list[bytes]] = {}
        for passage, vector in rows:
            if vector is not None:
                vectors.setdefault(passage.document_id, []).append(vector)
        with self._index.reading() as view:
            allowed = view.allowed(Filters(audiences=scope))
            for key, held in vectors.items():
                middle = middle_of(from_bytes(held, self._dimension))
                found, _ = view.vectors.search(middle, _DEPTH + len(held), allowed)
                owners = set(view.catalog.documents_of(found).tolist()) - {key}
                near |= {(min(key, one), max(key, one)) for one in owners}
        with self._database.read() as connection:
            # SQL has the last word on who reads what.
            held_ids = {key for pair in near for key in pair}
            seen = documents.load(connection, held_ids, principal)
            gone = successors.readable(connection, seen, principal)
            words = {
                key: frozenset(documents.body(connection, key, principal).casefold().split())
                for key in seen
                if key not in gone
            }
        pairs = [
            Pair(seen[one], seen[other], alike)
            for one, other in near
            if one in words
            and other in words
            and (alike := _jaccard(words[one], words[other])) >= ALIKE
        ]
        return sorted(pairs, key=_likeliest)


def _likeliest(pair: Pair) -> tuple[float, int, int]:
    return -pair.alike, pair.one.id, pair.other.id


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    whole = len(one | other)
    return round(len(one & other) / whole, 2) if whole else 0.0
