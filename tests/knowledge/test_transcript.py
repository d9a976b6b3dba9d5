from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.transcript import is_generic, render, turns

Spoken = tuple[str | None, float | None, float | None, str]


def read(body: str) -> list[Spoken]:
    return [(t.label, t.start_s, t.end_s, body[t.text_start : t.end]) for t in turns(body)]


def labels(body: str) -> list[str | None]:
    return [turn.label for turn in turns(body)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Ann Lee: Hello.", ("Ann Lee", None, None, "Hello.")),
        ("**Ann Lee:** Hello.", ("Ann Lee", None, None, "Hello.")),
        ("**Ann Lee**: Hello.", ("Ann Lee", None, None, "Hello.")),
        (r"**Ann Lee:** \[01:46\] Hello.", ("Ann Lee", 106.0, None, "Hello.")),
        ("**Ann Lee:** [01:46] Hello.", ("Ann Lee", 106.0, None, "Hello.")),
        ("Ann Lee: [1:02:03] Hello.", ("Ann Lee", 3723.0, None, "Hello.")),
        ("**Ann Lee** [00:03] Hello.", ("Ann Lee", 3.0, None, "Hello.")),
        (
            r"**Ann Lee:** \[00:00:01.500-00:00:02.250\] Hello.",
            ("Ann Lee", 1.5, 2.25, "Hello."),
        ),
        (r"\[00:01.000 --> 00:02.000\] Hello.", (None, 1.0, 2.0, "Hello.")),
        ("[00:05] Ann Lee: Hello.", ("Ann Lee", 5.0, None, "Hello.")),
        (r"**SPEAKER\_00:** Hello.", ("SPEAKER_00", None, None, "Hello.")),
        ("田中：こんにちは", ("田中", None, None, "こんにちは")),
        (r"**Ann Lee:** \[laughs\] Hello.", ("Ann Lee", None, None, r"\[laughs\] Hello.")),
        (r"**Ann Lee:** \[12:75\] Hello.", ("Ann Lee", None, None, r"\[12:75\] Hello.")),
        ("Ann Lee:", ("Ann Lee", None, None, "")),
    ],
)
def test_line_forms(line: str, expected: Spoken) -> None:
    assert read(line) == [expected]


@pytest.mark.parametrize(
    "label",
    [
        "Dr. Jo van der Berg",
        "Mr. Chris d'Entremont (West Nova, CPC)",
        "Hon. Carla Qualtrough (Minister of Employment, Workforce and Disability Inclusion)",
        "Mireille B. Reece, Psy.D",
        "The Chair",
        "Erik St. Martin",
        "PhD D",
        "李雷",
    ],
)
def test_a_name_that_occurs_once(label: str) -> None:
    assert labels(f"Ann Lee: Hello.\n{label}: Good morning.") == ["Ann Lee", label]


@pytest.mark.parametrize(
    "line",
    [
        "Note: this is not a speaker.",
        "https://example.org: look there.",
        "See https://example.org for more.",
        "12:30 is the time.",
        "At 12: lunch.",
        "What I mean is this: we should go.",
        "And my favourite: coffee.",
        "Well, Ann said: no.",
        "Is it so? Yes: it is.",
        "> Quoted: text.",
        "- Item: text.",
        "Step 2: turn it off.",
        "**Important** words.",
        "**Is this a question?** Yes.",
    ],
)
def test_lines_that_go_on(line: str) -> None:
    assert labels(f"Ann Lee: Hello.\n{line}\nBo Day: Yes.") == ["Ann Lee", "Bo Day"]


def test_with_emphasised_names_a_plain_one_must_be_among_them() -> None:
    body = "**Ann Lee:** Hello.\n\nFavorite Pod: ours.\n\nBo Day: hm.\n\n**Bo Day:** Yes."
    assert labels(body) == ["Ann Lee", "Bo Day", "Bo Day"]


