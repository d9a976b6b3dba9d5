"""Exact search by FAISS: a flat index with ids, filtered by a bitmap of the allowed ones.

Flat rather than HNSW because passages are deleted and most queries are narrowed by audience: HNSW
cannot remove, and loses recall under selective filters.
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np

from indexer.protocols import Ids, Scores, VectorIndex, Vectors
from indexer.vectors._checks import checked_ids, checked_query, checked_rows
from knowledge.errors import IndexDamaged

# FAISS's stubs describe C++; its Python layer takes arrays where a type error is ignored below.

# A bitmap has one bit for every id up to the largest: beyond this, a hash set is smaller.
_LARGEST_BITMAP_ID = 1 << 28


class FaissIndex:
    """``IndexIDMap2`` over ``IndexFlatIP``. Concurrent searches are fine, mutation excludes them.

    The ids are mirrored in one sorted array, because FAISS accepts an id twice without a word.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._held: Ids = np.empty(0, dtype=np.int64)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Raises ValueError for a held or repeated id, a wrong shape or type, or NaN."""
        ids, vectors = checked_rows(ids, vectors, self._dimension)
        if self._holds(ids).any():
            raise ValueError("an id is already held")
        if not ids.size:
            return
        self._index.add_with_ids(vectors, ids)
        fresh = np.sort(ids)
        self._held = np.insert(self._held, np.searchsorted(self._held, fresh), fresh)

    def remove(self, ids: Ids) -> None:
        ids = checked_ids(ids)
        ids = ids[self._holds(ids)]
        if not ids.size:  # FAISS would rebuild its map of all ids for nothing
            return
        self._index.remove_ids(ids)  # type: ignore[arg-type]
        self._held = self._held[~np.isin(self._held, ids)]

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Best first; equal scores in ascending order of id."""
        vector = checked_query(vector, self._dimension)
        k = min(k, self._held.size if allowed is None else allowed.size, self._held.size)
        if k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        faiss.omp_set_num_threads(1)  # kept by OpenMP for each calling thread apart
        if allowed is None:
            scores, ids = self._index.search(vector[None, :], k)
        else:
            # FAISS keeps bare pointers: selector and bitmap must live until the call is over. It
            # also writes into the parameters while searching, so they cannot be shared.
            selector, bitmap = _selector(checked_ids(allowed))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
            scores, ids = self._index.search(vector[None, :], k, params=parameters)
            del parameters, selector, bitmap
        found = ids[0] >= 0  # FAISS pads with -1
        ids, scores = ids[0][found], scores[0][found]
        best = np.lexsort((ids, -scores))
        return ids[best], scores[best]

    def scores(self, vector: Vectors, ids: Ids) -> Scores:
        """Raises KeyError when an id is not held."""
        vector, ids = checked_query(vector, self._dimension), checked_ids(ids)
        held = self._holds(ids)
        if not held.all():
            raise KeyError(int(ids[~held][0]))
        if not ids.size:
            return np.empty(0, dtype=np.float32)
        found: Scores = self._index.reconstruct_batch(ids) @ vector
        return found

    def ids(self) -> Ids:
        return self._held.copy()

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    def load(self, path: Path) -> None:
        """Replace the content; the caller has compared the file's checksum with its manifest.

        Raises IndexDamaged for a file of another kind or dimension. FAISS notices no more than
        that: flipped bits inside the vectors load, and answer wrongly.
        """
        try:
            index = faiss.read_index(str(path))
        except (RuntimeError, MemoryError) as error:
            raise IndexDamaged(f"the vector index {path.name} cannot be read") from error
        if not isinstance(index, faiss.IndexIDMap2) or index.d != self._dimension:
            raise IndexDamaged(f"the vector index {path.name} is of another kind or dimension")
        held: Ids = np.sort(faiss.vector_to_array(index.id_map))
        if held.size != index.ntotal or np.unique(held).size != held.size:
            raise IndexDamaged(f"the vector index {path.name} holds an id twice")
        self._index, self._held = index, held

    def _holds(self, ids: Ids) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        if not self._held.size:
            return np.zeros(ids.size, dtype=np.bool_)
        at = np.minimum(np.searchsorted(self._held, ids), self._held.size - 1)
        return np.asarray(self._held[at] == ids)


def _selector(allowed: Ids) -> tuple[faiss.IDSelector, object]:
    """A selector of ``allowed`` (not empty), and what must be kept alive for as long as it."""
    largest = int(allowed.max())
    if largest > _LARGEST_BITMAP_ID:
        return faiss.IDSelectorBatch(allowed), allowed
    member = np.zeros(largest + 1, dtype=np.bool_)
    member[allowed] = True
    bitmap = np.packbits(member, bitorder="little")
    return faiss.IDSelectorBitmap(bitmap), bitmap  # type: ignore[call-arg, arg-type]


def create(dimension: int) -> VectorIndex:
    return FaissIndex(dimension)
