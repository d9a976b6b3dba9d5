"""TextBundle folders and TextPacks."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.exports import Limits
from knowledge.types import ReadFailure, SourceDocument
from tests.knowledge.readers.support import read, refusal

PNG = b"\x89PNG\r\n\x1a\n"


def pack(files: dict[str, bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", level) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_a_folder(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        {
            "in/My note.textbundle/text.markdown": "---\ntags: [a]\n---\nWords ![](assets/x.png)\n",
            "in/My note.textbundle/info.json": "{}",
            "in/My note.textbundle/assets/x.png": PNG,
            "text.md": "# Not of a bundle\n",
        },
    )

    found = {d.external_id: d for d in items if isinstance(d, SourceDocument)}
    note = found["in/My note.textbundle/text.markdown"]
    assert len(items) == 2
    assert note.title == "My note"
    assert note.tags == ("a",)
    assert [a.entry for a in note.attachments] == ["in/My note.textbundle/assets/x.png"]


def test_a_pack(tmp_path: Path) -> None:
    data = pack(
        {
            "N.textbundle/text.md": b"![a](assets/x%201.png) ![b](assets/gone.png) [c](other.md)\n",
            "N.textbundle/assets/x 1.png": PNG,
        }
    )
    (found, other) = read(tmp_path, {"a.textpack": data, "other.md": "# Other\n"})

    assert isinstance(found, SourceDocument)
    assert isinstance(other, SourceDocument)
    assert found.title == "N"
    assert [(a.href, a.name, a.data) for a in found.attachments] == [
        ("assets/x%201.png", "x 1.png", PNG)
    ]
    assert found.links == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a complete zip archive"),
        (b"PK\x03\x04", "not a complete zip archive"),
        (pack({"N.textbundle/info.json": b"{}"}), "no text in it"),
        (pack({"a/b/c/text.md": b"x"}), "no text in it"),
        (pack({"../text.md": b"x"}), "no text in it (its path leads out"),
        (pack({"text.md": b"\xff\xfe\x00"}), "not UTF-8"),
        (pack({"text.md": b" " * 9_000_000}), "no text in it (expands to more than 100 times"),
        (pack({"text.md": b""}), "the file is empty"),
    ],
)
def test_packs_that_are_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    assert reason in refusal(tmp_path, "a.textpack", data)


def test_packs_count_against_what_an_archive_may_unpack(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 40
    inner = pack({"text.md": b"# T\n\n![](x.png)", "x.png": noise})
    (tmp_path / "all.zip").write_bytes(
        pack({f"{n}.textpack": inner for n in range(9)}, zipfile.ZIP_STORED)
    )
    limits = Limits(expanded=9 * len(inner) + 3 * len(noise))

    with pytest.raises(readers.UnreadableExport, match="unpacks to more"):
        list(readers.read_export(tmp_path / "all.zip", source="t", limits=limits))
    assert len(list(readers.read_export(tmp_path / "all.zip", source="t"))) == 9


def test_real_bundles(shared: Path) -> None:
    folder = shared / "exports" / "textbundle"
    found: dict[str, SourceDocument] = {}
    for path in folder.iterdir():
        if path.suffix in (".textpack", ".textbundle", ".zip"):
            for item in readers.read_export(path, source="t", name=path.name):
                assert not isinstance(item, ReadFailure), item
                found[f"{path.name}/{item.external_id}"] = item

    assert len(found) == 6
    assert "Ulysses Export.zip/Search \u2013 and Find.textbundle/text.md" in found
    assert {d.title for d in found.values()} >= {
        "Textbundle Example",
        "A Super-Quick Markup Primer",
    }
    assert sum(len(d.attachments) for d in found.values()) == 4
