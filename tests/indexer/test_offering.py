"""Topics are one by what they mean, and no model is needed where nothing is to compare."""

from __future__ import annotations

import numpy as np
import pytest

from indexer import embedders
from indexer.offering import ALIKE, SameTopics
from indexer.protocols import Embedder
from tests.indexer.paraphrases import QUESTIONS


def never() -> Embedder:
    raise AssertionError("there is nothing to compare")


def test_of_each_topic_those_that_are_the_same() -> None:
    same = SameTopics(lambda: embedders.load("hashing"))
    others = ["glazing", "writing good runbooks", "WRITING good runbooks, please"]
    assert same(["Writing good runbooks", "zeppelins"], others) == [[1, 2], []]
    assert same(["Glazing"], others) == [[0]]


def test_where_nothing_is_to_compare_no_model_is_needed() -> None:
    assert SameTopics(never)(["glazing"], []) == [[]]
    assert SameTopics(never)([], ["glazing"]) == []


def test_what_was_embedded_is_remembered_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.offering._MOST", 3)
    same = SameTopics(lambda: embedders.load("hashing"))
    for number in range(5):
        assert same([f"topic number {number}"], ["glazing"]) == [[]]
        assert same(["glazing"], ["glazing"]) == [[0]]
    assert len(same._vectors) <= 3


@pytest.mark.model
def test_the_threshold_tells_invented_topics_apart() -> None:
    topics = [(n, text) for n, group in enumerate(QUESTIONS) for text in group]
    texts = [text for _, text in topics]
    found = SameTopics(lambda: embedders.load("onnx_int8"))(texts, texts)
    group = np.array([n for n, _ in topics])
    pairs = [(at, other) for at, some in enumerate(found) for other in some if other != at]
    assert all(group[at] == group[other] for at, other in pairs)
    of_all = sum(int((group == n).sum()) - 1 for n in group)
    assert len(pairs) / of_all > 0.9
    assert ALIKE == 0.6