def test_handles() -> None:
    assert labels("ann: hi\nbo_d: hello\nann: how\nbo_d: fine") == ["ann", "bo_d"] * 2
    assert labels("Ann Lee: So\nyesterday: rain\nBo Day: Yes") == ["Ann Lee", "Bo Day"]


def test_a_time_alone_keeps_the_speaker_and_ends_the_turn_before() -> None:
    body = r"""**Ann Lee:** \[00:10\] One.

More.

\[00:20\] Two.

**Bo Day:** Three.

\[00:15\] Four."""
    assert read(body) == [
        ("Ann Lee", 10.0, 20.0, "One.\n\nMore."),
        ("Ann Lee", 20.0, None, "Two."),  # the next time is earlier
        ("Bo Day", None, None, "Three."),
        ("Bo Day", 15.0, None, "Four."),
    ]


@given(st.text(alphabet="AB b:*[]\\(12)\n\r.\u2028-", max_size=80))
def test_turns_hold_every_character_in_order(body: str) -> None:
    at = 0
    for turn in turns(body):
        assert not body[at : turn.start].strip()
        assert turn.start <= turn.text_start <= turn.end
        assert body[turn.start : turn.end] == body[turn.start : turn.end].strip() != ""
        at = turn.end
    assert not body[at:].strip()


@pytest.mark.parametrize(
    "label",
    [
        "Speaker 1",
        "SPEAKER_00",
        "Unknown",
        "Participant 3",
        "Break",
        "Multiple speakers",
        "S2",
        "Unidentified male speaker",
        "unknown speaker (phone)",
        "???",
        "Guest 2",
        "Q",
        "Audience",
    ],
)
def test_generic(label: str) -> None:
    assert is_generic(label)


@pytest.mark.parametrize(
    "label", ["Ann Lee", "AJ", "S. Peaker", "Project Manager", "Guest Baker", "Paul", "李雷", "Al"]
)
def test_people(label: str) -> None:
    assert not is_generic(label)


SECONDS = st.integers(0, 400_000).map(lambda ms: ms / 1000)
TEXT = st.text(alphabet="Ab1 :*[]\\\n.-é\u2028", max_size=40).map(str.strip)
LABEL = st.sampled_from(["Ann Lee", "bo", "SPEAKER_00", "Dr. X (Y, Z)", "李雷", "Unknown"])


@given(st.lists(st.tuples(LABEL, SECONDS, SECONDS, st.sampled_from(["Hi.", "a: b", "", "x\n\ny"]))))
def test_what_is_rendered_is_read(said: list[tuple[str, float, float, str]]) -> None:
    assert read(render(said)) == said


@given(
    st.lists(st.tuples(st.none() | LABEL | TEXT, st.none() | SECONDS, st.none(), TEXT), max_size=6)
)
def test_whatever_is_rendered_keeps_its_turns(said: list[Spoken]) -> None:
    kept = [turn for turn in said if turn[0] is not None or turn[1] is not None or turn[3]]
    opened = [
        turn
        for at, turn in enumerate(kept)
        if at == 0 or turn[0] is not None or turn[1] is not None
    ]
    body = render(said)
    got = read(body)
    assert [turn[1] for turn in got] == [turn[1] for turn in opened]
    assert read(render(got)) == got


def test_missing_labels_and_impossible_ones() -> None:
    said: list[Spoken] = [("Ann Lee", 0.0, 1.0, "a"), (None, 1.0, 2.0, "b"), ("?!", 2.0, 3.0, "c")]
    assert [turn[0] for turn in read(render(said))] == ["Ann Lee", "Unknown", "Unknown"]
    assert read(render([(None, 0.0, 1.0, "a"), (None, 1.0, 2.0, "b")])) == [
        (None, 0.0, 1.0, "a"),
        (None, 1.0, 2.0, "b"),
    ]
    assert read(render([(" Ann \n* Lee ", None, None, " a ")])) == [("Ann Lee", None, None, "a")]
