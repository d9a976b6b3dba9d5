"""Which reader gets what, and that one bad file never ends an import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.errors import InvalidInput, UnreadableExport
from knowledge.exports import Entry, Export, Limits
from knowledge.readers import _claims
from knowledge.types import Kind, Loss, LossKind, ReadFailure, SourceDocument
from tests.knowledge.readers.support import read

MIXED: dict[str, str | bytes] = {
    "page.md": "# A page\n\nText.\n",
    "note.md": "---\nkind: note\n---\n## The one thing\n\nSave often.\n",
    "talk.txt": "Mia: Shall we begin?\nOle: We shall.\nMia: Good.\n",
    "call.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Mia>Hello.\n",
    "film.srt": "1\n00:00:01,000 --> 00:00:02,000\nHello.\n",
    "more.jsonl": '{"_id": "x1", "title": "T", "text": "Words."}\n',
    "logo.png": b"\x89PNG",
    "style.css": "a {}",
    "data.xyz": "?",
    "old.zip": b"PK",
    "LICENSE": "words",
}


def test_a_mixed_folder_is_read_file_by_file(tmp_path: Path) -> None:
    items = read(tmp_path, MIXED)

    assert {d.external_id: d.kind for d in items if isinstance(d, SourceDocument)} == {
        "page.md": Kind.WRITEUP,
        "note.md": Kind.NOTE,
        "talk.txt": Kind.TRANSCRIPT,
        "call.vtt": Kind.TRANSCRIPT,
        "film.srt": Kind.TRANSCRIPT,
        "x1": Kind.WRITEUP,
    }
    refused = {f.name: f.reason for f in items if isinstance(f, ReadFailure)}
    assert set(refused) == {"logo.png", "style.css", "data.xyz", "old.zip", "LICENSE"}
    assert "image" in refused["logo.png"]
    assert ".xyz" in refused["data.xyz"]
    assert "archive" in refused["old.zip"]


def test_a_format_on_which_the_user_insists(tmp_path: Path) -> None:
    items = read(tmp_path, MIXED, "webvtt")

    assert [d.external_id for d in items if isinstance(d, SourceDocument)] == ["call.vtt"]
    assert len(items) == len(MIXED)


def test_a_single_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Words.")

    (item,) = readers.read_export(tmp_path / "a.md", source="test")

    assert isinstance(item, SourceDocument)
    assert (item.external_id, item.title, item.updated_at) == ("a.md", "A", None)


def test_an_unknown_format_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"auto, .*judged, .*markdown"):
        readers.read_export(tmp_path, "msword", source="test")


def test_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match="No such file"):
        list(readers.read_export(tmp_path / "x", source="test"))


def test_files_are_opened_as_the_documents_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    plain = Entry.read

    def noted(self: Entry) -> bytes:
        opened.append(self.name)
        return plain(self)

    monkeypatch.setattr(Entry, "read", noted)
    for n in range(9):
        (tmp_path / f"{n}.md").write_text("x")

    items = readers.read_export(tmp_path, source="test")

    next(items)
    next(items)
    assert opened == ["0.md", "1.md"]


def test_an_exception_in_a_reader_costs_its_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = readers.load("markdown")

    def breaks(entry: Entry, source: str) -> Iterator[SourceDocument | ReadFailure]:
        assert good.read is not None
        if entry.name == "b.md":
            raise ZeroDivisionError
        yield from good.read(entry, source)

    monkeypatch.setattr(readers, "names", lambda: ("markdown",))
    monkeypatch.setattr(readers, "load", lambda _: replace(good, read=breaks))

    a, b, c = read(tmp_path, {"a.md": "x", "b.md": "x", "c.md": "x"})

    assert isinstance(a, SourceDocument)
    assert isinstance(b, ReadFailure)
    assert "ZeroDivisionError" in b.reason
    assert isinstance(c, SourceDocument)


def test_an_archive_that_unpacks_too_far_ends_the_import(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.zip", "w") as z:
        z.writestr("a.md", "x" * 50)
        z.writestr("b.md", "x" * 60)
    items = readers.read_export(tmp_path / "x.zip", source="test", limits=Limits(expanded=100))

    assert isinstance(next(items), SourceDocument)
    with pytest.raises(UnreadableExport, match="unpacks to more"):
        next(items)


def test_documents_that_nobody_could_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = SourceDocument("s", "id", "title", "body")
    bad = [
        replace(given, body=" "),
        replace(given, external_id="2", title="\ud800"),
        replace(given, external_id="3", tags=("a\0",)),
        given,
        given,
    ]

    def whole(export: Export, source: str) -> Iterator[SourceDocument | ReadFailure]:
        yield from bad

    reader = readers.Reader("fake", "", None, None, lambda _: True, whole)
    monkeypatch.setattr(readers, "names", lambda: ("fake",))
    monkeypatch.setattr(readers, "load", lambda _: reader)

    items = list(readers.read_export(tmp_path, source="s"))

    assert [type(i) for i in items] == [ReadFailure] * 3 + [SourceDocument, ReadFailure]


def test_pictures_on_other_servers_are_told(tmp_path: Path) -> None:
    """They are not fetched, and of each a link remains."""
    body = "![a](https://a.example/a.png)\n![b](<HTTP://b.example/b c.png>) ![own](own.png) [l](http://x)"
    items = read(tmp_path, {"page.md": body, "own.png": b"\x89PNG", "other.md": "Words."})

    told = {d.external_id: d.losses for d in items if isinstance(d, SourceDocument)}
    assert told == {
        "page.md": (Loss(LossKind.EMBED, "pictures on other servers", 2),),
        "other.md": (),
    }


def test_links_out_of_the_export_are_told(tmp_path: Path) -> None:
    items = read(tmp_path, {"a/page.md": "[up](../../b.md) [b](../b.md) [c](/c.md) [d](//x/../y)"})

    (page,) = (one for one in items if isinstance(one, SourceDocument))
    assert page.losses == (Loss(LossKind.LINK, "../../b.md: out of the export"),)
    assert [link.target for link in page.links] == ["b.md", "c.md"]


def test_what_a_document_says_of_itself_beats_its_look_and_name() -> None:
    assert _claims.Claim.DECLARED > _claims.Claim.CONTENT > _claims.Claim.NAME
    assert not _claims.Claim.NO
