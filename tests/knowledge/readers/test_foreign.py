"""What is not read is refused with the export to use instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.types import SourceDocument
from tests.knowledge.readers.support import document, refusal

JOPLIN = (
    f"A title\n\nWords.\n\nid: {'0a' * 16}\nparent_id: {'0b' * 16}\ncreated_time: 2025\ntype_: 1"
)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("all.jex", "x", "Joplin; use its File > Export all > MD - Markdown + Front Matter"),
        (f"{'0a' * 16}.md", JOPLIN, "Joplin's raw form; use its File > Export all"),
        (
            "Home.txt",
            "Content-Type: text/x-zim-wiki\nWiki-Format: zim 0.6\n\n====== Home ======\n",
            "a page of Zim; use its File > Export",
        ),
        (
            "data.json",
            json.dumps({"instance": {"id": "x"}, "exported_at": "2025", "book": {"id": 1}}),
            "of BookStack; use its Export > Markdown File",
        ),
        (
            "board.json",
            json.dumps({"name": "x", "shortUrl": "x", "cards": [], "lists": []}),
            "a board of Trello",
        ),
        (
            "notes.json",
            json.dumps({"items": [{"uuid": "x", "content_type": "Note"}]}),
            "Standard Notes",
        ),
        ("pages.edn", "{}", "of Logseq"),
        ("a.one", "x", "of OneNote; use its File > Export > Word Document (.docx)"),
        ("a.doc", "x", "save it as .docx"),
        ("a.XLSX", "x", "a spreadsheet"),
        ("a.msg", "x", "save the messages as .eml"),
        ("a.gdoc", "{}", "only a link to Google Drive"),
        ("a.rst", "x", "pandoc FILE -o FILE.md"),
        ("a.ttml", "x", "save them as .vtt or .srt"),
        ("other.json", '{"a": 1}', "no reader takes .json files"),
        ("a.xyz", "x", "no reader takes .xyz files"),
    ],
)
def test_which_export_to_use_instead(tmp_path: Path, name: str, text: str, reason: str) -> None:
    assert reason in refusal(tmp_path, name, text)


def test_whoever_insists_gets_the_text(tmp_path: Path) -> None:
    zim = tmp_path / "Home.txt"
    zim.write_text("Content-Type: text/x-zim-wiki\n\nWords.\n")

    (found,) = readers.read_export(zim, "markdown", source="t")

    assert isinstance(found, SourceDocument)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (f"{'0a' * 16}.md", "# Only a name like theirs\n"),
        ("notes.md", JOPLIN),
        ("page.txt", "About Content-Type: text/x-zim-wiki\n"),
    ],
)
def test_what_only_looks_like_it_is_read(tmp_path: Path, name: str, text: str) -> None:
    assert document(tmp_path, name, text).body == text


@pytest.mark.timeout(20)
def test_junk_takes_linear_time(tmp_path: Path) -> None:
    text = f"id: {'0a' * 16}\n" * 50_000

    assert document(tmp_path, f"{'0a' * 16}.md", text)
