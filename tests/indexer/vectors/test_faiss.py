"""What is FAISS's own: its selections and sketches, its silence about repeated ids, its threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss as engine
import numpy as np
import pytest

from indexer.protocols import SCORE_TOLERANCE, Vectors
from indexer.vectors import faiss
from indexer.vectors.exact import ExactIndex
from indexer.vectors.faiss import FaissIndex
from knowledge.errors import IndexDamaged

DIMENSION = 8


def rows(count: int, dimension: int = DIMENSION, seed: int = 1) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def topics(count: int, dimension: int, seed: int = 2) -> Vectors:
    """Rows that lie around fifty topics, as those of texts do."""
    random = np.random.default_rng(seed)
    made = rows(50, dimension, seed)[random.integers(0, 50, count)] + 0.8 * rows(count, dimension)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def sketching(held: Vectors, first: int = 0) -> FaissIndex:
    index = FaissIndex(held.shape[1], exact_rows=0)
    index.add(np.arange(first, first + len(held)), held)
    return index


def test_ids_too_large_for_a_table_are_allowed_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    index, held = FaissIndex(DIMENSION), rows(500)
    index.add(np.arange(500), held)
    allowed = np.arange(0, 500, 7)
    by_table = index.search(held[0], 40, allowed)[0].tolist()
    monkeypatch.setattr(faiss, "_LARGEST_TABLE_ID", -1)
    assert index.search(held[0], 40, allowed.copy())[0].tolist() == by_table
    assert len(by_table) == 40
    assert all(key % 7 == 0 for key in by_table)


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_sketches_choose_nearly_everything_that_is_nearest(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss, "SHORTLIST_LEAST", 200)
    held = topics(6000, 96)
    exact, index = ExactIndex(96), sketching(held)
    exact.add(np.arange(len(held)), held)
    allowed = np.flatnonzero(np.random.default_rng(3).random(len(held)) < share)
    shared = 0
    for query in topics(50, 96, seed=2)[:50]:
        found, scores = index.search(query, 10, allowed)
        true, _ = exact.search(query, 10, allowed)
        shared += np.isin(found, true).sum()
        assert scores == pytest.approx(exact.scores(query, found), abs=SCORE_TOLERANCE)
    assert shared >= 0.97 * 500


def test_what_is_found_does_not_depend_on_what_is_not_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faiss, "SHORTLIST_LEAST", 100)  # so short that the sketches decide
    monkeypatch.setattr(faiss, "SHORTLIST_FACTOR", 2)
    held, hidden = topics(5000, 96), topics(7000, 96, seed=9)
    alone, beside = sketching(held), sketching(held)
    beside.add(np.arange(100_000, 107_000), hidden)
    exact, approximate = ExactIndex(96), 0
    exact.add(np.arange(5000), held)
    for query in topics(20, 96, seed=5):
        ids, scores = alone.search(query, 50)
        again, same = beside.search(query, 50, np.arange(5000))
        approximate += ids.tolist() != exact.search(query, 50)[0].tolist()
        assert again.tolist() == ids.tolist()
        assert same.tolist() == scores.tolist()
    assert approximate


def test_few_allowed_rows_are_all_compared() -> None:
    held = topics(4000, 32)
    index, exact = FaissIndex(32, exact_rows=100), ExactIndex(32)
    index.add(np.arange(4000), held)
    exact.add(np.arange(4000), held)
    allowed = np.arange(0, 4000, 40)
    for query in topics(20, 32, seed=5):
        found, scores = index.search(query, 100, allowed)
        assert sorted(found.tolist()) == allowed.tolist()
        assert scores == pytest.approx(exact.scores(query, found), abs=SCORE_TOLERANCE)


def test_a_selection_is_forgotten_when_the_rows_change() -> None:
    index, held = FaissIndex(DIMENSION), rows(20)
    index.add(np.arange(10), held[:10])
    allowed = np.arange(5, 15)
    assert sorted(index.search(held[0], 20, allowed)[0].tolist()) == [5, 6, 7, 8, 9]
    index.add(np.arange(10, 20), held[10:])
    assert sorted(index.search(held[0], 20, allowed)[0].tolist()) == [*range(5, 15)]
    index.remove(np.array([6, 19]))
    assert sorted(index.search(held[0], 20, allowed)[0].tolist()) == [5, *range(7, 15)]


def test_a_selection_is_not_taken_for_another_at_the_same_address() -> None:
    index, held = FaissIndex(DIMENSION), rows(50)
    index.add(np.arange(50), held)
    for turn in range(50):  # each array may get the memory of the one before
        assert index.search(held[0], 5, np.array([turn]))[0].tolist() == [turn]


def test_a_file_with_an_id_twice_is_refused(tmp_path: Path) -> None:
    index = FaissIndex(DIMENSION)
    index.add(np.array([4]), rows(1))
    index._parts.outer.add_with_ids(rows(1), np.array([4]))  # FAISS itself says nothing
    index.save(tmp_path / "twice")
    with pytest.raises(IndexDamaged, match="twice"):
        FaissIndex(DIMENSION).load(tmp_path / "twice")


def test_an_index_of_another_kind_is_refused(tmp_path: Path) -> None:
    engine.write_index(engine.IndexFlatIP(DIMENSION), str(tmp_path / "bare"))
    with pytest.raises(IndexDamaged, match="IndexFlatIP"):
        FaissIndex(DIMENSION).load(tmp_path / "bare")


def test_an_index_whose_parts_do_not_fit_is_refused(tmp_path: Path) -> None:
    index = FaissIndex(DIMENSION)
    index.add(np.arange(3), rows(3))
    index._parts.sketches.reset()
    index.save(tmp_path / "torn")
    with pytest.raises(IndexDamaged, match="sizes"):
        FaissIndex(DIMENSION).load(tmp_path / "torn")


@pytest.mark.parametrize("exact_rows", [0, 10_000])
def test_concurrent_searches_with_different_filters(exact_rows: int) -> None:
    index, held = FaissIndex(DIMENSION, exact_rows), rows(2000)
    index.add(np.arange(2000), held)
    shared = [np.arange(turn, 2000, 5) for turn in range(5)]

    def one(turn: int) -> bool:
        allowed = shared[turn % 5] if turn % 2 else np.arange(turn % 5, 2000, 5)
        found, _ = index.search(held[turn], 50, allowed)
        return found.size == 50 and bool((found % 5 == turn % 5).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, range(200)))
