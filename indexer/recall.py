"""How much of what is nearest the vector index finds, against every vector in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from indexer.prepare import from_bytes
from indexer.protocols import Ids, Scores, VectorIndex, Vectors
from knowledge.store import passages
from knowledge.store.database import Database

Stored = tuple[Ids, Vectors]
"""Some passages' ids and vectors, shapes (n,) and (n, dimension)."""

K = 10
QUERIES = 200
FILTERED_SHARE = 0.01
# Below these the index does not keep what docs/decisions/0022 promises. Under a filter that leaves
# so little everything is compared.
FLOOR = 0.97
FILTERED_FLOOR = 0.999
# Scores of float16 rows were off by up to half of this: so little makes none of two the nearer one.
_ROUNDING = 1e-4
_SEED = 22


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of the ten nearest that is found, over everything and under a filter that leaves
    one passage in a hundred; 1 where there is nothing to find."""

    queries: int
    everything: float
    filtered: float

    @property
    def enough(self) -> bool:
        """Whether both are what is promised."""
        return self.everything >= FLOOR and self.filtered >= FILTERED_FLOOR


def of(database: Database, index: VectorIndex, model: str, dimension: int) -> Recall:
    """Measure an index that is current; holds no more of the database's vectors than it must."""
    asked, allowed = sample(index.ids())
    with database.read() as connection:

        def stored(ids: Ids) -> Iterator[Stored]:
            for rows in passages.stored_vectors(connection, model, ids.tolist()):
                keys = np.array([key for key, _ in rows], dtype=np.int64)
                yield keys, from_bytes([vector for _, vector in rows], dimension)

        queries = [rows for _, rows in stored(asked)]
        empty = np.empty((0, dimension), dtype=np.float32)
        return measure(
            index, asked, np.concatenate([empty, *queries]), allowed, stored(index.ids())
        )


def sample(ids: Ids) -> tuple[Ids, Ids]:
    """Passages whose vectors are the queries, and those that the filter leaves; both ascending.

    The same for the same ids.
    """
    random = np.random.default_rng(_SEED)
    asked = random.choice(ids, min(QUERIES, ids.size), replace=False)
    left = min(ids.size, max(round(ids.size * FILTERED_SHARE), K + 1))
    return np.sort(asked), np.sort(random.choice(ids, left, replace=False))


def measure(
    index: VectorIndex, asked: Ids, queries: Vectors, allowed: Ids, stored: Iterable[Stored]
) -> Recall:
    """Search for each query's nearest neighbours besides itself, with the index and without.

    ``queries`` are the vectors of the passages ``asked``; ``stored`` gives every vector once.
    """
    everything, filtered = _Nearest(asked, queries), _Nearest(asked, queries)
    for ids, rows in stored:
        everything.see(ids, rows)
        chosen = np.isin(ids, allowed)
        filtered.see(ids[chosen], rows[chosen])
    return Recall(asked.size, everything.found_by(index, None), filtered.found_by(index, allowed))


class _Nearest:
    """How near the ten nearest of everything seen are to each query, by plain arithmetic."""

    def __init__(self, asked: Ids, queries: Vectors) -> None:
        self._asked = asked
        self._queries = queries
        self._scores: Scores = np.empty((asked.size, 0), dtype=np.float32)

    def see(self, ids: Ids, rows: Vectors) -> None:
        """Take these into account, each but for its own query."""
        scores = self._queries @ rows.T
        scores[self._asked[:, None] == ids[None, :]] = -np.inf
        seen = np.concatenate([self._scores, scores], axis=1)
        self._scores = -np.sort(-seen, axis=1)[:, :K]

    def found_by(self, index: VectorIndex, allowed: Ids | None) -> float:
        """The share of them that the index finds, or others that are as near."""
        found = wanted = 0
        for own, query, best in zip(self._asked.tolist(), self._queries, self._scores, strict=True):
            nearest = best[np.isfinite(best)]
            ids, scores = index.search(query, K + 1, allowed)
            if nearest.size:
                near = scores[ids != own][: nearest.size] >= nearest[-1] - _ROUNDING
                found += int(near.sum())
            wanted += nearest.size
        return found / wanted if wanted else 1.0
