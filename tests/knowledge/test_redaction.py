"""Texts without somebody."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from knowledge.redaction import FORMER, REMOVED, Called, silenced
from knowledge.transcript import is_generic, turns

CALLED = Called(
    ["Grace  Lund", "Grace"], ["grace@example.org"], ["glund", "gl", "42", "name:grace lund"]
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ask Grace Lund.", f"Ask {FORMER}."),
        ("ask GRACE\nLUND today", f"ask {FORMER} today"),
        ("Grace Lundgren knows", "Grace Lundgren knows"),
        ("write to Grace@Example.org", f"write to {FORMER}"),
        ("by the grace of time", "by the grace of time"),
        ("Grace", FORMER),
        ("[~glund] and @gl and glund", f"[{FORMER}] and {FORMER} and {FORMER}"),
        ("a gl of 42 @42", "a gl of 42 @42"),
        ("hugglund@example.org", "hugglund@example.org"),
    ],
)
def test_what_somebody_is_called_is_replaced(text: str, left: str) -> None:
    assert CALLED.gone_from(text) == left
    assert CALLED.named_in(text) == (text != left)


ZOE = Called(["Zoë Müller", "Z. Müller", "Anna von der Zoë"], ["zoe+a@example.org"], [])


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ask Zoë Müller now", f"ask {FORMER} now"),
        ("ask **Zoë** _Müller_.", f"ask **{FORMER}_."),
        ("Müller, Zoë", FORMER),
        ("Zoë&nbsp;Müller, ZOË-MÜLLER", f"{FORMER}"),
        ("<b>Zoë</b> <i>Müller</i>", f"<b>{FORMER}</i>"),
        ("see Zoë_Müller_notes", f"see {FORMER}_notes"),
        ("Z. Müller's kiln, of Müller", f"{FORMER}'s kiln, of {FORMER}"),
        ("zoe%2Ba%40example.org", FORMER),
        ("zoe%2ba%40example%2eorg", FORMER),
        ("Zoë and the von der", "Zoë and the von der"),
        ("Müllerei, Zoës Zoë", "Müllerei, Zoës Zoë"),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, left: str, form: Any) -> None:
    given = unicodedata.normalize(form, text)
    assert ZOE.gone_from(given) == unicodedata.normalize(form, left)


def test_a_surname_that_is_a_word_or_anothers_is_not_taken_for_theirs() -> None:
    text = "Fields of Field, a field, FIELD"
    assert Called(["Ada Field"]).gone_from(text) == f"Fields of {FORMER}, a {FORMER}, {FORMER}"
    common = Called(["Ada Field"], common=["field"])
    assert common.gone_from(text) == f"Fields of {FORMER}, a field, {FORMER}"
    shared = Called(["Ada Field"], shared=["field"])
    assert shared.gone_from(text) == text
    assert shared.gone_from("Field, Ada") == FORMER


def test_who_asks_needs_one_word_of_a_name_only() -> None:
    for text in ("where is zoe", "muller?", unicodedata.normalize("NFD", "x_MÜLLER")):
        assert ZOE.asked_for_in(text)
    for text in ("of the von der z", "mullerei", "zo"):
        assert not ZOE.asked_for_in(text)


def test_what_two_are_called_together_can_be_kept_in_a_file() -> None:
    both = CALLED.and_also(ZOE)
    again = Called(**json.loads(json.dumps(both.told())))
    assert again.told() == both.told()
    assert again.gone_from("Grace Lund, Zoë Müller") == FORMER


def test_json_keeps_its_form() -> None:
    told = {"names": ["Grace Lund", "Ben"], "count": 2, "who": {"who": "x or grace@example.org"}}
    assert CALLED.gone_from_json(told) == {
        "names": [FORMER, "Ben"],
        "count": 2,
        "who": {"who": f"x or {FORMER}"},
    }
    assert Called([]).gone_from("Grace Lund") == "Grace Lund"


@pytest.mark.parametrize(
    "body",
    [
        "**Grace:** \\[00:10\\] Secret one.\n\n\\[00:20\\] Secret two.\n\n"
        "**Ben:** \\[00:30\\] Mine.",
        "Grace: Secret one.\nSecret two.\n\nBen: Mine.\n\nGrace: Secret three.",
    ],
)
def test_words_go_with_their_label_and_others_stay(body: str) -> None:
    left = silenced(body, {"grace"})
    assert "Secret" not in left
    assert "Grace" not in left
    said = [(turn.label, left[turn.text_start : turn.end]) for turn in turns(left)]
    assert set(said) == {(FORMER, REMOVED), ("Ben", "Mine.")}
    assert [turn.start_s for turn in turns(left)] == [turn.start_s for turn in turns(body)]
    assert silenced(left, {"grace"}) == left
    assert silenced(body, {"cleo"}) == body


def test_a_former_colleague_is_nobody_in_particular() -> None:
    assert is_generic(FORMER)
