"""What a query asks for."""

from __future__ import annotations

import pytest

from indexer.search.query import MAX_CHARS, parse
from knowledge.errors import InvalidQuery


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("who knows Kubernetes", "Kubernetes"),
        ("Who knows about restoring a backup?", "restoring a backup"),
        ("who knows how to restore a backup", "to restore a backup"),
        ("does anyone know about the payroll export", "the payroll export"),
        ("Anybody know the VPN", "the VPN"),
        ("who can help me with the VPN?", "the VPN"),
        ("who is the expert on tax", "tax"),
        ("who should I ask about parental leave?", "parental leave"),
        ("expert in machine learning", "machine learning"),
        ("who has experience with Terraform", "Terraform"),
        ("who worked on the billing rewrite", "the billing rewrite"),
        ("who is good at SQL", "SQL"),
        ("whom should I ask about VAT", "VAT"),
        ("Who is responsible for billing?", "billing"),
        ("who maintains the build", "the build"),
    ],
)
def test_carrier_phrases_are_stripped(text: str, topic: str) -> None:
    parsed = parse(text)
    assert (parsed.intent, parsed.topic) == ("who", topic)


@pytest.mark.parametrize(
    "text",
    [
        "how do I restore a backup",
        "who knows?",
        "whoknows deployment",
        "World Health Organisation",
        "guidelines for who may approve expenses",
        "expertise matrix",
    ],
)
def test_other_queries_stay_whole(text: str) -> None:
    parsed = parse(text)
    assert (parsed.intent, parsed.topic) == ("answer", text)


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "\x00", "a" * (MAX_CHARS + 1), '"(*:-'])
def test_what_holds_nothing_is_refused_with_advice(text: str) -> None:
    with pytest.raises(InvalidQuery, match=r"type what|one thing"):
        parse(text)
