"""Queries in other words: what is changed in them, and that both benchmarks run."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import jargon, typos
from tests.indexer.test_evaluation import collection


def test_one_mistake_in_the_longest_word_that_can_hold_it() -> None:
    for mistake in typos.MISTAKES:
        made = typos.mistyped("the aaaaaaaaaa of a ledger", mistake, random.Random(1))
        assert made.startswith("the aaaaaaaaaa of a ")
        assert made != "the aaaaaaaaaa of a ledger"
    assert typos.mistyped("a b c", "swapped", random.Random(1)) == "a b c"


def test_jargon_stands_for_the_longest_word() -> None:
    assert jargon.in_jargon("a ledger entry") == ("a qregdelx entry", "qregdelx", "ledger")
    assert jargon.in_jargon("a b c") is None


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        (jargon.main, ["as judged", "in jargon", "with synonyms"]),
        (typos.main, ["none", *typos.MISTAKES]),
    ],
)
def test_each_prints_its_table(
    command: Callable[[], None],
    rows: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WHOKNOWS_EMBEDDER", "hashing")
    monkeypatch.setattr(sys, "argv", ["command", str(collection(tmp_path / "c"))])
    command()
    title, *lines = capsys.readouterr().out.splitlines()
    assert title.startswith("c: nDCG@10 of ")
    assert [row for row in rows if not any(line.startswith(f"  {row} ") for line in lines)] == []
