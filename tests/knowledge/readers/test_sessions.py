"""Session records, and transcripts of Otter, Teams, Whisper and YouTube's SubViewer."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest

from knowledge.readers import teams_docx
from knowledge.transcript import turns
from knowledge.types import Audience, Contributor, Kind, ReadFailure, Role, SourceDocument
from tests.knowledge.readers.support import document, read, refusal

VTT = (
    "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Mia>One two.\n\n"
    "00:02.000 --> 00:03.000\n<v Speaker 2>No."
)
SRT = (
    "1\n00:00:01,000 --> 00:00:02,000\nMia: One two.\n\n"
    "2\n00:00:02,000 --> 00:00:03,000\nSpeaker 2: No."
)
SEGMENTS = [
    {"start": 1, "end": 2, "text": "One two.", "speaker": "Mia"},
    {"start": 2, "end": 3, "text": "No.", "speaker": "Speaker 2"},
]
RECORD = """title: Hand-over
date: 2025-05-23
kind: shadowing
host: Ole Berg
participants: [{name: Mia Chen, label: mia, email: mia@fennmoor.example, handle: mchen}]
tags: [duty]
"""


def outcomes(items: list[SourceDocument | ReadFailure]) -> dict[str, str]:
    """Each input's reason, blank for what came in."""
    return {
        i.name if isinstance(i, ReadFailure) else i.external_id: (
            i.reason if isinstance(i, ReadFailure) else ""
        )
        for i in items
    }


@pytest.mark.parametrize(
    ("transcript", "text"),
    [
        ("a.vtt", VTT),
        ("a.srt", SRT),
        ("a.sbv", "0:00:01.000,0:00:02.000\nMia: One two.\n\n0:00:02.0,0:00:03.0\nSpeaker 2: No."),
        ("a.txt", "Mia  0:01\nOne two.\n\nSpeaker 2  0:02\nNo.\n"),
        ("a.md", "A preface in words.\n\n**Mia:** One two.\n\n**Speaker 2:** No.\n"),
        ("a.json", json.dumps({"segments": SEGMENTS})),
    ],
)
def test_a_record_speaks_for_each_kind_of_transcript(
    tmp_path: Path, transcript: str, text: str
) -> None:
    (found,) = read(tmp_path, {transcript: text, "a.session.yaml": RECORD})

    assert isinstance(found, SourceDocument)
    assert found.kind is Kind.TRANSCRIPT
    assert found.title == "Hand-over"
    assert found.created_at == found.updated_at == datetime(2025, 5, 23, tzinfo=UTC)
    assert found.tags == ("shadowing", "duty")
    assert found.audience is None
    assert found.contributors == (
        Contributor("Mia Chen", Role.SPEAKER, "mia@fennmoor.example", "mchen", 2.0, label="Mia"),
        Contributor("Ole Berg", Role.HOST),
    )


def test_a_host_who_speaks_and_a_label_that_is_assigned(tmp_path: Path) -> None:
    record = {
        "host": "Mia Chen",
        "participants": ["Ole Berg", {"name": "Mia Chen", "label": "Speaker 2", "handle": "mchen"}],
    }

    (found,) = read(tmp_path, {"a.vtt": VTT, "a.session.json": json.dumps(record, indent="\t")})

    assert isinstance(found, SourceDocument)
    assert found.contributors == (
        Contributor("Mia", Role.SPEAKER, weight=2.0),
        Contributor("Mia Chen", Role.HOST, None, "mchen", 1.0, label="Speaker 2"),
        Contributor("Ole Berg", Role.SPEAKER, weight=0.0),
    )


def test_labels_that_nobody_is_assigned_stay_nobody(tmp_path: Path) -> None:
    (found,) = read(tmp_path, {"a.vtt": VTT, "a.session.yaml": "participants: [Speaker 2]"})

    assert isinstance(found, SourceDocument)
    assert [c.name for c in found.contributors] == ["Mia"]


