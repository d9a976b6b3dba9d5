"""Names that are nobody's, in every format that gives them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.types import SourceDocument
from tests.knowledge.readers.support import read

NAME = "Runa Ilvesdal"
PAGE = f"A {'1a' * 16}.md"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a.html", '<html><head><meta name=author content="{}"></head><body><p>words'),
        ("a.tid", "title: A\ncreator: {0}\nmodifier: {0}\n\nwords"),
        (PAGE, "# A\n\nCreated by: {}\n\nwords"),
        ("data/meta/p.changes", "1400000000\t::1\tE\tp\t{}\tx\t"),
    ],
)
@pytest.mark.parametrize("who", ["Unknown User", "admin", "anonymous", "192.0.2.7", NAME])
def test_nobody_is_no_contributor(tmp_path: Path, name: str, written: str, who: str) -> None:
    files: dict[str, str | bytes] = {name: written.format(who)}
    if name.startswith("data/"):
        files["data/pages/p.txt"] = "== P ==\nwords"

    (found,) = (d for d in read(tmp_path, files) if isinstance(d, SourceDocument))

    assert [c.name for c in found.contributors] == ([who] if who == NAME else [])


@pytest.mark.parametrize(
    "said", [{"user": "USLACKBOT"}, {"user": "UX", "bot_profile": {"id": "B"}}]
)
def test_slacks_programs_are_nobody(tmp_path: Path, said: dict[str, object]) -> None:
    thread = {"type": "message", "text": "words " * 80, "thread_ts": "1577836800.000100"}
    day = [
        {**thread, "user": "UA", "ts": "1577836800.000100", "reply_count": 1},
        {**thread, **said, "ts": "1577836801.000100"},
    ]

    (found,) = read(
        tmp_path,
        {
            "users.json": json.dumps([{"id": "UA", "name": "ann"}]),
            "channels.json": json.dumps([{"id": "C1", "name": "grid"}]),
            "grid/2020-01-01.json": json.dumps(day),
        },
    )

    assert isinstance(found, SourceDocument)
    assert [c.handle for c in found.contributors] == ["UA"]
