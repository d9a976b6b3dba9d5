"""Folders, files and archives from strangers."""

from __future__ import annotations

import io
import os
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.errors import UnreadableExport
from knowledge.exports import Entry, Export, Limits, Refused
from knowledge.types import ReadFailure

Archive = Callable[[zipfile.ZipFile], object]


def seen(path: Path, limits: Limits | None = None) -> tuple[list[str], dict[str, str]]:
    """Names that may be read, and reasons of refusals."""
    with Export.open(path, limits) as export:
        items = list(export.entries())
    return (
        [i.name for i in items if isinstance(i, Entry)],
        {i.name: i.reason for i in items if isinstance(i, ReadFailure)},
    )


def text(path: Path, name: str, limits: Limits | None = None) -> str:
    with Export.open(path, limits) as export:
        entry = export.get(name)
        assert entry is not None
        return entry.text()


@pytest.fixture
def archive(tmp_path: Path) -> Callable[[Archive], Path]:
    def made(fill: Archive) -> Path:
        path = tmp_path / "export.zip"
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            warnings.simplefilter("ignore")  # about duplicates, which is the point
            z.writestr("good.md", "fine")
            fill(z)
        return path

    return made


def info(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.filename = made.orig_filename = name  # the constructor cuts at NUL
    made.create_system = 3
    made.external_attr = mode << 16
    return made


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../up.md", "leads out"),
        ("a/../../up.md", "leads out"),
        ("a\\..\\..\\up.md", "leads out"),
        ("/etc/passwd.md", "absolute"),
        ("\\\\server\\share.md", "absolute"),
        ("C:\\windows.md", "absolute"),
        ("c:drive.md", "absolute"),
        ("inner.zip", "archive inside"),
        ("a/inner.tar.gz", "archive inside"),
    ],
)
def test_an_archive_s_bad_name(archive: Callable[[Archive], Path], name: str, reason: str) -> None:
    names, refused = seen(archive(lambda z: z.writestr(info(name), "x")))

    assert names == ["good.md"]
    (why,) = refused.values()
    assert reason in why


def test_an_archive_s_name_with_a_nul(archive: Callable[[Archive], Path]) -> None:
    path = archive(lambda z: z.writestr("evil_.md", "x"))
    path.write_bytes(path.read_bytes().replace(b"evil_.md", b"evil\0.md"))

    names, refused = seen(path)

    assert names == ["good.md"]
    assert refused == {"evil\N{REPLACEMENT CHARACTER}.md": "its name holds a NUL character"}


