"""Synonyms applied to queries."""

from __future__ import annotations

import pytest

from indexer.lexical._words import words_of as analyze
from indexer.search.jargon import MOST, expansions, words_of
from knowledge.asked import Synonym

HELD = (
    Synonym(1, "k8s", "kubernetes", True),
    Synonym(2, "PTO", "paid time off", False),
    Synonym(3, "paid time off", "annual leave", False),
    Synonym(4, "cluster", "kubernetes", False),
    Synonym(5, "deploy", "rollout", False),
)


@pytest.mark.parametrize(
    ("topic", "meanings"),
    [
        ("upgrade K8S nodes", ["kubernetes"]),
        ("kubernetes nodes", ["k8s"]),
        ("k8s is kubernetes", []),
        ("a k8s cluster", ["kubernetes"]),
        ("how much pto", ["paid time off"]),
        ("paid time off", ["annual leave"]),
        ("paid off time", []),
        ("PTO and deploying a k8s", ["paid time off", "rollout", "kubernetes"]),
        ("nothing of these", []),
        ("", []),
    ],
)
def test_what_else_is_looked_for(topic: str, meanings: list[str]) -> None:
    assert [one.meaning for one in expansions(topic, HELD, analyze)] == meanings


def test_they_come_to_an_end() -> None:
    many = tuple(Synonym(n, "term", f"meaning{n}", False) for n in range(100))
    assert len(expansions("term", many, analyze)) == MOST
    assert expansions("term", (), analyze) == ()


def test_their_words_are_no_mistakes() -> None:
    assert {"k8s", "pto", "annual", "leave"} <= words_of(HELD)
