"""Teach 1 Thing notes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.readers.teach1 import SECTIONS
from knowledge.types import Kind, Level
from tests.knowledge.readers.support import document, refusal

NOTE = (
    "---\nkind: note\nlevel: newcomer\n---\n\n## The one thing\n\nSave often.\n\n## Steps\n\n1. x\n"
)


def test_a_note(tmp_path: Path) -> None:
    found = document(tmp_path, "save-often.md", NOTE)

    assert found.kind is Kind.NOTE
    assert found.level is Level.NEWCOMER
    assert found.title == "Save often"
    assert found.body == NOTE.split("---\n", 2)[2]


@pytest.mark.parametrize(
    "heading", ["# THE ONE THING:", "The one thing\n---", "### **The one thing**"]
)
def test_the_heading_in_other_spellings(tmp_path: Path, heading: str) -> None:
    found = document(tmp_path, "a.md", f"---\ntemplate: Teach-1-Thing\n---\n{heading}\nx\n")

    assert found.kind is Kind.NOTE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("---\nkind: note\n---\n## Steps\n\nx\n", 'needs a heading "The one thing"'),
        ("---\nkind: note\n---\n```\n## The one thing\n```\nx\n", "needs a heading"),
        ("---\nkind: note\n---\n## The one thing\n\n## Steps\n\nx\n", "nothing below"),
        (
            "---\nkind: note\nlevel: guru\n---\n## The one thing\nx",
            "newcomer, practitioner, expert",
        ),
    ],
)
def test_what_is_missing(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in refusal(tmp_path, "a.md", text)


def test_the_documented_template_is_the_one_that_is_read(tmp_path: Path, repository: Path) -> None:
    page = (repository / "docs" / "teach-1-thing.md").read_text()
    template = "\n".join(line[4:] for line in re.findall(r"^(?: {4}.*)?$", page, re.MULTILINE))

    found = document(tmp_path, "a.md", template.strip())

    assert found.kind is Kind.NOTE
    assert all(f"## {section}\n" in found.body for section in SECTIONS)
