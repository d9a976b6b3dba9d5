"""What every vector index refuses, so that no engine answers wrongly in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Ids, Vectors


def checked_ids(ids: Ids) -> Ids:
    """Return contiguous ids. Raises ValueError unless shape (n,), int64, not negative."""
    _require(ids.ndim == 1 and ids.dtype == np.int64, "ids are int64 of shape (n,)", ids)
    if ids.size and int(ids.min()) < 0:
        raise ValueError("ids are not negative")
    return np.ascontiguousarray(ids)


def checked_rows(ids: Ids, vectors: Vectors, dimension: int) -> tuple[Ids, Vectors]:
    """Return what may be added. Raises ValueError for any mismatch, NaN or repeated id."""
    ids = checked_ids(ids)
    _require(
        vectors.dtype == np.float32 and vectors.shape == (ids.size, dimension),
        f"vectors are float32 of shape ({ids.size}, {dimension})",
        vectors,
    )
    if not np.isfinite(vectors).all():
        raise ValueError("vectors are finite")
    if np.unique(ids).size != ids.size:
        raise ValueError("an id is given twice")
    return ids, np.ascontiguousarray(vectors)


def checked_query(vector: Vectors, dimension: int) -> Vectors:
    """Return a contiguous query. Raises ValueError unless it is float32, (dimension,), finite."""
    _require(
        vector.dtype == np.float32 and vector.shape == (dimension,),
        f"a query vector is float32 of shape ({dimension},)",
        vector,
    )
    if not np.isfinite(vector).all():
        raise ValueError("a query vector is finite")
    return np.ascontiguousarray(vector)


def _require(holds: bool, rule: str, given: NDArray[Any]) -> None:
    if not holds:
        raise ValueError(f"{rule}, not {given.dtype} of shape {given.shape}")
