"""Words as they are suggested by."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.words import begin, suggest_key, words


def test_case_accents_and_punctuation_do_not_matter() -> None:
    assert words("José's “Übung”: CI/CD, STRASSE/straße") == (
        "jose",
        "s",
        "ubung",
        "ci",
        "cd",
        "strasse",
        "strasse",
    )


def test_every_wanted_word_begins_a_word() -> None:
    assert begin("Restoring the Ledger", ("ledg", "resto"))
    assert not begin("Restoring the Ledger", ("edger",))


def test_a_key_has_a_space_before_every_word() -> None:
    assert suggest_key(["A b", "C"]) == " a b\n c"


@given(st.lists(st.text()))
def test_a_key_fits_into_an_index(texts: list[str]) -> None:
    assert len(suggest_key([*texts, "x" * 3000]).encode()) <= 2000
