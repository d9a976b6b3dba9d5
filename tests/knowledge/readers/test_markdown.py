"""Write-ups and their front matter."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.readers._text import from_name, headings, opening, plain
from knowledge.types import Audience, Contributor, Kind, Level, Role, SourceDocument
from tests.knowledge.readers.support import document, read, refusal


def test_everything_front_matter_can_say(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "a.md",
        """---
title: "Locks: a tour"
authors: [Mia Chen <mia@example.org>, {name: Ole, handle: ole7, role: editor}]
tags: [db, "#locks", db]
kind: thread
level: Expert
created: 2024-01-02
updated: 2024-02-03T04:05:06+02:00
audience: [everyone, [group:a, group:b]]
url: https://example.org/a
unknown: {to: us}
---

# Heading\r
body  \n""",
    )

    assert found == SourceDocument(
        source="test",
        external_id="a.md",
        title="Locks: a tour",
        body="\n# Heading\r\nbody  \n",
        kind=Kind.THREAD,
        url="https://example.org/a",
        contributors=(
            Contributor("Mia Chen", Role.AUTHOR, email="mia@example.org"),
            Contributor("Ole", Role.EDITOR, handle="ole7"),
        ),
        audience=Audience.of("everyone", ["group:a", "group:b"]),
        tags=("db", "locks"),
        level=Level.EXPERT,
        created_at=datetime(2024, 1, 2, tzinfo=UTC),
        updated_at=datetime(2024, 2, 3, 2, 5, 6, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("author: Mia Chen", [("Mia Chen", None)]),
        ("author: <mia@example.org>", [("mia@example.org", "mia@example.org")]),
        ("author: mia@example.org", [("mia@example.org", "mia@example.org")]),
        ("authors: [Mia, Ole]", [("Mia", None), ("Ole", None)]),
        ("author: {email: mia@example.org}", [("mia@example.org", "mia@example.org")]),
        ("author: true", []),
        ("author: ''", []),
        ("authors: [[x], null, {}]", []),
    ],
)
def test_authors(tmp_path: Path, written: str, people: list[tuple[str, str | None]]) -> None:
    found = document(tmp_path, "a.md", f"---\n{written}\n---\nx")

    assert [(c.name, c.email) for c in found.contributors] == people


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("title: [a", "line 3"),
        ("title: 'a", "broken front matter"),
        ("title: a\n\tb: c", "broken front matter"),
        ("a: &x 1\nb: *x", "anchors and aliases"),
        ("a: &x [1]", "anchors and aliases"),
        ("a: !!python/object/apply:os.system [ls]", "broken front matter"),
        ("a: " + "[" * 5000, "broken front matter"),
        ("a: " + "1" * 5000, "broken front matter"),
        ("date: 2024-99-99", "broken front matter"),
        ("a: " + "x" * 70_000, "64 kB"),
        ("[a, b]", "key: value"),
        ("? [a]\n: b\naudience: staff", "broken front matter"),
        ("audience: developers", "audience"),
        ("audience: []", "audience"),
        ("audience: [[]]", "audience"),
    ],
)
def test_front_matter_that_is_refused(tmp_path: Path, written: str, reason: str) -> None:
    assert reason in refusal(tmp_path, "a.md", f"---\n{written}\n---\ntext\n")


def test_front_matter_that_never_ends(tmp_path: Path) -> None:
    assert "never closed" in refusal(tmp_path, "a.md", "---\ntitle: x\n\ntext\n")


def test_nothing_below_front_matter(tmp_path: Path) -> None:
    assert "no text below" in refusal(tmp_path, "a.md", "---\ntitle: x\n---\n \n")


@pytest.mark.parametrize(
    "text",
    ["---\n\nA text under a rule.\n", "---\nA text between rules.\n---\nMore.\n", "----\na\n"],
)
def test_a_rule_is_no_front_matter(tmp_path: Path, text: str) -> None:
    assert document(tmp_path, "a.md", text).body == text


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("x.md", "# The **first** [one](u) `now` #\n\n# Second", "The first one now"),
        ("x.md", "intro\n\n```\n# code\n```\n\nThe title\n=====\n", "The title"),
        ("on-call_guide.md", "## Only a second level", "On call guide"),
        ("2014-03-12-coming-soon.md", "x", "Coming soon"),
        ("2014-03-12.md", "x", "2014-03-12"),
        ("new-people/README.md", "x", "New people"),
        ("README.md", "x", "README"),
        ("x.md", "# " + "long " * 99, "long " * 39 + "long…"),
    ],
)
def test_titles(tmp_path: Path, name: str, text: str, title: str) -> None:
    assert document(tmp_path, name, text).title == title


def test_a_date_in_the_name_and_the_file_s_own_time(tmp_path: Path) -> None:
    dated, plain_file = read(tmp_path, {"2014-03-12-a.md": "x", "b.md": "x"})

    assert isinstance(dated, SourceDocument)
    assert isinstance(plain_file, SourceDocument)
    assert dated.created_at == dated.updated_at == datetime(2014, 3, 12, tzinfo=UTC)
    assert plain_file.created_at is None
    assert plain_file.updated_at is not None
    assert datetime.now(UTC) - plain_file.updated_at < timedelta(minutes=5)


def test_authors_and_times_from_git(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one\ntwo\n")
    (tmp_path / "b.md").write_text("---\nauthor: Ole\n---\ntwo\n")
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=Mia", "-c", "user.email=mia@example.org", "commit", "-qm", "x",
         "--date", "2024-02-01T00:00:00Z"],
    ):  # fmt: skip
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)

    a, b, c = read(tmp_path, {"c.md": "not committed"})

    assert isinstance(a, SourceDocument)
    assert isinstance(b, SourceDocument)
    assert isinstance(c, SourceDocument)
    at = datetime(2024, 2, 1, tzinfo=UTC)
    mia = Contributor("Mia", Role.AUTHOR, email="mia@example.org", weight=2.0, at=at)
    assert a.contributors == (mia,)
    assert a.created_at == a.updated_at == at
    assert [p.name for p in b.contributors] == ["Ole"]
    assert b.created_at == at
    assert c.contributors == ()


def test_headings_and_where_they_are() -> None:
    body = "# A\n~~~\n# no\n~~~\ntext\n\nB b\n---\n- x\n---\n### C #\n"

    found = list(headings(body))

    assert [(h.level, h.text) for h in found] == [(1, "A"), (2, "B b"), (3, "C")]
    assert body[found[1].start : found[1].end] == "B b\n---\n"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("junk", ["[*_`", " #", "![](", "**", "---\n", "a: "])
@pytest.mark.parametrize("head", ["# ", "---\ntitle: ", ""])
def test_junk_takes_linear_time(tmp_path: Path, head: str, junk: str) -> None:
    assert read(tmp_path, {"a.md": head + junk * 200_000})


def test_words_without_markup() -> None:
    assert (
        plain(r"*a* __b__ ![i](x) [l][r] snake_case_name \* {#id}") == "a b i l snake_case_name *"
    )


def test_opening_words() -> None:
    assert opening("\n  short\nmore") == "short"
    assert (
        opening("This is a sentence of some length. " * 5) == "This is a sentence of some length."
    )
    assert opening("word " * 99) == ("word " * 16).strip()


def test_names() -> None:
    assert from_name("a/b-c.md") == ("B c", None)
    assert from_name("20240305_call.vtt") == ("Call", datetime(2024, 3, 5, tzinfo=UTC))
    assert from_name("2024-99-99 x.md") == ("2024 99 99 x", None)
    assert from_name("---.md")[0]
