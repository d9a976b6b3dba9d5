"""What every reader must do. A new one is found by its name; it needs tests/samples/NAME/."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import GeneratorType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import readers
from knowledge.errors import UnreadableExport
from knowledge.types import Kind, ReadFailure, Role, SourceDocument

SAMPLES = Path(__file__).parents[1] / "samples"
GOOD = "# Kept\n\nThis file is fine, whatever lies beside it.\n"

every_reader = pytest.mark.parametrize("name", readers.names())


def sample(name: str) -> Path:
    """The sample of a reader; it fails, not skips, where there is none."""
    folder = SAMPLES / name
    assert folder.is_dir(), f"reader {name} needs an invented sample in tests/samples/{name}/"
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
    yield "latin-1", data.decode().encode("latin-1", "replace") + "\nné à Zürich".encode("latin-1")
    yield "UTF-16", data.decode().encode("utf-16")
    yield "UTF-16 without mark", data.decode().encode("utf-16-le")
    yield "BOM", b"\xef\xbb\xbf" + data
    yield "Windows lines", data.replace(b"\n", b"\r\n")
    yield "old Mac lines", data.replace(b"\n", b"\r")
    yield "one line", data.replace(b"\n", b" ")
    yield "twice", data + data
    yield "backwards", b"\n".join(reversed(data.split(b"\n")))
    yield "no colons", data.replace(b":", b"")
    yield "an image", b"\x89PNG\r\n\x1a\n" + data


@every_reader
def test_survives_broken_files(name: str, copy: Callable[[str], Path]) -> None:
    folder = copy(name)
    by_file = readers.load(name).recognises is None
    (folder / "zz-kept.md").write_text(GOOD)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".tsv"):
        whole = path.read_bytes()
        for what, data in mutations(whole):
            path.write_bytes(data)
            documents, refused = read(folder)
            check(documents, refused)
            file = path.relative_to(folder).as_posix()
            if by_file:
                seen = {d.external_id for d in documents} | set(refused)
                assert file in seen, f"{file} vanished silently when broken: {what}"
                assert file == "zz-kept.md" or "zz-kept.md" in {d.external_id for d in documents}
        path.write_bytes(whole)


@every_reader
@given(data=st.data())
def test_survives_random_damage(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = sorted(p for p in sample(name).rglob("*") if p.is_file())
    chosen = data.draw(st.sampled_from(files))
    whole = chosen.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))
    put = data.draw(st.binary(max_size=12) | st.text("-:>*[]<&#\n \\vé{}\"'|", max_size=8))
    folder = tmp_path_factory.mktemp("damage")
    written = put.encode() if isinstance(put, str) else put
    (folder / chosen.name).write_bytes(whole[:start] + written + whole[stop:])

    check(*read(folder))


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


def test_real_exports(shared: Path) -> None:
    documents, refused = read(shared / "exports")

    check(documents, refused)
    assert len(documents) > 800
