"""Which signs a query holds, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.search.operators import MAX_SIGNS, signs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"cold storage" backup', [("phrase", "cold storage")]),
        ('say "cold storage", please', [("phrase", "cold storage")]),
        ("“cold storage” and „tief“", [("phrase", "cold storage"), ("phrase", "tief")]),
        ("«cold storage» or « deux mots »", [("phrase", "cold storage"), ("phrase", "deux mots")]),
        ('who knows "Kafka"?', [("phrase", "Kafka")]),
        ("backup -tape", [("without", "tape")]),
        ("(backup -müll)", [("without", "müll")]),
        ('backup -"Cold Storage" x', [("without", "Cold Storage")]),
        ("tag:ops, x", [("tag", "ops")]),
        ('Team:"Customer Success" x', [("team", "Customer Success")]),
        ("kind:note level:expert", [("kind", "note"), ("level", "expert")]),
        ("since:2024 before:2025-01-31", [("since", "2024"), ("before", "2025-01-31")]),
        ("author:ada source:wiki", [("author", "ada"), ("source", "wiki")]),
    ],
)
def test_signs(text: str, expected: list[tuple[str, str]]) -> None:
    found = signs(text)
    assert [(sign.name, sign.value) for sign in found] == expected
    assert all(text[sign.start : sign.end] == sign.text for sign in found)


@pytest.mark.parametrize(
    "text",
    [
        "C++ -Wall -O2 -Xmx2g",
        "rm -rf --force",
        "a - b",
        "well-known e-mail",
        "at -5 degrees",
        "ada@example.org",
        'a 24" and a 27" monitor',
        'what counts as an "ancilla" qubit?',
        'what counts as an "ancilla qubit"?',
        'an unbalanced "quotation here',
        '"" "!!" “…”',
        'x"y z"',
        "it's the team's",
        "`rm -x`",
        "https://tag.example/x kind: note",
        "-tag:ops",
        "metatag:ops source:/etc source:",
        "std::kind::note",
        "A AND NOT (b OR c*)~2 [x TO y]",
    ],
)
def test_what_is_no_sign(text: str) -> None:
    assert signs(text) == []


def test_signs_come_to_an_end() -> None:
    assert len(signs('"x" ' * 50)) == MAX_SIGNS


@given(st.text(alphabet='ab -"“”„«»:.tag', max_size=60))
def test_signs_stand_where_they_say(text: str) -> None:
    end = 0
    for sign in signs(text):
        assert sign.start >= end
        assert text[sign.start : sign.end] == sign.text
        assert sign.value.strip()
        end = sign.end
