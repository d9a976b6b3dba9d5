"""What would make a note better."""

from __future__ import annotations

import pytest

from knowledge import hints, template
from knowledge.hints import About
from knowledge.types import Level

GOOD = {
    "thing": "Look for wide plateaus at the top of a flame graph: width is the time spent there.",
    "why": "A tall tower looks alarming and costs nothing, and a wide flat one is your bill.",
    "example": "The importer parsed the same header for every single row.",
    "pitfall": "Colours mean nothing.",
    "limits": "Where waiting is what costs; ask Ada Field then.",
}


def told(title: str = "Read a flame graph", **parts: str) -> dict[About, hints.Hint]:
    found = hints.of_note(title, template.composed(GOOD | parts), lambda word: word == "CPU")
    return {hint.about: hint for hint in found}


def open_hints(title: str = "Read a flame graph", **parts: str) -> set[About]:
    return {about for about, hint in told(title, **parts).items() if not hint.done}


def test_a_good_note_leaves_nothing_to_say() -> None:
    assert open_hints() == set()


@pytest.mark.parametrize("title", ["", "Flame graphs", "Notes on flame graphs", "The flame graph"])
def test_a_title_says_what_one_can_do(title: str) -> None:
    assert open_hints(title) == {About.TITLE}


@pytest.mark.parametrize(
    "thing",
    [
        "Look at the width. And also use colours, which is another thing.",
        "- one\n- two\n- three\n- four",
        "word " * 81,
        "Look.\n\n## Colours\n\nNone.\n\n## Towers\n\nTall.",
    ],
)
def test_one_thing_only(thing: str) -> None:
    assert open_hints(thing=thing) == {About.ONE_THING}


def test_an_example_and_a_pitfall() -> None:
    assert open_hints(example="", pitfall="") == {About.EXAMPLE, About.PITFALL}
    assert open_hints(example="", why="For example the importer does it, do not laugh.") == set()


def test_where_it_does_not_apply_and_whom_to_ask() -> None:
    assert open_hints(limits="") == {About.LIMITS, About.ASK}
    assert open_hints(limits="", why="Never, unless it waits. Ask #profiling.") == set()
    assert open_hints(limits="Where it waits.") == {About.ASK}
    assert open_hints(limits="Where it waits: ada@example.org knows.") == set()
    assert open_hints(limits="Where it waits. It is a big ask.") == {About.ASK}


def test_a_write_up_is_told_the_same_but_for_the_template() -> None:
    good = "## An example\n\nThe importer. Not for waits; ask Ada Field. " + "word " * 30
    assert {one.about for one in hints.of_writeup("Read a flame graph", good, bool)} == {
        *(About.TITLE, About.EXAMPLE, About.LIMITS, About.ASK, About.LENGTH, About.ACRONYMS)
    }
    assert [one for one in hints.of_writeup("Read a flame graph", good, bool) if not one.done] == []
    bare = hints.of_writeup("Flames", "So it is.", bool)
    assert [one.about for one in bare if one.done] == [About.ACRONYMS]
    long = hints.of_writeup("Read a flame graph", good + "word " * 2000, bool)
    assert [one.about for one in long if not one.done] == [About.LENGTH]


def test_neither_too_long_nor_too_short() -> None:
    short = dict.fromkeys(GOOD, "") | {"thing": "Look at the width."}
    assert About.LENGTH in open_hints(**short)
    assert told(steps="word " * 500)[About.LENGTH].text.startswith("5")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("The SLO burns.", True),
        ("The service level objective (SLO) burns, and the SLO is red.", False),
        ("The SLO (service level objective) burns.", False),
        ("The CPU burns.", False),
        ("The `SLO` burns.\n\n```\nRPO\n```", False),
    ],
)
def test_abbreviations_are_explained_unless_they_are_known(text: str, named: bool) -> None:
    found = told(why=text)[About.ACRONYMS]
    assert found.done is not named
    assert ("SLO" in found.text) is named


def test_a_level_is_that_of_the_neighbours_or_told_from_the_text() -> None:
    body = template.composed(GOOD)
    assert hints.level_of(body, [Level.EXPERT, Level.EXPERT, Level.NEWCOMER]) is Level.EXPERT
    assert hints.level_of(body, [Level.EXPERT]) is Level.PRACTITIONER
    assert hints.level_of(body + "\n\n## Steps\n\n1. Look.", []) is Level.NEWCOMER
    assert hints.level_of(body + " SLO RPO RTO MTTR", []) is Level.EXPERT
    assert hints.level_of("Too short.", []) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text",
    ["\n" * 200_000, " " * 200_000, " ".join(f"A{n:05}" for n in range(25_000)), "`" * 200_000],
    ids=["lines", "spaces", "abbreviations", "ticks"],
)
def test_no_text_takes_long(text: str) -> None:
    assert told(why=f"So{text}it is.")[About.TITLE]
