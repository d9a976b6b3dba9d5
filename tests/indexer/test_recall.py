"""What ``index verify --recall`` measures, against indexes that find all, less or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from indexer import recall
from indexer.protocols import Ids, Scores, Vectors
from indexer.vectors.exact import ExactIndex

DIMENSION = 24


class Forgetful(ExactIndex):
    """Finds nothing with an id below ``lost``."""

    lost = 0

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        kept = self.ids()[self.ids() >= self.lost]
        return super().search(vector, k, kept if allowed is None else np.intersect1d(kept, allowed))


def measured(index: ExactIndex, count: int) -> recall.Recall:
    made = np.random.default_rng(1).standard_normal((count, DIMENSION)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    ids = np.arange(count) * 3
    index.add(ids, made)
    asked, allowed = recall.sample(ids)
    parts = [(ids[at : at + 300], made[at : at + 300]) for at in range(0, count, 300)]
    return recall.measure(index, asked, made[asked // 3], allowed, parts)


def test_whoever_compares_everything_finds_everything() -> None:
    assert measured(ExactIndex(DIMENSION), 3000) == recall.Recall(recall.QUERIES, 1.0, 1.0)


def test_what_is_not_found_is_counted() -> None:
    index = Forgetful(DIMENSION)
    index.lost = 3000  # a third of the ids
    found = measured(index, 3000)
    assert found.everything == pytest.approx(2 / 3, abs=0.05)
    assert found.filtered == pytest.approx(2 / 3, abs=0.15)
    assert not found.enough


@pytest.mark.parametrize("count", [0, 1, 5])
def test_few_passages(count: int) -> None:
    assert measured(ExactIndex(DIMENSION), count) == recall.Recall(count, 1.0, 1.0)


@pytest.mark.parametrize(
    ("everything", "filtered", "enough"),
    [(0.97, 0.999, True), (0.969, 1.0, False), (1.0, 0.998, False)],
)
def test_the_floors(everything: float, filtered: float, enough: bool) -> None:
    assert recall.Recall(200, everything, filtered).enough is enough


def test_the_sample_is_the_same_for_the_same_ids() -> None:
    ids = np.arange(50_000)
    (asked, allowed), (again, _) = recall.sample(ids), recall.sample(ids)
    assert asked.tolist() == again.tolist()
    assert (asked.size, allowed.size) == (200, 500)
    assert np.isin(allowed, ids).all()
