"""Transcripts as text, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.types import Contributor, Kind, Role
from tests.knowledge.readers.support import document, refusal

TALK = """# Planning

**Mia:** \\[00:01\\] Shall we?

Yes.

**Ole:** No.

**Mia:** So.
""".replace("\n", "\r\n")


def test_the_body_stays_as_it_came(tmp_path: Path) -> None:
    found = document(tmp_path, "a.md", TALK)

    assert found.kind is Kind.TRANSCRIPT
    assert found.title == "Planning"
    assert found.body == TALK
    assert found.contributors == (
        Contributor("Mia", Role.SPEAKER, weight=4.0),
        Contributor("Ole", Role.SPEAKER, weight=1.0),
    )


def test_front_matter_names_the_people(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "a.md",
        "---\ntitle: T\ntags: [x]\nkind: transcript\n"
        "hosts: {name: Mia Chen, label: Mia, email: m@example.org}\n"
        "speakers: Ole <ole@example.org>\neditor: Ann\n---\nMia: One.\nOle: Two.\n",
    )

    assert found.body == "Mia: One.\nOle: Two.\n"
    assert [(c.name, c.label, c.role, c.email) for c in found.contributors] == [
        ("Mia Chen", "Mia", Role.HOST, "m@example.org"),
        ("Ole", None, Role.SPEAKER, "ole@example.org"),
        ("Ann", None, Role.EDITOR, None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Mia: a\nOle: b\nMia: c\n",
        "Mia Chen: Shall we begin now?\n\nOle Berg: We shall, if you are ready for it.\n",
        "SPEAKER_00: a b\nSPEAKER_01: c d\nSPEAKER_00: e f\n",
        "**Mia:** a\n\n" * 6,
        "[00:01] Mia: a\n[00:04] Ole: b\n",
        "**Mia:** [00:01] a\n\nb\n\nc\n\n**Ole:** [00:09] d\n\ne\n\nf\n\n" * 4,
    ],
)
def test_what_is_spoken(tmp_path: Path, text: str) -> None:
    assert document(tmp_path, "a.txt", text).kind is Kind.TRANSCRIPT


@pytest.mark.parametrize(
    "text",
    [
        "Owner: Mia\nStatus: done\nDue: Friday\n",
        "Meeting number: 12\n\nMeeting link: x\n\nHost key: 3\n\nMeeting link: y\n\nHost key: 4\n",
        "2018-10-17 - New Project: a b\n\n2018-11-09 - New Project: c d\n" * 4,
        "Q: How?\n\nA: So.\n\n" * 5,
        "**Project 1:** words\n\n**Project 2:** words\n\n" * 4,
        "Mia: a\nOle: b\nMia: c\n" + "\nA paragraph.\n" * 9,
        "---\nkind: writeup\n---\nMia: a\nOle: b\nMia: c\n",
        "Note: this.\n\nWarning: that.\n",
        "Mia Chen: [[https://example.org/m]]\n\nOle Berg: [[https://example.org/o]]\n",
    ],
)
def test_what_is_written(tmp_path: Path, text: str) -> None:
    assert document(tmp_path, "a.md", text).kind is Kind.WRITEUP


def test_a_declared_transcript_without_turns(tmp_path: Path) -> None:
    assert "no line says who speaks" in refusal(tmp_path, "a.md", "---\nkind: transcript\n---\nx\n")
