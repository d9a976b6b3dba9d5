"""Nearest neighbours by FAISS: exact up to a size, above it sketches choose what is compared.

Neither IVF nor HNSW: both find less under a selective filter, and what they find among the rows
that an asker may see depends on rows they may not. Here a row's code depends on that row alone.
See docs/decisions/0022.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Ids, Scores, VectorIndex, Vectors
from indexer.vectors._checks import checked_ids, checked_query, checked_rows
from knowledge.errors import IndexDamaged

# FAISS's stubs describe C++; its Python layer takes arrays where a type error is ignored below.

# Up to so many rows every one is compared, in 4 ms of one core at 384 dimensions; beyond that,
# choosing by sketches soon takes half as long. What was measured for this and for the next three
# stands in docs/decisions/0022.
EXACT_ROWS = 50_000
# Rows that the sketches choose for each one asked for, and at least; these are compared exactly.
SHORTLIST_FACTOR = 20
SHORTLIST_LEAST = 2_000
# To how many bits a query's components are rounded before they meet the sketches.
_QUERY_BITS = 4

# Rows beyond k that are fetched, so that equal scores at the cut are settled by id.
_TIES = 50
# A table from id to membership has a byte for every id up to the largest: beyond, ids are sorted.
_LARGEST_TABLE_ID = 1 << 28
_SELECTIONS_KEPT = 64
_SEED = 20

Places = NDArray[np.int64]
Mask = NDArray[np.bool_]


class FaissIndex:
    """float16 rows and their 1-bit sketches. Concurrent searches are fine, mutation excludes them.

    A row has one place in both, and the last row takes the place of a removed one. Everything is
    rotated, which changes no inner product and makes all signs tell equally much.
    """

    def __init__(self, dimension: int, exact_rows: int = EXACT_ROWS) -> None:
        """``exact_rows``: with more rows than that to compare, sketches choose a shortlist."""
        self._dimension = dimension
        self._exact_rows = exact_rows
        rotation = _rotation(dimension)
        rows = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        sketches = faiss.IndexRaBitQ(dimension, faiss.METRIC_INNER_PRODUCT)
        # Around the origin and not the rows' mean, which would depend on what is hidden.
        sketches.train(np.zeros((1, dimension), dtype=np.float32))
        refined = faiss.IndexRefine(sketches, rows)
        self._use(_Parts.of(faiss.IndexIDMap(faiss.IndexPreTransform(rotation, refined))))

    def _use(self, parts: _Parts) -> None:
        """Raises ValueError when an id is held twice."""
        ids = parts.ids()
        places: Places = np.argsort(ids, kind="stable")
        held: Ids = ids[places]
        if (held[1:] == held[:-1]).any():
            raise ValueError("an id is held twice")
        self._parts, self._held, self._places = parts, held, places
        self._selections: dict[int, tuple[weakref.ref[Ids], _Selection]] = {}

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Raises ValueError for a held or repeated id, a wrong shape or type, or NaN."""
        ids, vectors = checked_rows(ids, vectors, self._dimension)
        if self._holds(ids).any():
            raise ValueError("an id is already held")
        if not ids.size:
            return
        first = self._held.size
        self._parts.outer.add_with_ids(vectors, ids)
        order = np.argsort(ids)
        at = np.searchsorted(self._held, ids[order])
        self._held = np.insert(self._held, at, ids[order])
        self._places = np.insert(self._places, at, first + order)
        self._selections.clear()

    def remove(self, ids: Ids) -> None:
        """Ids that are not held are ignored. No more rows move than are removed."""
        ids = checked_ids(ids)
        gone = np.searchsorted(self._held, np.unique(ids[self._holds(ids)]))
        if not gone.size:
            return
        left = self._held.size - gone.size
        removed = self._places[gone]
        holes = removed[removed < left]
        movers = np.setdiff1d(np.arange(left, self._held.size), removed, assume_unique=True)
        self._places[np.searchsorted(self._held, self._parts.ids()[movers])] = holes
        self._parts.move(movers, holes, left)
        self._held = np.delete(self._held, gone)
        self._places = np.delete(self._places, gone)
        self._selections.clear()

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Best first; equal scores in ascending order of id."""
        query = checked_query(vector, self._dimension)[None, :]
        selection = self._select(allowed)
        k = min(k, selection.count)
        if k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        wanted = min(k + _TIES, selection.count)
        selector = selection.selector()
        faiss.omp_set_num_threads(1)  # kept by OpenMP for each calling thread apart
        if selection.count <= self._exact_rows:
            scores, places = self._parts.compared(query, wanted, selector)
        else:
            shortlist = min(max(k * SHORTLIST_FACTOR, SHORTLIST_LEAST), selection.count)
            scores, places = self._parts.chosen(query, wanted, shortlist, selector)
        ids = self._parts.ids()[places]
        best = np.lexsort((ids, -scores))[:k]
        return ids[best], scores[best]

    def scores(self, vector: Vectors, ids: Ids) -> Scores:
        """Raises KeyError when an id is not held."""
        vector, ids = checked_query(vector, self._dimension), checked_ids(ids)
        held = self._holds(ids)
        if not held.all():
            raise KeyError(int(ids[~held][0]))
        if not ids.size:
            return np.empty(0, dtype=np.float32)
        return self._parts.scores(vector, self._places[np.searchsorted(self._held, ids)])

    def ids(self) -> Ids:
        return self._held.copy()

    def save(self, path: Path) -> None:
        faiss.write_index(self._parts.outer, str(path))

    def load(self, path: Path) -> None:
        """Replace the content; the caller has compared the file's checksum with its manifest.

        Raises IndexDamaged for a file of another kind or dimension. FAISS notices no more than
        that: flipped bits inside the vectors load, and answer wrongly.
        """
        try:
            parts = _Parts.of(faiss.read_index(str(path)))
            if parts.outer.d != self._dimension:
                raise ValueError(f"{parts.outer.d} dimensions and not {self._dimension}")
            self._use(parts)
        except (RuntimeError, MemoryError, TypeError, ValueError) as error:
            raise IndexDamaged(f"the vector index {path.name} cannot be used: {error}") from error

    def _holds(self, ids: Ids) -> Mask:
        if not self._held.size:
            return np.zeros(ids.size, dtype=np.bool_)
        at = np.minimum(np.searchsorted(self._held, ids), self._held.size - 1)
        return np.asarray(self._held[at] == ids)

    def _select(self, allowed: Ids | None) -> _Selection:
        """Which places ``allowed`` means; kept while that array lives and nothing changes."""
        if allowed is None:
            return _Selection(self._held.size, None)
        kept = self._selections.get(id(allowed))
        if kept is not None and kept[0]() is allowed:
            return kept[1]
        member = self._members(checked_ids(allowed))
        made = _Selection(int(member.sum()), np.packbits(member, bitorder="little"))
        if len(self._selections) >= _SELECTIONS_KEPT:
            self._selections.clear()
        self._selections[id(allowed)] = weakref.ref(allowed), made
        return made

    def _members(self, allowed: Ids) -> Mask:
        """Whether the row at each place is allowed."""
        ids = self._parts.ids()
        if not allowed.size or not ids.size:
            return np.zeros(ids.size, dtype=np.bool_)
        if max(int(self._held[-1]), int(allowed.max())) > _LARGEST_TABLE_ID:
            return np.isin(ids, allowed)
        table = np.zeros(int(max(self._held[-1], allowed.max())) + 1, dtype=np.bool_)
        table[allowed] = True
        return np.asarray(table[ids])


@dataclass(frozen=True, slots=True)
class _Selection:
    """How many rows, and one bit a place, or None for all of them."""

    count: int
    bitmap: NDArray[np.uint8] | None

    def selector(self) -> faiss.IDSelector | None:
        """One for each search: FAISS writes into what it is given while searching."""
        if self.bitmap is None:
            return None
        return faiss.IDSelectorBitmap(self.bitmap)  # type: ignore[call-arg, arg-type]


@dataclass(frozen=True, slots=True)
class _Parts:
    """Indexes inside one another: ids over a rotation over sketches refined by rows.

    FAISS keeps bare pointers, so everything inner lives as long as ``outer``, and a selector until
    the call it is made for is over.
    """

    outer: faiss.IndexIDMap
    turned: faiss.IndexPreTransform
    rotation: faiss.LinearTransform
    refined: faiss.IndexRefine
    rows: faiss.IndexScalarQuantizer
    sketches: Any  # an IndexRaBitQ, whose stub lacks what it inherits

    @staticmethod
    def of(outer: Any) -> _Parts:
        """Raises TypeError when the index x, ValueError when parts do not fit."""
        outer = _as(faiss.IndexIDMap, outer)
        turned = _as(faiss.IndexPreTransform, faiss.downcast_index(outer.index))
        refined = _as(faiss.IndexRefine, faiss.downcast_index(turned.index))
        rows = _as(faiss.IndexScalarQuantizer, faiss.downcast_index(refined.refine_index))
        sketches = _as(faiss.IndexRaBitQ, faiss.downcast_index(refined.base_index))
        rotation = _as(faiss.LinearTransform, faiss.downcast_VectorTransform(turned.chain.at(0)))
        if {part.ntotal for part in (turned, refined, rows, sketches)} != {outer.id_map.size()}:
            raise ValueError("its parts are of different sizes")
        return _Parts(outer, turned, rotation, refined, rows, sketches)

    def ids(self) -> Ids:
        """The id of the row at each place, as FAISS holds it: no copy, gone after a change."""
        return _view(self.outer.id_map, 1)[:, 0]

    def compared(
        self, query: Vectors, wanted: int, selector: faiss.IDSelector | None
    ) -> tuple[Scores, Places]:
        """The best places, after comparing every selected row."""
        exactly = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, places = self.rows.search(self.rotation.apply(query), wanted, params=exactly)
        return scores[0], places[0]

    def chosen(
        self, query: Vectors, wanted: int, shortlist: int, selector: faiss.IDSelector | None
    ) -> tuple[Scores, Places]:
        """The best places of those that the sketches choose from the selected rows."""
        sketchily = faiss.RaBitQSearchParameters(sel=selector)  # type: ignore[call-arg]
        sketchily.qb = _QUERY_BITS
        refined = faiss.IndexRefineSearchParameters(  # type: ignore[call-arg]
            k_factor=max(shortlist / wanted, 1.0), base_index_params=sketchily
        )
        scores, places = self.turned.search(query, wanted, params=refined)
        return scores[0], places[0]

    def scores(self, vector: Vectors, places: Places) -> Scores:
        """Inner products of the rows at these places."""
        rows = self.rows.sa_decode(_view(self.rows.codes, self.rows.code_size)[places])
        found: Scores = rows @ self.rotation.apply(vector[None, :])[0]
        return found

    def move(self, movers: Places, holes: Places, left: int) -> None:
        """Put the rows at ``movers`` into ``holes`` and forget all places from ``left`` on."""
        for vector, width in (
            (self.outer.id_map, 1),
            (self.rows.codes, self.rows.code_size),
            (self.sketches.codes, self.sketches.code_size),
        ):
            stored = _view(vector, width)
            stored[holes] = stored[movers]
            vector.resize(left * width)
        for part in (self.outer, self.turned, self.refined, self.rows, self.sketches):
            part.ntotal = left


def _rotation(dimension: int) -> faiss.RandomRotationMatrix:
    """Always the same one. By one thread: several wait for each other for seconds where the
    machine is busy, and do not always arrive at the same last bits."""
    made = faiss.RandomRotationMatrix(dimension, dimension)
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        made.init(_SEED)
    finally:
        faiss.omp_set_num_threads(threads)
    return made


def _as(kind: type, index: Any) -> Any:
    if not isinstance(index, kind):
        raise TypeError(f"{type(index).__name__} where {kind.__name__} should be")
    return index


def _view(vector: Any, width: int) -> NDArray[Any]:
    """FAISS's own memory, shape (rows, width)."""
    if not vector.size():
        kind = np.int64 if isinstance(vector, faiss.Int64Vector) else np.uint8
        return np.empty((0, width), dtype=kind)
    return np.asarray(faiss.rev_swig_ptr(vector.data(), vector.size())).reshape(-1, width)


def create(dimension: int) -> VectorIndex:
    return FaissIndex(dimension)
