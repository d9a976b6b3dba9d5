"""What every reader must do. A new one needs nothing here but data/samples/formats/NAME/."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import GeneratorType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import readers
from knowledge.errors import UnreadableExport
from knowledge.types import Kind, ReadFailure, Role, SourceDocument

SAMPLES = Path(__file__).parents[2] / "data" / "samples" / "formats"
GOOD = "# Kept\n\nThis file is fine, whatever lies beside it.\n"

every_reader = pytest.mark.parametrize("name", readers.names())


def sample(name: str) -> Path:
    """The sample of a reader; it fails, not skips, where there is none."""
    folder = SAMPLES / name
    assert folder.is_dir(), f"reader {name} needs an invented sample: {folder}"
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[str], Path]:
    """Copies a sample out of the checkout, whose history is not the sample's."""

    def made(name: str) -> Path:
        return Path(shutil.copytree(sample(name), tmp_path / name))

    return made


def read(
    path: Path, format: str = readers.AUTO
) -> tuple[list[SourceDocument], dict[str, list[str]]]:
    """Documents, and the reasons of refusals by name."""
    documents: list[SourceDocument] = []
    refused: dict[str, list[str]] = {}
    for item in readers.read_export(path, format, source="test"):
        if isinstance(item, ReadFailure):
            refused.setdefault(item.name, []).append(item.reason)
        else:
            assert isinstance(item, SourceDocument)
            documents.append(item)
    return documents, refused


def check(documents: list[SourceDocument], refused: dict[str, list[str]]) -> None:
    """What holds of whatever comes out, from good files and bad."""
    ids = [d.external_id for d in documents]
    assert len(ids) == len(set(ids))
    for document in documents:
        assert document.source == "test"
        assert document.title.strip()
        assert "\n" not in document.title
        assert document.body.strip()
        assert isinstance(document.kind, Kind)
        times = [document.created_at, document.updated_at]
        for person in document.contributors:
            assert person.name.strip()
            assert isinstance(person.role, Role)
            assert person.weight >= 0
            times.append(person.at)
        assert all(at is None or at.utcoffset() is not None for at in times)
        # What no database takes.
        everything = repr(document) + document.body + document.title
        assert "\0" not in document.body + document.title
        everything.encode()
    for name, reasons in refused.items():
        assert name.strip()
        assert all(reason.strip() and "\n" not in reason for reason in reasons)
        # The net below every reader; what falls into it is a reader's mistake.
        assert not any("could not be understood" in reason for reason in reasons), (name, reasons)


@every_reader
def test_reads_its_sample_whole(name: str, copy: Callable[[str], Path]) -> None:
    documents, refused = read(copy(name), name)

    assert documents
    assert not refused
    check(documents, refused)
    assert readers.load(name).description.strip()


@every_reader
def test_is_found_without_being_named(name: str, copy: Callable[[str], Path]) -> None:
    folder = copy(name)

    assert read(folder) == read(folder, name)


@every_reader
def test_reads_a_zip_like_the_folder(name: str, copy: Callable[[str], Path]) -> None:
    folder = copy(name)
    archive = Path(shutil.make_archive(str(folder) + "-export", "zip", folder))

    assert [d.body for d in read(archive, name)[0]] == [d.body for d in read(folder, name)[0]]


@every_reader
def test_is_deterministic(name: str, copy: Callable[[str], Path]) -> None:
    folder = copy(name)

    assert read(folder, name) == read(folder, name)


@every_reader
def test_is_lazy(name: str, copy: Callable[[str], Path]) -> None:
    items = readers.read_export(copy(name), name, source="test")

    assert isinstance(items, GeneratorType)
    assert list(islice(items, 1))
    items.close()


@every_reader
def test_offers_a_whole_pair_of_functions(name: str) -> None:
    reader = readers.load(name)

    assert (reader.claims is None) == (reader.read is None)
    assert (reader.recognises is None) == (reader.read_export is None)
    assert reader.claims or reader.recognises


