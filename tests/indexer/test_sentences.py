from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.sentences import sentences


@pytest.mark.parametrize(
    "split",
    [
        ["One sentence.", "Another one!", "A third?"],
        ["Dr. Smith met J. Doe at 5 p.m. in St. Louis.", "They left."],
        ["It needs v1.2, e.g. Python 3.11.", "Nothing else."],
        ["It works... mostly.", "Yes."],
        ['"Really?"', "(He said so.)", "Well."],
        ["你好。", "世界！", "「再见。」", "好"],
        ["So .", "and then we stop .", "um ."],
        ["# Heading", "Text under it", "- item one", "- item two.", "More of it."],
        ["1. First step.", "2. Second step"],
        ["A line that is\nwrapped and goes on.", "End."],
        ["Ann Lee: hello there", "Bo Day: good morning"],
        ["No stop", "| a | b |", "| c | d |"],
        ["**Ann Lee:** Hi.", "**Bo Day:** Hello."],
        ["Was it me or I.", "Yes."],
    ],
)
def test_splits(split: list[str]) -> None:
    lines = any(part.startswith(("#", "-", "1", "Ann", "No", "**")) for part in split)
    text = ("\n" if lines else "" if split[0] == "你好。" else " ").join(split)
    assert [text[a:b] for a, b in sentences(text)] == split


@given(st.text(alphabet="aB1 .!?。…\"')\n\r#-*:|\u2028", max_size=200) | st.text())
def test_sentences_hold_every_character_in_order(text: str) -> None:
    at = 0
    for start, end in sentences(text):
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        at = end
    assert not text[at:].strip()


@pytest.mark.parametrize("unit", [".", "a.", ". ", "\n", ".*", "[(", "A a", " ", ". **", "\nA"])
def test_linear_time(unit: str) -> None:
    started = time.process_time()
    sentences(unit * 100_000)
    assert time.process_time() - started < 5