def test_readers_of_a_record_and_of_its_transcript_must_be_both(tmp_path: Path) -> None:
    text = "---\naudience: group:grid\n---\n**Mia:** One.\n"

    (found,) = read(tmp_path, {"a.md": text, "a.session.yml": "audience: [[group:hr, person:4]]"})

    assert isinstance(found, SourceDocument)
    assert found.audience == Audience.of("group:grid", ["group:hr", "person:4"])


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("title: [", "line 1: broken session record"),
        ("- a", "lines of the form key: value"),
        ("audiance: group:hr", "'audiance' is none of audience, date"),
        ("audience: hr", "'hr' is no audience"),
        ("kind: lecture", "kind: 'lecture' is not one of demo, shadowing"),
        ("date: soon", "date: 'soon' is no date"),
        ("speakers_consented: true", "--speakers-consented"),
        ("", "the file is empty"),
    ],
)
def test_a_broken_record_keeps_its_transcript_out_by_name(
    tmp_path: Path, record: str, reason: str
) -> None:
    items = read(tmp_path, {"a.vtt": VTT, "a.session.yaml": record, "b.vtt": VTT})

    found = outcomes(items)
    assert set(found) == {"a.vtt", "a.session.yaml", "b.vtt"}
    assert reason in found["a.session.yaml"]
    assert found["a.vtt"].startswith("its session record a.session.yaml: ")
    assert reason in found["a.vtt"]
    assert found["b.vtt"] == ""


def test_a_record_alone_and_two_of_one(tmp_path: Path) -> None:
    alone = read(tmp_path / "a", {"a.session.yaml": RECORD, "a.vtt.bak": "x"})
    two = read(tmp_path / "b", {"a.vtt": VTT, "a.session.yaml": RECORD, "a.session.json": "{}"})

    assert "there is no transcript a.vtt" in outcomes(alone)["a.session.yaml"]
    assert "several session records" in outcomes(two)["a.vtt"]


@pytest.mark.parametrize(
    "name",
    [
        "a.session.YAML",
        "A.session.yaml",
        "a.Session.json",
        "a.vtt.session.yaml",
        "a.session.yml.txt",
    ],
)
def test_a_misnamed_record_opens_nothing(tmp_path: Path, name: str) -> None:
    items = read(tmp_path, {"a.vtt": VTT, name: "audience: group:hr", "b.vtt": VTT})

    assert f"{name} must be called a.session.yaml" in outcomes(items)["a.vtt"]
    assert [d.external_id for d in items if isinstance(d, SourceDocument)] == ["b.vtt"]


def test_a_record_that_cannot_be_opened_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.session.yaml").symlink_to(tmp_path / "elsewhere.yaml")

    items = read(tmp_path, {"a.vtt": VTT})

    assert "a.session.yaml cannot be opened" in outcomes(items)["a.vtt"]


def test_a_record_of_what_is_no_transcript_opens_nothing(tmp_path: Path) -> None:
    items = read(tmp_path, {"a.html": "<p>words", "a.session.yaml": "audience: group:hr"})

    assert not [d for d in items if isinstance(d, SourceDocument)]


def test_a_record_makes_a_transcript_of_what_it_lies_beside(tmp_path: Path) -> None:
    """Else a record that limits its readers would be passed over."""
    files: dict[str, str | bytes] = {
        "a.txt": "Just a page.\n",
        "a.session.yaml": "audience: group:hr",
        "b.docx": word("Just a page."),
        "b.session.yaml": "audience: group:hr",
        "c.json": "{}",
        "c.session.yaml": "audience: group:hr",
    }

    found = outcomes(read(tmp_path, files))

    assert "no line says who speaks" in found["a.txt"]
    assert "no line says who speaks" in found["b.docx"]
    assert "no reader takes .json" in found["c.json"]


def test_a_record_is_heeded_whatever_else_would_take_the_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        ".obsidian/app.json": "{}",
        "a.md": "**Mia:** See [[b]].\n",
        "a.session.yaml": "audience: group:hr",
        "b.md": "---\nkind: note\n---\n## The one thing\n\nSave.\n",
        "b.session.yaml": "audience: group:hr",
        "c.txt": "Mia  0:01\nOne.\n",
        "c.session.yaml": "audience: group:hr",
    }

    items = read(tmp_path, files)

    found = outcomes(items)
    assert {i.audience for i in items if isinstance(i, SourceDocument)} == {Audience.of("group:hr")}
    assert found["a.md"] == found["c.txt"] == ""
    assert "b.session.yaml lies beside it" in found["b.md"]
    assert "a.session.yaml lies beside" in outcomes(read(tmp_path, {}, "markdown"))["a.md"]


