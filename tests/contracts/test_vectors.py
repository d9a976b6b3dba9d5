"""What every vector index must do, each held against a dictionary of rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer import vectors
from indexer.protocols import SCORE_TOLERANCE, Ids, Scores, VectorIndex, Vectors
from indexer.vectors.faiss import FaissIndex
from knowledge.errors import IndexDamaged, InvalidSettings

DIMENSION = 16

Make = Callable[[int], VectorIndex]
# Every plug-in by its name, and those again that work otherwise from some size on.
MAKERS: dict[str, Make] = {name: partial(vectors.load, name) for name in vectors.names()} | {
    "faiss by sketches": partial(FaissIndex, exact_rows=0)
}


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Make:
    return MAKERS[request.param]


@pytest.fixture
def index(make: Make) -> VectorIndex:
    return make(DIMENSION)


def ints(*values: int) -> Ids:
    return np.array(values, dtype=np.int64)


def rows(count: int, seed: int = 0) -> Vectors:
    made = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def filled(make: Make, count: int) -> tuple[VectorIndex, Ids, Vectors]:
    index, ids, held = make(DIMENSION), np.arange(1, count + 1), rows(count)
    index.add(ids, held)
    return index, ids, held


def assert_best(
    found: tuple[Ids, Scores],
    held: dict[int, NDArray[np.float32]],
    query: Vectors,
    k: int,
    allowed: Ids | None,
) -> None:
    """The k best of what is held and allowed, but for scores that differ by less than promised."""
    keys = held.keys() if allowed is None else held.keys() & set(allowed.tolist())
    true = {key: float(held[key] @ query) for key in keys}
    ids, scores = found[0].tolist(), found[1]
    assert len(set(ids)) == len(ids) == min(k, len(true))
    assert scores == pytest.approx([true[key] for key in ids], abs=SCORE_TOLERANCE)
    assert ids == sorted(ids, key=dict(zip(ids, (-scores).tolist(), strict=True)).__getitem__)
    left_out = [true[key] for key in keys - set(ids)]
    if ids and left_out:
        assert max(left_out) <= min(true[key] for key in ids) + 2 * SCORE_TOLERANCE


@pytest.mark.parametrize("seed", range(12))
def test_agrees_with_a_dictionary_through_random_changes(
    make: Make, seed: int, tmp_path: Path
) -> None:
    random = np.random.default_rng(seed)
    index, held = make(DIMENSION), dict[int, NDArray[np.float32]]()
    pool = random.choice(np.array([*range(200), *(2**40 + i for i in range(4))]), 150, False)
    for step in range(40):
        picked = random.choice(pool, random.integers(1, 25), replace=False).astype(np.int64)
        if random.random() < 0.6:
            new = np.array([i for i in picked.tolist() if i not in held], dtype=np.int64)
            made = rows(len(new), seed=1000 * seed + step)
            index.add(new, made)
            held.update(zip(new.tolist(), made, strict=True))
        else:
            index.remove(picked)  # some of them are not held
            for key in picked.tolist():
                held.pop(key, None)
        if step % 13 == 12:
            index.save(tmp_path / f"saved-{step}")
            index = make(DIMENSION)
            index.load(tmp_path / f"saved-{step}")
        assert index.ids().tolist() == sorted(held)
        query, k = rows(1, seed=step)[0], int(random.integers(1, 40))
        for allowed in (None, np.sort(random.choice(pool, 60, replace=False)).astype(np.int64)):
            assert_best(index.search(query, k, allowed), held, query, k, allowed)
        every = random.permutation(np.array(sorted(held), dtype=np.int64))
        assert index.scores(query, every) == pytest.approx(
            [held[i] @ query for i in every.tolist()], abs=SCORE_TOLERANCE
        )


def test_types_and_shapes(make: Make) -> None:
    index, _, held = filled(make, 5)
    ids, scores = index.search(held[3], 2)
    assert (ids.dtype, ids.shape) == (np.int64, (2,))
    assert (scores.dtype, scores.shape) == (np.float32, (2,))
    assert ids[0] == 4
    assert index.scores(held[0], ints(1, 2)).dtype == np.float32
    assert index.ids().dtype == np.int64


def test_k_beyond_what_there_is(make: Make) -> None:
    index, _, held = filled(make, 3)
    assert sorted(index.search(held[0], 50)[0].tolist()) == [1, 2, 3]
    assert index.search(held[0], 50, ints(2, 99))[0].tolist() == [2]
    assert index.search(held[0], 0)[0].size == 0


def test_nothing_to_find(index: VectorIndex) -> None:
    query = rows(1)[0]
    for allowed in (None, ints(), ints(1, 2)):
        ids, scores = index.search(query, 5, allowed)
        assert (ids.shape, scores.shape) == ((0,), (0,))
    assert index.ids().shape == (0,)
    assert index.scores(query, ints()).shape == (0,)
    index.add(ints(1), query[None, :])
    assert index.search(query, 5, ints())[0].size == 0
    assert index.search(query, 5, ints(7, 8))[0].size == 0


def test_equal_scores_come_in_order_of_id(index: VectorIndex) -> None:
    one = rows(1)
    for key in (7, 3, 9, 1):
        index.add(ints(key), one)
    assert index.search(one[0], 4)[0].tolist() == [1, 3, 7, 9]


def test_a_zero_vector_is_held_and_scores_nothing(index: VectorIndex) -> None:
    index.add(ints(1), np.zeros((1, DIMENSION), dtype=np.float32))
    assert index.scores(rows(1)[0], ints(1)).tolist() == [0.0]


def test_scores_of_an_unknown_id(make: Make) -> None:
    index, _, held = filled(make, 3)
    with pytest.raises(KeyError):
        index.scores(held[0], ints(1, 4))


def test_an_id_can_come_back_with_another_vector(index: VectorIndex) -> None:
    first, second = rows(2)
    index.add(ints(5), first[None, :])
    index.remove(ints(5, 6))
    index.add(ints(5), second[None, :])
    assert index.scores(second, ints(5)) == pytest.approx([1.0], abs=SCORE_TOLERANCE)


@pytest.mark.parametrize(
    ("ids", "vectors_"),
    [
        (ints(1, 1), rows(2)),  # an id twice
        (ints(100, 3), rows(2)),  # 3 is held
        (ints(100, -1), rows(2)),
        (ints(100), rows(2)),
        (ints(100)[None, :], rows(1)),
        (np.array([100], dtype=np.int32), rows(1)),
        (ints(100), rows(1)[:, :-1]),
        (ints(100), rows(1).astype(np.float64)),
        (ints(100), np.full((1, DIMENSION), np.nan, dtype=np.float32)),
        (ints(100), np.full((1, DIMENSION), np.inf, dtype=np.float32)),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    make: Make, ids: Ids, vectors_: NDArray[np.float32]
) -> None:
    index, before, held = filled(make, 5)
    with pytest.raises(ValueError, match=r"\bids?\b|vectors"):
        index.add(ids, vectors_)
    assert index.ids().tolist() == before.tolist()
    assert index.search(held[2], 5)[0].size == 5


@pytest.mark.parametrize(
    "query",
    [rows(1), rows(1)[0][:-1], rows(1)[0].astype(np.float64), np.full(DIMENSION, np.nan, "f4")],
)
def test_a_query_of_the_wrong_kind(make: Make, query: NDArray[np.float32]) -> None:
    index, _, _ = filled(make, 3)
    with pytest.raises(ValueError, match="query"):
        index.search(query, 3)
    with pytest.raises(ValueError, match="query"):
        index.scores(query, ints(1))


def test_vectors_that_are_not_contiguous(index: VectorIndex) -> None:
    wide = np.repeat(rows(3), 2, axis=1)
    index.add(ints(1, 2, 3), wide[:, ::2])
    assert index.search(wide[1, ::2], 1)[0].tolist() == [2]


def test_an_empty_index_can_be_kept(make: Make, tmp_path: Path) -> None:
    make(DIMENSION).save(tmp_path / "empty")
    index, _, _ = filled(make, 3)
    index.load(tmp_path / "empty")
    assert index.ids().size == 0
    index.add(ints(1), rows(1))
    assert index.ids().tolist() == [1]


def test_unusable_files_are_refused_and_change_nothing(make: Make, tmp_path: Path) -> None:
    index, ids, held = filled(make, 20)
    index.save(tmp_path / "good")
    whole = (tmp_path / "good").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "noise").write_bytes(b"\x00\x01 no index" * 20)
    (tmp_path / "nothing").write_bytes(b"")
    make(DIMENSION + 1).save(tmp_path / "wider")
    for name in ("cut", "noise", "nothing", "wider", "missing"):
        with pytest.raises(IndexDamaged):
            index.load(tmp_path / name)
    assert index.ids().tolist() == ids.tolist()
    assert index.search(held[4], 1)[0].tolist() == [5]


def test_an_unknown_name() -> None:
    with pytest.raises(InvalidSettings, match="exact, faiss"):
        vectors.load("no-such", DIMENSION)
