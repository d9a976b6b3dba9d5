"""Headings where two texts are compared."""

from __future__ import annotations

import pytest

from api.web.differing import headed, heading
from knowledge.differences import difference, words

CODE = "Before.\n\n## Steps\nRun it:\n```\n# not a heading\n```\nName\n====\nEnd."


def test_a_heading_stands_without_its_marks_and_code_as_it_is() -> None:
    pieces = list(headed(CODE))
    assert [text for is_heading, text in pieces if is_heading] == ["Steps\n"]
    assert "".join(text for _, text in pieces) == CODE.replace("## ", "")


@pytest.mark.parametrize("text", ["", "Only a line.", "## Steps"])
def test_nothing_is_lost(text: str) -> None:
    assert "".join(piece for _, piece in headed(text)) == text.removeprefix("## ")


def test_a_heading_that_changed_shows_what_did() -> None:
    known = {"## Steps to take", "## Steps to leave"}
    (hunk,) = difference("## Steps to take\n", "## Steps to leave\n").hunks
    (line,) = hunk.lines
    bare = heading(line, known)
    assert bare is not None
    assert [(one.change.value, one.text) for one in bare] == [
        ("same", "Steps to "),
        ("removed", "take"),
        ("added", "leave"),
    ]
    assert heading(line, {"## Other"}) is None


def test_marks_that_changed_are_shown() -> None:
    (hunk,) = difference("# Steps to take\n", "## Steps to take\n").hunks
    (line,) = hunk.lines
    bare = heading(line, {"## Steps to take"})
    assert bare == line.parts == words("# Steps to take", "## Steps to take")
