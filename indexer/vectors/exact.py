"""Nearest neighbours in plain numpy: the oracle that other vector indexes are tested against."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indexer.protocols import Ids, Scores, VectorIndex, Vectors
from indexer.vectors._checks import checked_ids, checked_query, checked_rows
from knowledge.errors import IndexDamaged


class ExactIndex:
    """Rows kept in ascending order of their ids."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._ids: Ids = np.empty(0, dtype=np.int64)
        self._rows: Vectors = np.empty((0, dimension), dtype=np.float32)

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Raises ValueError for a held or repeated id, a wrong shape or type, or NaN."""
        ids, vectors = checked_rows(ids, vectors, self._dimension)
        if np.isin(ids, self._ids).any():
            raise ValueError("an id is already held")
        merged = np.concatenate([self._ids, ids])
        order = np.argsort(merged)
        self._ids = merged[order]
        self._rows = np.concatenate([self._rows, vectors])[order]

    def remove(self, ids: Ids) -> None:
        keep = ~np.isin(self._ids, checked_ids(ids))
        self._ids, self._rows = self._ids[keep], self._rows[keep]

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Best first; equal scores in ascending order of id."""
        vector = checked_query(vector, self._dimension)
        ids, rows = self._ids, self._rows
        if allowed is not None:
            keep = np.isin(ids, checked_ids(allowed))
            ids, rows = ids[keep], rows[keep]
        scores = rows @ vector
        best = np.lexsort((ids, -scores))[: max(k, 0)]
        return ids[best], scores[best]

    def scores(self, vector: Vectors, ids: Ids) -> Scores:
        """Raises KeyError when an id is not held."""
        vector, ids = checked_query(vector, self._dimension), checked_ids(ids)
        missing = ids[~np.isin(ids, self._ids)]
        if missing.size:
            raise KeyError(int(missing[0]))
        found: Scores = self._rows[np.searchsorted(self._ids, ids)] @ vector
        return found

    def ids(self) -> Ids:
        return self._ids.copy()

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, ids=self._ids, rows=self._rows)

    def load(self, path: Path) -> None:
        """Replace the content. Raises IndexDamaged for a file of another kind or dimension."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                ids, rows = checked_rows(stored["ids"], stored["rows"], self._dimension)
        except Exception as error:  # zipfile, zlib and numpy each have their own
            raise IndexDamaged(f"the vector index {path.name} cannot be read: {error}") from error
        order = np.argsort(ids)
        self._ids, self._rows = ids[order], rows[order]


def create(dimension: int) -> VectorIndex:
    return ExactIndex(dimension)