def word(*paragraphs: str) -> bytes:
    made, stream = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.save(stream)
    return stream.getvalue()


def teams(tmp_path: Path, *paragraphs: str) -> SourceDocument:
    (found,) = read(tmp_path, {"a.docx": word(*paragraphs)})
    assert isinstance(found, SourceDocument)
    return found


def test_teams_in_word(tmp_path: Path) -> None:
    found = teams(
        tmp_path,
        "Weekly",
        "6 May 2024, 14:05",
        "1h 2m 3s",
        "Mia Chen started transcription",
        "Mia Chen   0:03\nHello, all.\nShall we?",
        "Ole\u00a0\u00a0\u00a01:00:03",
        "We shall.",
    )

    assert found.kind is Kind.TRANSCRIPT
    assert found.title == "Weekly"
    assert found.created_at == datetime(2024, 5, 6, 14, 5, tzinfo=UTC)
    assert [(t.label, t.start_s, found.body[t.text_start : t.end]) for t in turns(found.body)] == [
        ("Mia Chen", 3.0, "Hello, all.\nShall we?"),
        ("Ole", 3603.0, "We shall."),
    ]


def test_teams_in_word_before_2023(tmp_path: Path) -> None:
    later = "0:0:8.0 --> 0:0:9.0\nOle\nYes."
    found = teams(tmp_path, "0:0:3.120 --> 0:0:7.23", "Mia Chen", "Hello.", later)

    assert [(t.label, t.start_s) for t in turns(found.body)] == [("Mia Chen", 3.12), ("Ole", 8.0)]


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("A page", "Mentions 0:12 and  0:13 of a film.", "More words.", "Yet more words."),
        ("Programme", "Opening  9:00", "Talk by Mia  9:15", "Break  10:00", "End  11:00"),
        ("Minutes", *(f"Point {n}" for n in range(20)), "Mia  0:03", "Hello."),
    ],
)
def test_word_that_is_no_transcript(tmp_path: Path, paragraphs: tuple[str, ...]) -> None:
    assert teams(tmp_path, *paragraphs).kind is Kind.WRITEUP


def test_teams_titles() -> None:
    head = teams_docx._head
    assert head(["Plant tour-20240506_140512UTC-Meeting Recording"], None).title == "Plant tour"
    at = head(["Plant tour-20240506_140512UTC-Meeting Recording"], None).created_at
    assert at == datetime(2024, 5, 6, 14, 5, tzinfo=UTC)
    assert head(["2024-05-06 10:00", "12m 3s"], None).title is None


def test_otter(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "a.txt",
        "Intro words.\n\nMia Chen  0:12  \nOne: two.\n\nOle: no turn.\n\n"
        "Unknown Speaker  1:02:03\nX\n\nTranscribed by https://otter.ai\n",
    )

    said = [(t.label, t.start_s, found.body[t.text_start : t.end]) for t in turns(found.body)]
    assert said == [
        (None, None, "Intro words."),
        ("Mia Chen", 12.0, "One: two.\n\n\\Ole: no turn."),
        ("Unknown Speaker", 3723.0, "X"),
    ]
    assert found.contributors == (Contributor("Mia Chen", Role.SPEAKER, weight=5.0),)


def test_what_is_not_otter(tmp_path: Path) -> None:
    timetable = document(tmp_path, "a.txt", "Trains\n\nHarrow  9:12\nMoor  9:20\n")

    assert timetable.kind is Kind.WRITEUP


