"""How the words of documents are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer import vocabulary
from indexer.vocabulary import Vocabulary


def test_what_is_loaded_is_what_was_put(tmp_path: Path) -> None:
    made = Vocabulary(str.split)
    told = {1: {"kiln", "glaze"}, 2: set[str](), 7: {"glaze", "wheel"}, 9: {"kiln"}}
    for key, words in told.items():
        made.put(key, key % 2, words, {"glaze"} & words)
    made.remove(9)
    made.save(tmp_path / "words")
    loaded = Vocabulary(str.split)
    loaded.load(tmp_path / "words")
    assert loaded.held() == made.held() == {1: 1, 2: 0, 7: 1}
    for key in (1, 2, 7, 9):
        assert loaded.words(key) == made.words(key)
    for scope in (None, frozenset({0}), frozenset({1})):
        for word in ("kiln", "glaze", "wheel", "clay"):
            assert loaded.frequency(word, scope) == made.frequency(word, scope)


@pytest.mark.parametrize("seed", range(5))
def test_many_documents_are_pressed_as_each_alone(seed: int) -> None:
    random = np.random.default_rng(seed)
    sizes = random.integers(0, 30, 40) * (random.random(40) < 0.8)
    parts = [
        np.sort(random.integers(0, 10 ** random.integers(2, 7), size)).astype(np.uint32)
        for size in sizes
    ]
    ends = np.cumsum(sizes)
    pressed = [*vocabulary._all_pressed(np.concatenate(parts), ends - sizes, ends)]
    assert pressed == [vocabulary._pressed(part) for part in parts]
    assert {one[0] for one in pressed} == {2, 4}
