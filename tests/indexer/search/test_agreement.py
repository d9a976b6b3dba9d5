"""How well titles agree with a question."""

from __future__ import annotations

import pytest

from indexer.search.agreement import agreement


def test_the_title_itself_agrees_wholly() -> None:
    agreed = agreement(["restor", "backup"], {1: ["restor", "backup"], 2: ["backup", "tape"]})
    assert agreed[1] == pytest.approx(1.0)
    assert 0.0 < agreed[2] < 1.0


def test_a_longer_title_agrees_less() -> None:
    agreed = agreement(["backup"], {1: ["backup"], 2: ["backup", "of", "the", "vault"]})
    assert agreed[1] > agreed[2]


def test_a_word_of_every_title_counts_less_than_a_rare_one() -> None:
    titles = {key: ["team", f"t{key}"] for key in range(20)}
    agreed = agreement(["team", "t7"], titles)
    assert agreed[7] > 3 * agreed[8]


def test_nothing_in_common_is_no_agreement() -> None:
    assert agreement(["backup"], {1: ["tape"], 2: []}) == {}
    assert agreement([], {1: ["tape"]}) == {}
    assert agreement(["backup"], {}) == {}