def test_whisper_of_each_maker(tmp_path: Path) -> None:
    said = {"timestamps": {"from": "00:00:00,000"}, "offsets": {"from": 0, "to": 2500}}
    cpp = {"systeminfo": "x", "transcription": [{**said, "text": " Hi &amp; bye."}]}
    segment = {"start": 0.5, "end": 1, "text": "Hi.", "speaker": "SPEAKER_01"}
    x = {"segments": [segment], "word_segments": []}

    found = {
        i.external_id: i
        for i in read(tmp_path, {"cpp.json": json.dumps(cpp), "x.json": json.dumps(x)})
        if isinstance(i, SourceDocument)
    }

    assert found["cpp.json"].body == r"\[00:00:00.000-00:00:02.500\] Hi & bye."
    assert found["x.json"].body == r"**SPEAKER_01:** \[00:00:00.500-00:00:01.000\] Hi."
    assert found["x.json"].contributors == ()


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.json", '{"segments": [{"start": 1, "text": "x"}', "line 1: broken JSON"),
        ("a.json", '{"segments": [{"start": -1, "text": "x"}]}', "a segment has no time: 'x'"),
        ("a.json", '{"segments": [{"start": 1, "text": ""}]}', "no captions"),
        ("a.json", '{"segments": [{"start": 1, "b": NaN}]}', "broken JSON"),
        ("a.json", '{"segments": [{"start": 1, "b": ' + "[" * 9999, "nested too deeply"),
        ("a.json", '{"segments": [{"start": 1}' + ", {}" * 1_000_001, "more than 1,000,000"),
        ("a.json", '{"id": [1]}', "no reader takes .json files"),
        ("a.sbv", "some text", "line 1: 'some text' has no timing (0:01:02.000,0:01:04.500)"),
        ("a.sbv", "0:00:01.000,0:00:02.000\nx\n\nlost\n", "line 4: 'lost'"),
        ("a.sbv", "0:00:01.000,0:00:02.000\nx\n\n0:00:1f.0,0:00:03.000\ny", "line 4"),
        ("a.sbv", "0:00:01.000,0:00:02.000\n\n", "no captions"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, text: str, reason: str) -> None:
    assert reason in refusal(tmp_path, name, text)


def test_subviewer(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "2024-05-06 tour.sbv",
        "0:00:01.000,0:00:02.000\r\none[br]two\r\n\r\n0:00:02.000,0:00:03.500\r\n&gt; 3\r\n",
    )

    assert found.body == r"\[00:00:01.000-00:00:03.500\] one two > 3"


def test_webvtt_of_each_maker(tmp_path: Path) -> None:
    zoom = (
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nMia Chen: Hello.\n\n"
        "2\n00:00:02.500 --> 00:00:03.000\nOle: Hi: all.\n"
    )
    teams = (
        "WEBVTT\n\n4a3f1c2e-1f/12-0\n00:00:01.120 --> 00:00:02.000\n<v Mia Chen>Hello,\n"
        "again.</v>\n\n4a3f1c2e-1f/13-0\n00:00:02.500 --> 00:00:03.000\n<v Ole>Hi.</v>\n"
    )
    youtube = (
        "WEBVTT\nKind: captions\nLanguage: en\n\n"
        "00:00:00.480 --> 00:00:02.000 align:start position:0%\n"
        " \nso<00:00:00.700><c> today</c><00:00:01.000><c> we</c>\n\n"
        "00:00:02.000 --> 00:00:02.010 align:start position:0%\nso today we\n \n\n"
        "00:00:02.010 --> 00:00:04.000 align:start position:0%\n"
        "so today we\nlook<00:00:03.000><c> up</c>\n\n"
        "00:00:04.000 --> 00:00:04.010 align:start position:0%\nlook up\n \n"
    )

    found = {
        i.external_id: i
        for i in read(tmp_path, {"z.vtt": zoom, "t.vtt": teams, "y.vtt": youtube})
        if isinstance(i, SourceDocument)
    }

    assert [c.name for c in found["z.vtt"].contributors] == ["Mia Chen", "Ole"]
    assert found["z.vtt"].body.endswith("] Hi: all.")
    assert [c.name for c in found["t.vtt"].contributors] == ["Mia Chen", "Ole"]
    assert "] Hello, again.\n" in found["t.vtt"].body
    assert found["y.vtt"].body == r"\[00:00:00.480-00:00:04.010\] so today we look up"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("junk", ["a  0:1", "a" + " " * 50, "0:00:01,", "  0:12\n"])
@pytest.mark.parametrize("name", ["a.txt", "a.sbv"])
def test_junk_takes_linear_time(tmp_path: Path, name: str, junk: str) -> None:
    head = "0:00:01.000,0:00:02.000\n" if name == "a.sbv" else "Mia  0:01\nx "

    assert read(tmp_path, {name: f"{head}{junk * 50_000}"})
