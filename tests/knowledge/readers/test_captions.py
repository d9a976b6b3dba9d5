"""WebVTT and SubRip."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.readers._captions import timing
from knowledge.types import Contributor, Kind, ReadFailure, Role, SourceDocument
from tests.knowledge.readers.support import document, read, refusal


def vtt(*cues: str, step: int = 2) -> str:
    blocks = [
        f"00:{n * step // 60:02}:{n * step % 60:02}.000 --> "
        f"00:{(n + 1) * step // 60:02}:{(n + 1) * step % 60:02}.000\n{cue}"
        for n, cue in enumerate(cues)
    ]
    return "WEBVTT\n\n" + "\n\n".join(blocks) + "\n"


def test_voices_are_kept_and_merged(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "2024-05-06-review.vtt",
        vtt(
            "<v Mia Chen>One &amp; <i>two</i>",
            "<v.loud.first Mia Chen>three</v>",
            "<v Ole>four\nlines</v> <v Mia Chen>five",
            "<v Speaker 1>six",
            "nobody",
        ),
    )

    assert found.kind is Kind.TRANSCRIPT
    assert found.title == "Review"
    assert found.created_at is not None
    assert found.body == "\n\n".join(
        [
            r"**Mia Chen:** \[00:00:00.000-00:00:04.000\] One & two three",
            r"**Ole:** \[00:00:04.000-00:00:06.000\] four lines",
            r"**Mia Chen:** \[00:00:04.000-00:00:06.000\] five",
            r"**Speaker 1:** \[00:00:06.000-00:00:08.000\] six",
            r"**Unknown:** \[00:00:08.000-00:00:10.000\] nobody",
        ]
    )
    assert found.contributors == (
        Contributor("Mia Chen", Role.SPEAKER, weight=5.0),
        Contributor("Ole", Role.SPEAKER, weight=2.0),
    )


def test_names_in_the_text(tmp_path: Path) -> None:
    found = document(
        tmp_path, "a.vtt", vtt("Mia: one", "and more", "Ole: the rule: never", ">> Mia: two")
    )

    assert [line.split(" ")[-3:] for line in found.body.split("\n\n")] == [
        ["one", "and", "more"],
        ["the", "rule:", "never"],
        ["**Mia:**", r"\[00:00:06.000-00:00:08.000\]", "two"],
    ]
    assert [c.name for c in found.contributors] == ["Mia", "Ole"]


def test_a_film_with_a_colon_has_no_speakers(tmp_path: Path) -> None:
    cues = [f"Line {n} of the story." for n in range(30)]
    cues[20] = "Digo: no"
    cues[25] = "Digo: yes"

    found = document(tmp_path, "a.vtt", vtt(*cues))

    assert found.contributors == ()
    assert "Digo: no" in found.body.replace("\\", "")


def test_rolling_captions_are_collapsed(tmp_path: Path) -> None:
    rolling = ["so today we", "so today we\nlook at locks", "look at locks",
               "look at locks\nand at queues", "and at queues"]  # fmt: skip
    found = document(tmp_path, "a.vtt", vtt(*rolling))

    assert found.body.endswith("so today we look at locks and at queues")


def test_what_is_really_said_twice_is_kept(tmp_path: Path) -> None:
    found = document(
        tmp_path, "a.vtt", vtt("Yes.", "Yes.", "But how?", "Like this.", "Ah.", "Good.")
    )

    assert found.body.endswith("Yes. Yes. But how? Like this. Ah. Good.")


def test_turns_end_at_pauses_and_about_sixty_words(tmp_path: Path) -> None:
    pause = vtt("<v Mia>one") + "\n00:00:06.000 --> 00:00:07.000\n<v Mia>two\n"
    long = vtt(*["<v Mia>" + "word " * 7] * 20)

    assert document(tmp_path, "a.vtt", pause).body.count("**Mia:**") == 2
    turns = document(tmp_path / "b", "b.vtt", long).body.split("\n\n")
    assert all(60 <= turn.count("word") < 70 for turn in turns[:-1])


def test_notes_styles_regions_and_identifiers(tmp_path: Path) -> None:
    text = (
        "\N{ZERO WIDTH NO-BREAK SPACE}WEBVTT - Title\nKind: captions\n\nNOTE one\n\n"
        "STYLE\n::cue {}\n\nREGION\nid:x\n\nNOTE\nmany\nlines\n\n"
        "1\n00:01.000 --> 00:02.000 align:start\nsaid\n\nNOTE end\n"
    )

    assert document(tmp_path, "a.vtt", text).body.endswith("] said")


@pytest.mark.parametrize(
    "note",
    [
        "NOTE\ntitle: Hand-over: week 21\ndate: 2025-05-23",
        "NOTE\nTitle:  Hand-over: week 21\nDATE: 2025-05-23",
        "NOTE date: 2025-05-23\ntitle: Hand-over: week 21",
        "NOTE made by a tool\n\nSTYLE\n::cue {}\n\nNOTE\r\ntitle: Hand-over: week 21\n"
        "date: 2025-05-23",
    ],
)
def test_a_comment_before_the_first_cue_says_what_it_is(tmp_path: Path, note: str) -> None:
    found = document(tmp_path, "a.vtt", vtt("said").replace("WEBVTT", f"WEBVTT\n\n{note}"))

    assert found.title == "Hand-over: week 21"
    assert found.created_at == found.updated_at == datetime(2025, 5, 23, tzinfo=UTC)
    assert found.body.endswith("] said")


def test_the_first_steps_show_how(tmp_path: Path, repository: Path) -> None:
    shown = repository / "docs" / "first-steps" / "on-call-handover.vtt"
    found = document(tmp_path, shown.name, shown.read_text("utf-8"))

    assert found.title == "On-call handover, week 21"
    assert found.updated_at == datetime(2025, 5, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        vtt("said") + "\nNOTE\ntitle: Later\ndate: 2025-05-23\n",
        vtt("said").replace("WEBVTT", "WEBVTT\n\nNOTE\ntitle: Of a tool\nduration: 3"),
        vtt("said").replace("WEBVTT", "WEBVTT\n\nNOTE see\ntitle: Of a sentence"),
        vtt("said").replace("WEBVTT", "WEBVTT\ntitle: Of the head"),
        vtt("said").replace("WEBVTT", "WEBVTT\n\nSTYLE\ntitle: Of a style"),
        vtt("said").replace("WEBVTT", "WEBVTT\n\nNOTE\ntitle:\ndate: soon"),
    ],
)
def test_any_other_comment_says_nothing(tmp_path: Path, text: str) -> None:
    found = document(tmp_path, "2024-05-06-review.vtt", text)

    assert found.title == "Review"
    assert found.created_at == datetime(2024, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("00:00:01.500 --> 00:00:02.000", (1.5, 2.0)),
        ("01:02.003 --> 100:00:00,000 line:0", (62.003, 360000.0)),
        ("0:0:0.0 --> 0:0:7.23", (0.0, 7.023)),
        ("00:00:01.5-->00:00:02.25", (1.5, 2.25)),
        ("00:00:09.000 --> 00:00:02.000", (9.0, None)),
    ],
)
def test_timings(line: str, seconds: tuple[float, float | None]) -> None:
    assert timing(line, 1) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.vtt", "00:01.000 --> 00:02.000\nx", "line 1: '00:01.000"),
        ("a.vtt", "WEBVTTX\n\n00:01.000 --> 00:02.000\nx", "start with WEBVTT"),
        ("a.vtt", "WEBVTT", "no captions"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<i> </i>\n", "no captions"),
        ("a.vtt", f"WEBVTT\n\nNOTE\ntitle: X\naudience: group:x\n{vtt('x')[6:]}", "--audience"),
        ("a.vtt", vtt("x") + "\n00:00:1d.890 --> 00:00:20.000\ny\n", "line 6"),
        ("a.vtt", vtt("x") + "\n00:00:10.8", "line 6"),
        ("a.vtt", vtt("x") + "\n00:00:10.890 --> 00:0", "line 6"),
        ("a.vtt", vtt("x") + "\n00:99:10.890 --> 01:00:00.000\ny\n", "line 6"),
        ("a.vtt", vtt("x") + "\nlost words\nmore\n\n" + vtt("y"), "line 6: 'lost words'"),
        ("a.srt", "1", "no timing"),
        ("a.srt", "words\n00:00:01,000 --> 00:00:02,000\nx", "line 1"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02:000\nx", "line 2"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nx\n\n2\nlost", "line 5: caption 2"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nx\n\n2", "line 5: caption 2"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\n\n", "no captions"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, text: str, reason: str) -> None:
    assert reason in refusal(tmp_path, name, text)


def test_subrip(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "2024-05-06_on-call-handover.srt",
        "1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}<font color='red'>2 < 3</font> &lt; 4\r\n\r\n"
        "00:00:02,000 --> 00:00:03,000\r\nno number\r\n\r\nafter a blank line\r\n\r\n\r\n"
        "7\r\n00:00:03,500 --> 00:00:04,000 X1:10\r\n<b>end\r\n",
    )

    assert found.title == "On call handover"
    assert found.created_at == datetime(2024, 5, 6, tzinfo=UTC)
    assert found.body == (
        r"\[00:00:01.000-00:00:04.000\] 2 < 3 < 4 no number after a blank line end"
    )


CAPTIONS_REFUSED = """empty.vtt invalid.vtt invalid_format1.srt invalid_format2.srt
invalid_format3.srt invalid_format4.srt invalid_format.sbv invalid_timeframe.sbv
invalid_timeframe.srt invalid_timeframe.vtt missing_timeframe.sbv missing_timeframe.srt
missing_timeframe.vtt no_captions.vtt""".split()


def test_real_captions(tmp_path: Path, shared: Path) -> None:
    folder = shared / "exports" / "captions"
    files: dict[str, str | bytes] = {
        p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()
    }

    items = read(tmp_path, files)

    refused = sorted(i.name for i in items if isinstance(i, ReadFailure))
    assert refused == sorted(CAPTIONS_REFUSED)
    assert {"Fred", "Bill"} <= {
        c.name for i in items if isinstance(i, SourceDocument) for c in i.contributors
    }


@pytest.mark.timeout(20)
@pytest.mark.parametrize("junk", ["<v ", "<v\t", "<", "</v", "&", ">", "{\\", "<v.a"])
@pytest.mark.parametrize("name", ["a.vtt", "a.srt"])
def test_junk_takes_linear_time(tmp_path: Path, name: str, junk: str) -> None:
    head = "WEBVTT\n\n" if name == "a.vtt" else "1\n"

    assert read(tmp_path, {name: f"{head}00:00:01.000 --> 00:00:02.000\nx {junk * 100_000}"})
