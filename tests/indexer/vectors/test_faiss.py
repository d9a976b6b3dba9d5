"""What is FAISS's own: its selectors, its silence about repeated ids, its threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss as engine
import numpy as np
import pytest

from indexer.vectors import faiss
from knowledge.errors import IndexDamaged

DIMENSION = 8


def rows(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(1).standard_normal((count, DIMENSION)).astype(np.float32)


def test_both_selectors_allow_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    index, held = faiss.FaissIndex(DIMENSION), rows(500)
    index.add(np.arange(500), held)
    allowed = np.arange(0, 500, 7)
    by_bitmap = index.search(held[0], 40, allowed)[0].tolist()
    monkeypatch.setattr(faiss, "_LARGEST_BITMAP_ID", -1)
    assert index.search(held[0], 40, allowed)[0].tolist() == by_bitmap
    assert all(key % 7 == 0 for key in by_bitmap)


def test_a_file_with_an_id_twice_is_refused(tmp_path: Path) -> None:
    raw = engine.IndexIDMap2(engine.IndexFlatIP(DIMENSION))
    raw.add_with_ids(rows(2), np.array([4, 4]))  # FAISS itself says nothing
    engine.write_index(raw, str(tmp_path / "twice"))
    with pytest.raises(IndexDamaged, match="twice"):
        faiss.FaissIndex(DIMENSION).load(tmp_path / "twice")


def test_an_index_of_another_kind_is_refused(tmp_path: Path) -> None:
    engine.write_index(engine.IndexFlatIP(DIMENSION), str(tmp_path / "bare"))
    with pytest.raises(IndexDamaged, match="kind"):
        faiss.FaissIndex(DIMENSION).load(tmp_path / "bare")


def test_concurrent_searches_with_different_filters() -> None:
    index, held = faiss.FaissIndex(DIMENSION), rows(2000)
    index.add(np.arange(2000), held)

    def one(turn: int) -> bool:
        allowed = np.arange(turn % 5, 2000, 5)
        found, _ = index.search(held[turn], 50, allowed)
        return found.size == 50 and bool((found % 5 == turn % 5).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, range(200)))