def mutations(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Ways in which a file arrives broken."""
    yield "empty", b""
    yield "blank", b" \n\t\r\n"
    for percent in (1, 3, 10, 25, 50, 75, 90, 99):
        yield f"cut at {percent} %", data[: len(data) * percent // 100]
    yield "last byte lost", data[:-1]
    middle = len(data) // 2
    yield "garbage", data[:middle] + bytes(range(128, 256)) + data[middle:]
    yield "NULs", data[:middle] + b"\0" * 9 + data[middle:]
    yield "NULs only", b"\0" * 500
    text = data.decode(errors="replace")  # of an office file, just more garbage
    yield "latin-1", text.encode("latin-1", "replace") + "\nné à Zürich".encode("latin-1")
    yield "UTF-16", text.encode("utf-16")
    yield "UTF-16 without mark", text.encode("utf-16-le")
    yield "BOM", b"\xef\xbb\xbf" + data
    yield "Windows lines", data.replace(b"\n", b"\r\n")
    yield "old Mac lines", data.replace(b"\n", b"\r")
    yield "one line", data.replace(b"\n", b" ")
    yield "twice", data + data
    yield "backwards", b"\n".join(reversed(data.split(b"\n")))
    yield "no colons", data.replace(b":", b"")
    yield "an image", b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.slow
@every_reader
def test_survives_broken_files(name: str, copy: Callable[[str], Path]) -> None:
    folder = copy(name)
    by_file = readers.load(name).recognises is None
    (folder / "zz-kept.md").write_text(GOOD)
    documents, refused = read(folder)
    # What lies beside a document and is read with it (a session's record) never comes out.
    named = {d.external_id for d in documents} | set(refused)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".tsv"):
        whole = path.read_bytes()
        for what, data in mutations(whole):
            path.write_bytes(data)
            documents, refused = read(folder)
            check(documents, refused)
            file = path.relative_to(folder).as_posix()
            if by_file and file in named:
                seen = {d.external_id for d in documents} | set(refused)
                seen |= {one.entry or "" for d in documents for one in d.attachments}
                assert file in seen, f"{file} vanished silently when broken: {what}"
                assert file == "zz-kept.md" or "zz-kept.md" in {d.external_id for d in documents}
        path.write_bytes(whole)


@every_reader
@settings(max_examples=20)
@given(data=st.data())
def test_survives_random_damage(name: str, data: st.DataObject, whole: Whole) -> None:
    damage_somewhere(name, data, whole)


@pytest.mark.slow
@every_reader
@settings(max_examples=500)
@given(data=st.data())
def test_survives_much_random_damage(name: str, data: st.DataObject, whole: Whole) -> None:
    damage_somewhere(name, data, whole)


class Whole:
    """Each sample, copied and packed once; whoever changes a file of the copy puts it back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._packed: dict[str, bytes] = {}

    def folder(self, name: str) -> Path:
        made = self._folder / name
        if not made.exists():
            shutil.copytree(sample(name), made)
        return made

    def packed(self, name: str) -> bytes:
        if name not in self._packed:
            made = shutil.make_archive(str(self._folder / f"{name}-export"), "zip", sample(name))
            self._packed[name] = Path(made).read_bytes()
        return self._packed[name]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return Whole(tmp_path_factory.mktemp("whole"))


def damage_somewhere(name: str, data: st.DataObject, whole: Whole) -> None:
    """Damage one file, in a folder, alone or packed, or the archive; read what then is there."""
    folder = whole.folder(name)
    chosen = data.draw(st.sampled_from(sorted(p for p in folder.rglob("*") if p.is_file())))
    where = data.draw(st.sampled_from(["in place", "in place", "alone", "packed", "archive"]))
    sound = chosen.read_bytes()
    if where == "archive":
        path = folder.parent / "damaged.zip"
        path.write_bytes(damaged(data, whole.packed(name)))
        check_either(path, name)
    elif where == "packed":
        path = folder.parent / "repacked.zip"
        inside = chosen.relative_to(folder).as_posix()
        with zipfile.ZipFile(path, "w") as made:
            for one in sorted(p for p in folder.rglob("*") if p.is_file()):
                at = one.relative_to(folder).as_posix()
                made.writestr(at, damaged(data, sound) if at == inside else one.read_bytes())
        check_either(path, name)
    elif where == "alone":
        path = folder.parent / "alone" / chosen.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(damaged(data, sound))
        check_either(path, name)
        path.unlink()
    else:
        try:
            chosen.write_bytes(damaged(data, sound))
            check(*read(folder))
            check_either(folder, name)
        finally:
            chosen.write_bytes(sound)


def damaged(data: st.DataObject, sound: bytes) -> bytes:
    start = data.draw(st.integers(0, len(sound)))
    stop = data.draw(
        st.integers(start, min(len(sound), start + 400)) | st.integers(start, len(sound))
    )
    put = data.draw(st.binary(max_size=12) | st.text("-:>*[]<&#\n \\vé{}\"'|", max_size=8))
    return sound[:start] + (put.encode() if isinstance(put, str) else put) + sound[stop:]


def check_either(path: Path, name: str) -> None:
    """Found out or insisted on; it may be no such export any more."""
    for format in (readers.AUTO, name):
        with suppress(UnreadableExport):
            check(*read(path, format))


@every_reader
def test_refuses_what_it_cannot_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    if readers.load(name).claims is None:
        with pytest.raises(UnreadableExport, match=name):
            read(tmp_path, name)
        return

    documents, refused = read(tmp_path, name)

    assert not documents
    assert list(refused) == ["picture.png"]


def test_hostile_material(shared: Path) -> None:
    documents, refused = read(shared / "hostile")

    check(documents, refused)
    assert all(name in refused for name in ("captions/empty.vtt", "xml-attacks/xmlbomb.xml"))


@pytest.mark.slow
def test_real_exports(shared: Path) -> None:
    documents, refused = read(shared / "exports")

    check(documents, refused)
    assert len(documents) > 800
