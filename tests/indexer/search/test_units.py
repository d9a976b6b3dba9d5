"""What may be shown of a text is never cut inside a word, a row or a line of code."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from indexer.search.units import LONG, Form, Unit, joined, spoken, written

TALK = (
    "**Ada Field:** \\[00:01\\] Did the vault open? I was away.\n\n"
    "**Ben Osei:** \\[00:09\\] The vault opens at noon. Not before."
)


def texts(text: str, units: list[Unit]) -> list[str]:
    return [text[unit.start : unit.end] for unit in units]


def forms(units: list[Unit]) -> set[Form]:
    return {unit.form for unit in units}


def test_a_heading_is_shown_only_where_nothing_else_is() -> None:
    text = "# Opening the vault\n\nTurn the wheel. Wait."
    assert texts(text, written(text)) == ["Turn the wheel.", "Wait."]
    assert texts("## Vault", written("## Vault")) == ["## Vault"]
    assert written("") == []


def test_what_is_said_is_shown_without_names_and_times() -> None:
    assert texts(TALK, spoken(TALK)) == [
        "Did the vault open?",
        "I was away.",
        "The vault opens at noon.",
        "Not before.",
    ]


def test_a_speaker_is_shown_with_their_own_words() -> None:
    assert texts(TALK, spoken(TALK, {"Ada Field"})) == ["Did the vault open?", "I was away."]
    assert spoken(TALK, {"Cleo Marsh"}) == []


def test_a_passage_may_begin_in_the_middle_of_what_somebody_says() -> None:
    text = "and then it jammed.\n\n**Ben Osei:** Oil it."
    both = ["Ada Field", "Ben Osei"]
    assert texts(text, spoken(text, {"Ada Field"}, both)) == ["and then it jammed."]
    assert texts(text, spoken(text, {"Ben Osei"}, both)) == ["Oil it."]
    assert spoken(text, {"Ada Field"}, [*both, "Cleo Marsh"]) == []


def test_a_row_is_whole_whatever_stands_in_its_cells() -> None:
    table = "| Door | Opens |\n|------|:-----:|\n| No. 1. Vault | At noon. Not before. |"
    units = written(f"See below. Or ask.\n\n{table}")
    assert forms(units[2:]) == {Form.ROW}
    assert texts(f"See below. Or ask.\n\n{table}", units) == [
        "See below.",
        "Or ask.",
        "| Door | Opens |",
        "| No. 1. Vault | At noon. Not before. |",
    ]
    bare = "Door | Opens\n---|---\nVault. Big | Noon. Yes"
    assert texts(bare, written(bare)) == ["Door | Opens", "Vault. Big | Noon. Yes"]


def test_the_later_part_of_a_table_is_rows_too() -> None:
    text = "| Gate. Old | Ask. Twice |\n| Vault | Noon |\nThen go. Run."
    units = written(text)
    assert texts(text, units) == [*text.split("\n")[:2], "Then go.", "Run."]
    assert [unit.form for unit in units] == [Form.ROW, Form.ROW, Form.WORDS, Form.WORDS]


def test_code_is_shown_by_whole_lines_without_its_fence() -> None:
    text = "Run it. Wait.\n\n```sh\n# Stop. First.\nmake stop. all\n\n  make go\n```\n\nDone."
    units = written(text)
    assert texts(text, units) == [
        "Run it.",
        "Wait.",
        "# Stop. First.",
        "make stop. all",
        "make go",
        "Done.",
    ]
    assert [unit.form for unit in units].count(Form.CODE) == 3
    # The beginning of a block whose end is in the next passage.
    assert texts("~~~\na. B\nc", written("~~~\na. B\nc")) == ["a. B", "c"]


def test_a_long_sentence_comes_in_parts_cut_between_words_after_a_clause() -> None:
    text = "The vault, which is old, opens when the wheel is turned twice, but never at night, " * 9
    units = written(text.strip(" ,"))
    assert all(unit.end - unit.start <= LONG for unit in units)
    assert all(text[unit.end - 1] == "," for unit in units[:-1])
    assert (units[0].opens, units[0].closes) == (True, False)
    assert (units[-1].opens, units[-1].closes) == (False, True)
    unbroken = "w" * 2 * LONG
    assert texts(unbroken, written(unbroken)) == [unbroken]


def test_neighbours_are_joined_within_a_paragraph_and_a_form() -> None:
    text = "One. Two.\nThree.\n\nFour.\n\n| a | b |\n|---|---|\n| c | d |\n| e | f |"
    units = written(text)
    together = [joined(text, a, b) for a, b in pairwise(units)]
    # "|---|---|" stands between the head of the table and its rows.
    assert together == [True, True, False, False, False, True]


_PIECES = st.sampled_from(
    [
        "Word",
        "many more words than one, ",
        "word,",
        "Stop.",
        "a. B",
        " ",
        "\n",
        "\n\n",
        "| a. b | c |",
        "|---|---|",
        "```",
        "# ",
        "- ",
    ]
)


@given(st.lists(_PIECES, max_size=200).map("".join))
def test_units_are_in_order_apart_and_never_begin_or_end_inside_a_word(text: str) -> None:
    at = 0
    for unit in written(text):
        assert at <= unit.start < unit.end <= len(text)
        assert text[unit.start : unit.end] == text[unit.start : unit.end].strip()
        for edge in (unit.start, unit.end):
            around = text[max(edge - 1, 0) : edge + 1]
            assert not (len(around) == 2 and around.isalnum())
        at = unit.end