@pytest.mark.parametrize(
    ("written", "name"),
    [(b"caf\xc3\xa9.md", "caf\u00e9.md"), (b"caf\x82x.md", "caf\u00e9x.md")],
)
def test_names_that_do_not_say_how_they_are_written(
    tmp_path: Path, written: bytes, name: str
) -> None:
    """Macs write UTF-8, others the code page of old."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as old:
        old.writestr("q" * len(written), "Words.")
    path = tmp_path / "a.zip"
    path.write_bytes(made.getvalue().replace(b"q" * len(written), written))

    with Export.open(path) as export:
        (entry,) = export.entries()
        assert isinstance(entry, Entry)
        assert entry.name == name
        assert entry.text() == "Words."


def test_an_archive_s_links_and_devices(archive: Callable[[Archive], Path]) -> None:
    def fill(z: zipfile.ZipFile) -> None:
        z.writestr(info("link.md", stat.S_IFLNK | 0o777), "/etc/passwd")
        z.writestr(info("pipe.md", stat.S_IFIFO | 0o666), "x")

    names, refused = seen(archive(fill))

    assert names == ["good.md"]
    assert "symbolic link" in refused["link.md"]
    assert "regular" in refused["pipe.md"]


def test_duplicates_are_all_refused(archive: Callable[[Archive], Path]) -> None:
    def fill(z: zipfile.ZipFile) -> None:
        z.writestr("twice.md", "one")
        z.writestr("twice.md", "two")

    names, refused = seen(archive(fill))

    assert names == ["good.md"]
    assert "several entries" in refused["twice.md"]


def test_encrypted_entries(archive: Callable[[Archive], Path]) -> None:
    path = archive(lambda z: z.writestr("secret.md", "x"))
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)

    names, refused = seen(path)

    assert names == ["good.md"]
    assert "encrypted" in refused["secret.md"]


def test_a_bomb_s_ratio(archive: Callable[[Archive], Path]) -> None:
    names, refused = seen(archive(lambda z: z.writestr("bomb.md", b"0" * 5_000_000)))

    assert names == ["good.md"]
    assert "100 times" in refused["bomb.md"]


def test_a_bomb_that_lies_about_its_size(archive: Callable[[Archive], Path]) -> None:
    path = archive(lambda z: z.writestr("bomb.md", b"0" * 5_000_000))
    path.write_bytes(path.read_bytes().replace(struct.pack("<L", 5_000_000), struct.pack("<L", 9)))

    assert "bomb.md" in seen(path)[0]
    with pytest.raises(Refused, match="damaged"):
        text(path, "bomb.md")
    assert text(path, "good.md") == "fine"


def test_overlapping_entries(archive: Callable[[Archive], Path]) -> None:
    path = archive(lambda z: z.writestr("other.md", "fine"))
    data = bytearray(path.read_bytes())
    second = data.rfind(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    path.write_bytes(data)

    with pytest.raises(UnreadableExport, match="overlapping"):
        seen(path)


def test_too_many_entries(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as z:
        for n in range(50_001):
            z.writestr(f"{n}.md", "x")

    with pytest.raises(UnreadableExport, match="50,000"):
        seen(path)


def test_an_entry_count_that_lies(archive: Callable[[Archive], Path]) -> None:
    def fill(z: zipfile.ZipFile) -> None:
        for n in range(30):
            z.writestr(f"{n}.md", "x")

    path = archive(fill)
    data = bytearray(path.read_bytes())
    end = data.rfind(b"PK\x05\x06")
    data[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
    path.write_bytes(data)

    with pytest.raises(UnreadableExport, match="20 entries"):
        seen(path, Limits(entries=20))


def test_entries_are_counted_before_zipfile_builds_them(
    archive: Callable[[Archive], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(lambda z: z.writestr("other.md", "x"))
    monkeypatch.setattr(zipfile, "ZipFile", None)

    with pytest.raises(UnreadableExport, match="1 entries"):
        seen(path, Limits(entries=1))


def test_the_archive_s_own_size(archive: Callable[[Archive], Path]) -> None:
    with pytest.raises(UnreadableExport, match="larger"):
        seen(archive(lambda z: None), Limits(archive=10))


def test_expanded_bytes_are_counted_over_all_entries(archive: Callable[[Archive], Path]) -> None:
    def fill(z: zipfile.ZipFile) -> None:
        for n in range(9):
            z.writestr(f"{n}.md", "some seventy characters " * 3)

    path = archive(fill)
    with Export.open(path, Limits(expanded=200)) as export:
        entries = [entry for entry in export.entries() if isinstance(entry, Entry)]
        with pytest.raises(UnreadableExport, match="200 bytes"):
            [entry.read() for entry in entries]


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)

    with pytest.raises(UnreadableExport):
        seen(path)


def test_a_truncated_zip_at_every_byte(archive: Callable[[Archive], Path]) -> None:
    path = archive(lambda z: z.writestr("more.md", "more"))
    whole = path.read_bytes()

    for stop in range(len(whole)):
        path.write_bytes(whole[:stop])
        with pytest.raises(UnreadableExport):
            seen(path)


def test_damage_in_one_entry_spares_the_others(archive: Callable[[Archive], Path]) -> None:
    path = archive(lambda z: z.writestr("stored.md", "abcdefgh", zipfile.ZIP_STORED))
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", b"abcdXfgh"))

    with pytest.raises(Refused, match="damaged"):
        text(path, "stored.md")
    assert text(path, "good.md") == "fine"


def test_a_folder_s_order_and_what_is_skipped(tmp_path: Path) -> None:
    for name in ("b/x.md", "a.md", "b.md", ".git/config", ".obsidian/app", "node_modules/m.md",
                 "__MACOSX/a.md", "a/z.md", ".DS_Store"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")

    assert seen(tmp_path) == (["a/z.md", "a.md", "b/x.md", "b.md"], {})


def test_a_folder_s_links_and_pipes(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("x")
    (tmp_path / "link.md").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.md")
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff.md", os.O_CREAT))

    names, refused = seen(tmp_path)

    assert names == ["good.md"]
    assert "symbolic link" in refused["link.md"]
    assert "symbolic link" in refused["loop"]
    assert "regular" in refused["pipe.md"]
    assert any("rename" in why for why in refused.values())


def test_a_file_swapped_for_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    with Export.open(tmp_path) as export:
        entry = export.get("a.md")
        assert entry is not None
        (tmp_path / "a.md").unlink()
        (tmp_path / "a.md").symlink_to("/etc/passwd")
        with pytest.raises(Refused):
            entry.text()


def test_a_folder_with_too_many_files(tmp_path: Path) -> None:
    for n in range(6):
        (tmp_path / f"{n}.md").write_text("x")

    with pytest.raises(UnreadableExport, match="more than 5"):
        seen(tmp_path, Limits(entries=5))


def test_a_page_that_is_too_big(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x" * 11)

    assert text(tmp_path / "a.md", "a.md", Limits(page=11))
    with pytest.raises(Refused, match="split it"):
        text(tmp_path / "a.md", "a.md", Limits(page=10))


def test_a_page_that_grows_while_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    with Export.open(tmp_path, Limits(page=10)) as export:
        entry = export.get("a.md")
        assert entry is not None
        (tmp_path / "a.md").write_text("x" * 99)
        with pytest.raises(Refused, match="split it"):
            entry.read()


@pytest.mark.parametrize("path", ["missing", "nul\0"])
def test_what_is_not_there(tmp_path: Path, path: str) -> None:
    with pytest.raises(UnreadableExport):
        seen(tmp_path / path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("é".encode("latin-1") * 2, "save it as UTF-8"),
        ("né".encode()[:-1], "half-written"),
        (b"a\0b", "NUL"),
        ("a\0b".encode("utf-16"), "NUL"),
        (b"\xff\xfea", "save it as UTF-8"),
    ],
)
def test_what_is_no_text(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.md").write_bytes(data)

    with pytest.raises(Refused, match=reason):
        text(tmp_path, "a.md")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_comes_as_it_is(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.md").write_bytes("né\r\n  \N{SLICE OF PIZZA}\r".encode(encoding))

    assert text(tmp_path, "a.md") == "né\r\n  \N{SLICE OF PIZZA}\r"


def test_an_archive_may_stand_behind_other_bytes(archive: Callable[[Archive], Path]) -> None:
    path = archive(lambda z: None)
    path.write_bytes(b"#!/bin/sh\n" * 20 + path.read_bytes())

    assert text(path, "good.md") == "fine"


def test_a_nested_archive_by_content_is_only_bytes(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as z:
        z.writestr("x.md", "x")
    (tmp_path / "a.md").write_bytes(inner.getvalue())

    with pytest.raises(Refused):
        text(tmp_path, "a.md")


def test_an_uploaded_file_is_known_by_its_owners_name(tmp_path: Path) -> None:
    stored = tmp_path / "5f0c"
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("a.md", "# A\n\nText.")
    with Export.open(stored, name="wiki.zip") as export:
        assert [entry.name for entry in export.entries()] == ["a.md"]
    with Export.open(stored, name="notes.md") as export:
        assert [entry.name for entry in export.entries()] == ["notes.md"]
    stored.write_bytes(b"no archive")
    with pytest.raises(UnreadableExport, match=r"^wiki\.zip is not"):
        Export.open(stored, name="wiki.zip")
    with pytest.raises(UnreadableExport, match=r"^gone\.zip: No such file"):
        Export.open(tmp_path / "nothing", name="gone.zip")
