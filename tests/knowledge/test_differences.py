"""What changed between two texts."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.differences import MOST, Change, Difference, difference, words

LINE = st.text(alphabet="ab \n", max_size=60)


def told(found: Difference) -> list[tuple[str, str]]:
    return [
        (part.change.value, part.text)
        for hunk in found.hunks
        for line in hunk.lines
        for part in line.parts
    ]


def test_words_that_went_and_came_are_told_within_their_line() -> None:
    found = difference("Fire it slowly.\nWait.", "Fire it quickly.\nWait.")
    assert told(found) == [
        ("same", "Fire it "),
        ("removed", "slowly"),
        ("added", "quickly"),
        ("same", "."),
        ("same", "Wait."),
    ]


def test_lines_that_have_little_in_common_are_told_whole() -> None:
    found = difference("one two three", "four five six")
    assert told(found) == [("removed", "one two three"), ("added", "four five six")]


def test_what_is_the_same_for_long_is_counted() -> None:
    lines = [f"line {n}" for n in range(100)]
    changed = [*lines]
    changed[50] = "another line"
    found = difference("\n".join(lines), "\n".join(changed))
    (hunk,) = found.hunks
    assert (hunk.skipped, len(hunk.lines), found.rest) == (48, 5, 47)
    assert difference("x", "x") == Difference((), 1)


def test_what_is_too_long_is_not_compared() -> None:
    assert difference("x" * MOST, "y").too_long


@given(LINE, LINE)
def test_both_texts_can_be_read_out_of_it(old: str, new: str) -> None:
    for change, text in ((Change.ADDED, new), (Change.REMOVED, old)):
        parts = words(old, new)
        assert "".join(p.text for p in parts if p.change in (Change.SAME, change)) == text


@pytest.mark.parametrize("unit", ["a\n", "a b\n", "", "ab\n\n"])
def test_no_text_takes_long(unit: str) -> None:
    chance = random.Random(3)
    size = MOST // 2 // max(len(unit), 2)

    def text() -> str:
        every = [unit or f"{chance.randrange(20)}\n" for _ in range(size)]
        for _ in range(size // 3):
            every[chance.randrange(size)] = f"{chance.choice('xyz')} {chance.choice('ab')}\n"
        return "".join(every)[: MOST // 2 - 1]

    old, new = text(), text()
    start = time.process_time()
    difference(old, new)
    difference(old[:9000], new[:9000])
    difference(old.replace("\n", " ")[:9000], new.replace("\n", " ")[:9000])
    assert time.process_time() - start < 3
