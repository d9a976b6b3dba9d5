"""Obsidian, Outline, and the wikis of GitHub and GitLab."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.readers._wikilinks import has_links, outside_code
from knowledge.types import Loss, LossKind, ReadFailure, SourceDocument
from tests.knowledge.readers.support import read

PNG = b"\x89PNG\r\n\x1a\n"


def documents(folder: Path, files: dict[str, str | bytes]) -> dict[str, SourceDocument]:
    return {d.external_id: d for d in read(folder, files) if isinstance(d, SourceDocument)}


def body(folder: Path, text: str, **files: str | bytes) -> str:
    """What becomes of a page in a vault that holds more."""
    others: dict[str, str | bytes] = {name.replace("__", "/"): data for name, data in files.items()}
    return documents(folder, {"in/Page.md": text, ".obsidian/app.json": "{}", **others})[
        "in/Page.md"
    ].body


FILES: dict[str, str | bytes] = {
    "Note One.md": "---\naliases: [First, the one]\n---\nWords.",
    "deep/down/Two.md": "Words.",
    "in/Two.md": "Words.",
    "Same.md": "Words.",
    "a/Same.md": "Words.",
    "pics/plan.png": PNG,
    "deep/paper.pdf": b"x",
}


@pytest.mark.parametrize(
    ("written", "markdown"),
    [
        ("[[Note One]]", "[Note One](../Note%20One.md)"),
        ("[[note-one|words]]", "[words](../Note%20One.md)"),
        ("[[the one]]", "[the one](../Note%20One.md)"),
        ("[[FIRST#A part|x]]", "[x](../Note%20One.md#A%20part)"),
        ("[[Note One#A#B c]]", "[Note One > A > B c](../Note%20One.md#B%20c)"),
        ("[[Note One#^a1b2]]", "[Note One > ^a1b2](../Note%20One.md)"),
        ("[[#Own part]]", "[Own part](#Own%20part)"),
        ("[[Two]]", "[Two](Two.md)"),
        ("[[down/Two]]", "[Two](../deep/down/Two.md)"),
        ("[[Same]]", "[Same](../Same.md)"),
        ("[[a/Same.md|s]]", "[s](../a/Same.md)"),
        ("[[Missing page|m [1]]]", "[[Missing page|m [1]]]"),
        ("[[Missing page]]", "[Missing page](Missing%20page.md)"),
        ("![[plan.png]]", "![plan.png](../pics/plan.png)"),
        ("![[plan.png|200x100]]", "![plan.png](../pics/plan.png)"),
        ("![[plan.png|The plan]]", "![The plan](../pics/plan.png)"),
        ("![[paper.pdf]]", "[paper.pdf](../deep/paper.pdf)"),
        ("| [[Note One\\|w]] |", "| [w](../Note%20One.md) |"),
        ("[t](Two.md) ![p](plan.png)", "[t](Two.md) ![p](../pics/plan.png)"),
        ("[n](Note%20One.md#A) [g](gone.md)", "[n](../Note%20One.md#A) [g](gone.md)"),
        ("`[[Two]]` ``a`[[Two]]`` [[Two]]", "`[[Two]]` ``a`[[Two]]`` [Two](Two.md)"),
        ("```\n[[Two]]\n```\n", "```\n[[Two]]\n```\n"),
        ("[[1]](https://a.example) [[Two]] (x)", "[[1]](https://a.example) [Two](Two.md) (x)"),
        ("> ~~~\n> [[Two]]\n> ~~~\n", "> ~~~\n> [[Two]]\n> ~~~\n"),
        ("words ^a1b2\nx^2 ^ y", "words\nx^2 ^ y"),
        ("a %%hidden%% b\n%%\nmore\n%%\nc", "a  b\nc"),
        ("100 %% of it\n%%\nis kept", "100 %% of it\n%%\nis kept"),
        ("> [!note] Mind\n> the gap", "> [!note] Mind\n> the gap"),
    ],
)
def test_what_obsidian_writes(tmp_path: Path, written: str, markdown: str) -> None:
    files = {**FILES, "in/Page.md": written, ".obsidian/app.json": "{}"}

    assert documents(tmp_path, files)["in/Page.md"].body == markdown


def test_a_vault(tmp_path: Path) -> None:
    found = documents(
        tmp_path,
        {
            **FILES,
            ".obsidian/app.json": "{}",
            "in/Page.md": (
                "---\ntags: [grid]\n---\n## Not #heading\n\n"
                "#duty #grid/north, #12 x#no (#no) `#no`\n"
                "[[Two]] ![[plan.png]] ![[paper.pdf]] ![[Note One]] ![[Note One]] [[Gone#x]]\n"
            ),
        },
    )["in/Page.md"]  # fmt: skip

    assert found.tags == ("grid", "duty", "grid/north")
    assert {link.href: link.target for link in found.links} == {
        "Two.md": "in/Two.md",
        "../Note%20One.md": "Note One.md",
        "Gone.md#x": "in/Gone.md",
    }
    assert {a.href: a.entry for a in found.attachments} == {
        "../pics/plan.png": "pics/plan.png",
        "../deep/paper.pdf": "deep/paper.pdf",
    }
    assert Loss(LossKind.EMBED, "Note One shown within", 2) in found.losses


def test_markdown_with_wiki_links_needs_no_settings_of_a_vault(tmp_path: Path) -> None:
    found = documents(tmp_path, {"a.md": "To [[B]].\n", "B.md": "Words #5 #tag.\n"})

    assert found["a.md"].body == "To [B](B.md).\n"
    assert found["B.md"].tags == ()


def test_links_of_markdown_in_brackets_make_no_vault(tmp_path: Path) -> None:
    files = {"a.md": "See [[PDF]](x.pdf).\n\n50 %%here%%, #no ^a1\n"}

    found = documents(tmp_path, files)["a.md"]

    assert found.body == files["a.md"]
    assert found.tags == ()


def test_other_readers_keep_what_is_theirs(tmp_path: Path) -> None:
    note = "---\nkind: note\n---\n## The one thing\n\nSee [[x]].\n"
    items = read(
        tmp_path,
        {
            ".obsidian/app.json": "{}",
            "note.md": note,
            "talk.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Mia>Hi.",
            "Plan.excalidraw.md": "---\nexcalidraw-plugin: parsed\n---\nx",
            "code.md": "Bash: `[[ -f x ]]`\n",
        },
    )

    found = {d.external_id: d.kind.value for d in items if isinstance(d, SourceDocument)}
    assert found == {"note.md": "note", "talk.vtt": "transcript", "code.md": "writeup"}
    (drawing,) = (f for f in items if isinstance(f, ReadFailure))
    assert "Excalidraw" in drawing.reason


WIKI: dict[str, str | bytes] = {
    "Home.md": "# Welcome\n\n[[Words of it|Some Page]] [x](Some-Page#part) [y](https://a.example)\n",
    "sub/Some-Page.md": "Back [home](Home), [[Home]], ![](pic.png) [z](Nowhere)\n",
    "sub/pic.png": PNG,
    "_Sidebar.md": "[[Home]]",
}


def test_a_wiki_of_github(tmp_path: Path) -> None:
    items = read(tmp_path, WIKI)

    found = {d.external_id: d for d in items if isinstance(d, SourceDocument)}
    assert set(found) == {"Home.md", "sub/Some-Page.md"}
    assert len(items) == 2
    assert found["Home.md"].title == "Home"
    assert found["sub/Some-Page.md"].title == "Some Page"
    assert [link.target for link in found["Home.md"].links] == ["sub/Some-Page.md"] * 2
    assert "[Words of it](sub/Some-Page.md) [x](sub/Some-Page.md#part)" in found["Home.md"].body
    page = found["sub/Some-Page.md"]
    assert page.body.startswith("Back [home](../Home.md), [Home](../Home.md),")
    assert [link.target for link in page.links] == ["Home.md", "sub/Nowhere"]
    assert [a.entry for a in page.attachments] == ["sub/pic.png"]


@pytest.mark.parametrize(
    ("files", "folder", "is_one"),
    [
        (["home.md", "_sidebar.md"], "x", True),
        (["Home.md"], "tools.wiki", True),
        (["in/Home.md", "in/_Footer.md"], "x", True),
        (["Home.md"], "x", False),
        (["Start.md", "_Sidebar.md"], "x", False),
        (["Home.md", "_Sidebar.md", ".obsidian/app.json"], "x", False),
    ],
)
def test_which_folder_is_a_wiki(
    tmp_path: Path, files: list[str], folder: str, is_one: bool
) -> None:
    page = "in/P-Q.md" if files[0].startswith("in/") else "P-Q.md"
    found = documents(tmp_path / folder, {**dict.fromkeys(files, "# Words\n"), page: "# W"})

    assert (found[page].title == "P Q") is is_one


def test_people_of_a_wiki_come_from_git(tmp_path: Path) -> None:
    read(tmp_path, WIKI)
    told = ["-c", "user.name=Mia Chen", "-c", "user.email=mia@fennmoor.example"]
    for command in (["init", "-q"], ["add", "."], [*told, "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True)

    found = [d for d in readers.read_export(tmp_path, source="t") if isinstance(d, SourceDocument)]

    assert {(c.name, c.email) for d in found for c in d.contributors} == {
        ("Mia Chen", "mia@fennmoor.example")
    }


def test_a_git_repository_of_plain_markdown(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "docs/a.md": "# A\n\n[b](b.md#x), [c](../c.md), ![p](img/p.png), [r](/README.md)\n",
        "docs/b.md": "# B\n",
        "docs/img/p.png": PNG,
        "c.md": "# C\n",
        "README.md": "# R\n",
    }

    found = documents(tmp_path, files)["docs/a.md"]

    assert [link.target for link in found.links] == ["docs/b.md", "c.md", "README.md"]
    assert [a.entry for a in found.attachments] == ["docs/img/p.png"]


UUID, OTHER = "3f2b8c1e-6a54-4a1f-9d0e-1b2c3d4e5f60", "8d7e6f5a-4b3c-4d2e-8f1a-0b9c8d7e6f5a"


def test_outline(tmp_path: Path) -> None:
    upload = f"uploads/{UUID}/{OTHER}/a.png"
    text = (
        "# Page\n\n\\\n"
        f"Ask @[Mia Chen](mention://{UUID}/user/{OTHER}) about @[Plan](mention://{UUID}/document/{OTHER}).\n\n"
        f':::tip\nOne\n\ntwo\n:::\n\n![x]({upload} "left =10x20") ![y]({upload})\n\n'
        "```\n\\\n:::tip\n```\n\n[k](./Page/Kid.md)\n"
    )

    found = documents(
        tmp_path, {"Ops/Page.md": text, "Ops/Page/Kid.md": "# Kid\n", f"Ops/{upload}": PNG}
    )

    page = found["Ops/Page.md"]
    assert page.body == (
        "# Page\n\n\nAsk @Mia Chen about Plan.\n\n"
        "> **Tip:**\n>\n> One\n> \n> two\n\n"
        f"![x]({upload}) ![y]({upload})\n\n```\n\\\n:::tip\n```\n\n[k](./Page/Kid.md)\n"
    )
    assert page.tags == ("Ops",)
    assert [a.entry for a in page.attachments] == [f"Ops/{upload}"]
    assert [link.target for link in page.links] == ["Ops/Page/Kid.md"]
    assert page.losses == (Loss(LossKind.LINK, "mention of Plan"),)


def test_only_what_lies_with_uploads_is_of_outline(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        f"export/Ops/uploads/{UUID}/{OTHER}/a.png": PNG,
        "export/Other/Page.md": "# Page\n",
        "notes/Page.md": "# Page\n",
    }

    found = documents(tmp_path, files)

    assert found["export/Other/Page.md"].tags == ("Other",)
    assert found["notes/Page.md"].tags == ()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "junk", ["[[", "`", " ", "`` ` ", "#a", "#1/", "%%", "![[a|", "[[a]]", "~~~\n", "@["]
)
def test_junk_takes_linear_time(tmp_path: Path, junk: str) -> None:
    text = "x " + junk * 50_000

    assert read(tmp_path, {".obsidian/a.json": "{}", "a.md": f"{text}\n"})
    outside_code(text, str)
    has_links(text)
