"""Evernote notebooks."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.readers import evernote
from knowledge.types import Contributor, Link, Loss, LossKind, ReadFailure, Role, SourceDocument
from tests.knowledge.readers.support import read, refusal

PNG = b"\x89PNG\r\n\x1a\n"
HEAD = '<?xml version="1.0"?>\n<!DOCTYPE en-export SYSTEM "http://xml.evernote.com/pub/x.dtd">\n'


def note(
    content: str, title: str = "A note", created: str = "20250112T064500Z", more: str = ""
) -> str:
    return (
        f"<note><title>{title}</title><created>{created}</created>{more}<content><![CDATA["
        '<?xml version="1.0"?><!DOCTYPE en-note SYSTEM "http://xml.evernote.com/pub/enml2.dtd">'
        f"<en-note>{content}</en-note>]]></content></note>"
    )  # fmt: skip


def enex(*notes: str) -> str:
    return f"{HEAD}<en-export>{''.join(notes)}</en-export>"


def resource(data: bytes, name: str, kind: str = "image/png") -> str:
    return (
        f'<resource><data encoding="base64">\n{base64.b64encode(data).decode()}\n</data>'
        f"<mime>{kind}</mime><resource-attributes><file-name>{name}</file-name>"
        "</resource-attributes></resource>"
    )


def documents(folder: Path, *notes: str) -> list[SourceDocument]:
    found = read(folder, {"N.enex": enex(*notes)})
    assert not [f for f in found if isinstance(f, ReadFailure)]
    return [d for d in found if isinstance(d, SourceDocument)]


def test_what_a_note_says_of_itself(tmp_path: Path) -> None:
    more = (
        "<updated>20250114T160000Z</updated><tag>ice</tag><tag> grid  ops </tag><note-attributes>"
        "<author>mia@fennmoor.example</author><source-url>https://a.example/x</source-url>"
        "</note-attributes>"
    )

    (found,) = documents(tmp_path, note("<div>Words.</div>", more=more))

    at = datetime(2025, 1, 12, 6, 45, tzinfo=UTC)
    mia = "mia@fennmoor.example"
    assert found.external_id == "N.enex/20250112T064500Z"
    assert (found.title, found.url, found.tags) == (
        "A note",
        "https://a.example/x",
        ("ice", "grid ops"),
    )
    assert (found.created_at, found.updated_at) == (at, datetime(2025, 1, 14, 16, tzinfo=UTC))
    assert found.contributors == (Contributor(mia, Role.AUTHOR, mia, at=at),)


def body(folder: Path, content: str, more: str = "") -> str:
    return documents(folder, note(content, more=more))[0].body


@pytest.mark.parametrize(
    ("content", "markdown"),
    [
        ("<h2>A</h2><div>b&nbsp;&amp; c</div><div><br/></div>", "## A\n\nb & c\n"),
        ('<div><en-todo checked="true"/>x</div>', "- [x] x\n"),
        ("<ul><li><en-todo/>x</li></ul>", "- [ ] x\n"),
        (
            '<ul style="--en-todo:true;"><li style="--en-checked:true;"><div>x</div></li></ul>',
            "- [x] x\n",
        ),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b\n"),
        (
            '<div style="-en-codeblock:true;"><div>a <b>1</b></div><div><br/></div>'
            "<div> b</div></div>",
            "```\na 1\n\n b\n```\n",
        ),
        (
            '<div style="--en-codeblock:true;--en-codeblockLanguage:Rust">x<br/>y</div>',
            "```rust\nx\ny\n```\n",
        ),
        ('<a href="https://a.example"></a>', "[https://a.example](https://a.example)\n"),
        ("<en-crypt>c2VjcmV0</en-crypt>", "(encrypted text)\n"),
        ('<div style="--en-task-group:true">not supported</div><div>a</div>', "a\n"),
        ("<script>x()</script><div>a</div>", "a\n"),
    ],
)  # fmt: skip
def test_markup(tmp_path: Path, content: str, markdown: str) -> None:
    assert body(tmp_path, content) == markdown


def test_files_of_a_note(tmp_path: Path) -> None:
    pdf = b"%PDF-1.4"
    md5 = [hashlib.md5(data, usedforsecurity=False).hexdigest() for data in (PNG, pdf)]
    content = (
        f'<en-media type="image/png" hash="{md5[0]}"/> and <en-media hash="{md5[1]}" type="x"/>'
        f'<en-media type="image/png" hash="{"0" * 32}"/> after'
        f'<img src="data:image/png;base64,{base64.b64encode(PNG + b"2").decode()}"/>'
        '<img src="data:image/png;base64,!"/>'
    )

    (found,) = documents(
        tmp_path,
        note(content, more=resource(PNG, "a b.png") + resource(pdf, "p.pdf", "application/pdf")),
    )

    assert found.body == (
        "![](resources/a%20b.png) and [p.pdf](resources/p.pdf) after![](resources/picture-3.png)\n"
    )
    assert [(a.href, a.name, a.data) for a in found.attachments] == [
        ("resources/a%20b.png", "a b.png", PNG),
        ("resources/p.pdf", "p.pdf", pdf),
        ("resources/picture-3.png", "picture-3.png", PNG + b"2"),
    ]
    assert found.losses == (
        Loss(LossKind.ATTACHMENT, "a picture within the text"),
        Loss(LossKind.ATTACHMENT, "image/png: missing in the export"),
    )


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evernote, "MAX_RESOURCE", 5)
    md5 = hashlib.md5(PNG, usedforsecurity=False).hexdigest()
    told = resource(PNG, "a.png").replace(
        "</resource>", f"<recognition>objID=\"{md5}\"</recognition></resource>"
    )  # fmt: skip

    (found,) = documents(tmp_path, note(f'a<en-media hash="{md5}"/>', more=told))

    assert found.losses == (Loss(LossKind.ATTACHMENT, "a.png: larger than 50 MB"),)


def test_links_between_notes_and_tasks(tmp_path: Path) -> None:
    link = '<a href="evernote:///view/1/s1/a/b/">{}</a>'
    task = "<task><title>Call Ole</title><taskStatus>{}</taskStatus></task>"
    first, second = documents(
        tmp_path,
        note(
            link.format("the  Second") + " " + link.format("Gone"),
            more=task.format("open") + task.format("completed"),
        ),
        note("x", "The second", "20250101T000000Z"),
    )

    assert first.body == (
        "[the Second](note/the%20Second) Gone\n\n- [ ] Call Ole\n- [x] Call Ole\n"
    )
    assert first.links == (Link("note/the%20Second", second.external_id),)
    assert first.losses == (Loss(LossKind.LINK, "link to the note Gone"),)


def test_one_bad_note_loses_no_other(tmp_path: Path) -> None:
    items = read(
        tmp_path, {"N.enex": enex(note(" "), note("a"), note("b", "", "nonsense"), note("c", ""))}
    )

    assert [i.name if isinstance(i, ReadFailure) else i.title for i in items] == [
        "N.enex/20250112T064500Z",
        "A note",
        "b",
        "c",
    ]
    assert [i.external_id for i in items if isinstance(i, SourceDocument)] == [
        "N.enex/20250112T064500Z-2",
        "N.enex/nonsense",
        "N.enex/20250112T064500Z-3",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("words", "broken XML"),
        ("<html/>", "does not begin with en-export"),
        (enex(), "holds no notes"),
        (HEAD.replace('.dtd">', '.dtd" [<!ENTITY a "b">]>') + "<en-export/>", "made to do harm"),
        (f"{HEAD}<!DOCTYPE a><en-export/>", "made to do harm"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in refusal(tmp_path, "N.enex", text)


def test_a_cut_file_keeps_the_notes_above(tmp_path: Path) -> None:
    text = enex(note("first"), note("second", created="20250113T000000Z"))

    first, cut = read(tmp_path, {"N.enex": text[:-100]})

    assert isinstance(first, SourceDocument)
    assert isinstance(cut, ReadFailure)
    assert "broken XML" in cut.reason
    assert cut.rest_lost


def test_a_note_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evernote, "MAX_NOTE", 200_000)

    assert "a note is larger" in refusal(tmp_path, "N.enex", enex(note("x " * 200_000)))


def test_real_notebooks(shared: Path) -> None:
    folder = shared / "exports" / "evernote"
    found = 0
    empty: list[str] = []
    for path in sorted(folder.rglob("*.enex")):
        for item in readers.read_export(path, source="t"):
            if isinstance(item, ReadFailure):
                assert item.reason == "there is no text in it"
                empty.append(path.name)
            else:
                found += 1
                assert "<en-" not in item.body
    assert found > 75
    assert set(empty) == {"test-internotebook_links_A.enex", "test-reminder.enex"}
