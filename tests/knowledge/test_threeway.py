"""Two changes of one text."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.threeway import joined, merge, together

BASE = "One.\n\nTwo.\n\nThree.\n"
PARAGRAPHS = st.lists(st.sampled_from(["a", "b", "c", "d\ne"]), max_size=6).map("\n\n".join)


def merged(base: str, mine: str, theirs: str) -> str:
    return joined([piece.mine for piece in merge(base, mine, theirs)])


def test_changes_of_different_paragraphs_fit_together() -> None:
    pieces = merge(BASE, "One, mine.\n\nTwo.\n\nThree.\n", "One.\n\nTwo.\n\nThree, theirs.\n")
    assert not any(piece.conflict for piece in pieces)
    text = joined([piece.mine for piece in pieces])
    assert text == "One, mine.\n\nTwo.\n\nThree, theirs.\n"


def test_neighbours_that_each_changed_one_of_fit_together() -> None:
    mine, theirs = "One, mine.\n\nTwo.\n\nThree.\n", "One.\n\nTwo, theirs.\n\nThree.\n"
    assert merged(BASE, mine, theirs) == "One, mine.\n\nTwo, theirs.\n\nThree.\n"


def test_what_both_changed_is_for_somebody_to_choose() -> None:
    pieces = merge(BASE, "One.\n\nMy two.\n\nThree.\n", "One.\n\nTheir two.\n\nThree.\n")
    (chosen,) = [piece for piece in pieces if piece.conflict]
    assert [chosen.base.strip(), chosen.mine.strip(), chosen.theirs.strip()] == [
        "Two.",
        "My two.",
        "Their two.",
    ]


def test_the_same_change_is_no_conflict_and_comes_once() -> None:
    assert merged(BASE, BASE + "\nFour.\n", BASE + "\nFour.\n").count("Four.") == 1


def test_what_one_deletes_and_the_other_changes_is_a_conflict() -> None:
    pieces = merge(BASE, "One.\n\nThree.\n", "One.\n\nTwo, better.\n\nThree.\n")
    assert [(p.mine, p.theirs.strip()) for p in pieces if p.conflict] == [("", "Two, better.")]


@given(PARAGRAPHS, PARAGRAPHS)
def test_without_another_change_it_is_mine_or_theirs(base: str, changed: str) -> None:
    for one in (merge(base, changed, base), merge(base, base, changed)):
        assert not any(piece.conflict for piece in one)
        assert joined([piece.mine for piece in one]).split() == changed.split()


@given(PARAGRAPHS, PARAGRAPHS, PARAGRAPHS)
def test_no_word_of_either_is_lost(base: str, mine: str, theirs: str) -> None:
    pieces = merge(base, mine, theirs)
    shown = " ".join(f"{piece.mine} {piece.theirs}" for piece in pieces).split()
    added = {word for word in mine.split() + theirs.split() if word not in base.split()}
    assert added <= set(shown)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("base", "mine", "theirs"),
    [
        ("x\n\n" * 20_000, "x\n\n" * 19_000, "x\n\n" * 18_000),
        tuple("".join(f"a\n\n{side}{n}\n\n" for n in range(2_000)) for side in "bcd"),
        (" " * 200_000, "\n" * 200_000, "x" + " " * 200_000),
    ],
    ids=["equal", "alternating", "blank"],
)
def test_no_texts_take_long(base: str, mine: str, theirs: str) -> None:
    pieces = merge(base, mine, theirs)
    assert set(mine.split()) <= {word for p in pieces for word in p.mine.split()}


def test_beyond_what_is_compared_nothing_is_lost_and_somebody_chooses() -> None:
    def text(word: str) -> str:
        return "\n\n".join(["First.", *(f"{word} {n}." for n in range(400)), "Last."])

    head, middle, tail = merge(text("Old"), text("Mine") + "\n\nLast.", text("Theirs"))
    assert (head.mine.strip(), tail.mine.strip()) == ("First.", "Last.")
    assert middle.conflict
    assert "Mine 399." in middle.mine
    assert "Theirs 399." in middle.theirs


@given(PARAGRAPHS, PARAGRAPHS)
def test_together_nothing_of_either_is_lost(one: str, other: str) -> None:
    whole = together(one, other).split()
    assert not Counter(one.split()) - Counter(whole)
    assert not Counter(other.split()) - Counter(whole)
    assert together(one, one).split() == one.split()
