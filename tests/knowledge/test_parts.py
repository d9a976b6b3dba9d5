"""Archives of archives: Notion's parts, and everything that only looks like them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from knowledge.errors import UnreadableExport
from knowledge.exports import Entry, Export, Limits
from knowledge.types import ReadFailure
from tests.knowledge.test_exports import seen, text

PART = "Export-950ad927-7171-4abf-9001-821e5310d286-Part-{}.zip"
BLOCK = "ExportBlock-950ad927-7171-4abf-9001-821e5310d286-Part-{}.zip"


def packed(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def export(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "export.zip"
    path.write_bytes(packed(files))
    return path


@pytest.mark.parametrize("name", [PART, BLOCK, PART.replace("-Part-{}", "")])
def test_a_part_is_read_as_the_export(tmp_path: Path, name: str) -> None:
    path = export(tmp_path, {name.format(1): packed({"a/b.md": b"words"})})

    assert seen(path) == (["a/b.md"], {})
    assert text(path, "a/b.md") == "words"


def test_several_parts_are_one(tmp_path: Path) -> None:
    path = export(
        tmp_path,
        {
            PART.format(2): packed({"b.md": b"two", "same.md": b"x"}),
            PART.format(1): packed({"c.md": b"one", "same.md": b"y"}),
        },
    )
    names, refused = seen(path)

    assert names == ["b.md", "c.md"]
    assert "several parts" in refused["same.md"]
    assert text(path, "b.md") == "two"
    assert text(path, "c.md") == "one"


@pytest.mark.parametrize(
    "files",
    [
        {"inner.zip": b""},
        {PART.format(1): b"", "beside.md": b"words"},
        {"folder/" + PART.format(1): b""},
        {PART.format(1) + ".exe": b"", PART.format(1): b""},
        {PART.format(1).replace(".zip", ".7z"): b""},
    ],
)
def test_other_nesting_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    inner = packed({"hidden.md": b"words"})
    names, refused = seen(export(tmp_path, {name: data or inner for name, data in files.items()}))

    assert "hidden.md" not in names
    assert any("an archive inside the export" in reason for reason in refused.values())


def test_nothing_nests_deeper(tmp_path: Path) -> None:
    deepest = packed({"hidden.md": b"words"})
    part = packed({PART.format(2): deepest, "a.md": b"words"})

    names, refused = seen(export(tmp_path, {PART.format(1): part}))

    assert names == ["a.md"]
    assert "an archive inside the export" in refused[PART.format(2)]


def test_names_in_a_part_are_checked(tmp_path: Path) -> None:
    part = packed({"../up.md": b"x", "/abs.md": b"x", "a.md": b"x"})

    names, refused = seen(export(tmp_path, {PART.format(1): part}))

    assert names == ["a.md"]
    assert len(refused) == 2


def test_entries_count_together(tmp_path: Path) -> None:
    parts = {
        PART.format(at): packed({f"{at}-{name}.md": b"x" for name in range(6)}) for at in (1, 2)
    }

    with pytest.raises(UnreadableExport, match="more than 4 entries"):
        seen(export(tmp_path, parts), Limits(entries=10))


def test_parts_are_not_larger_than_an_archive_may_be(tmp_path: Path) -> None:
    stored = {
        PART.format(at): packed({f"{at}.md": b"x" * 60_000}, zipfile.ZIP_STORED) for at in (1, 2)
    }

    with pytest.raises(UnreadableExport, match="split it"):
        seen(export(tmp_path, stored), Limits(archive=100_000))


def test_what_parts_hold_counts_as_expanded(tmp_path: Path) -> None:
    part = packed({"a.md": b"x" * 60_000}, zipfile.ZIP_STORED)
    path = export(tmp_path, {PART.format(1): part})

    with pytest.raises(UnreadableExport, match="unpacks to more than"):
        text(path, "a.md", Limits(expanded=100_000))


def test_ratios_multiply(tmp_path: Path) -> None:
    """Each level alone stays within the ratio; what is packed twice would not."""
    inner = packed({f"{at}.md": bytes(70_000) for at in range(60)})
    assert len(inner) > 70_000 * 60 / 1000
    path = export(tmp_path, {PART.format(1): inner})

    names, refused = seen(path)

    assert not names
    assert all("times its size" in reason for reason in refused.values())


@pytest.mark.parametrize("data", [b"", b"no archive", packed({"a.md": b"x"})[:-30]], ids=len)
def test_a_damaged_part_is_told(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableExport, match="Part-1"):
        seen(export(tmp_path, {PART.format(1): data}))


def test_an_encrypted_part_is_refused(tmp_path: Path) -> None:
    path = export(tmp_path, {PART.format(1): packed({"a.md": b"x"})})
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 8] |= 1
    path.write_bytes(bytes(data))

    names, refused = seen(path)

    assert not names
    assert "encrypted" in refused[PART.format(1)]


def test_a_large_part_lies_in_a_file(tmp_path: Path) -> None:
    part = packed({f"{at}.bin": bytes([at]) * 5_000_000 for at in range(3)}, zipfile.ZIP_STORED)
    path = export(tmp_path, {PART.format(1): part})

    with Export.open(path, Limits(ratio=10_000)) as opened:
        sizes = {
            one.name: (len(data), set(data))
            for one in opened.entries()
            if isinstance(one, Entry)
            for data in [one.read()]
        }
        assert not [one for one in opened.entries() if isinstance(one, ReadFailure)]

    assert sizes == {f"{at}.bin": (5_000_000, {at}) for at in range(3)}
