"""Archives that attack: each is refused for a reason, or survived with the good page in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from knowledge import readers
from knowledge.apart import Apart
from knowledge.errors import InvalidInput, UnreadableExport
from knowledge.types import ReadFailure, SourceDocument
from tests.knowledge.hostile import CASES, Case
from tests.knowledge.hostile.case import KEPT
from tests.knowledge.warm_reader import prepare, warm

Items = list[SourceDocument | ReadFailure]
TRACES = re.compile(r"root:x:0|lollol|a{1000}|outside canary")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where archives lie, deep in a folder of which nothing may change; other places, too."""
    sentinel = tmp_path / "sentinel"
    inside = sentinel / "a" / "b" / "c"
    for folder in (inside, sentinel / "tmp", sentinel / "home", sentinel / "outside"):
        folder.mkdir(parents=True)
        (folder / "there.txt").write_text("outside canary")
    monkeypatch.chdir(inside)
    monkeypatch.setenv("TMPDIR", str(sentinel / "tmp"))
    monkeypatch.setenv("HOME", str(sentinel / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(sentinel / "tmp"))
    before = snapshot(sentinel)
    yield inside
    assert snapshot(sentinel) == before


@pytest.fixture(scope="session")
def warmed() -> None:
    """Its folder for scratch files shall be elsewhere."""
    prepare()


def snapshot(folder: Path) -> dict[str, object]:
    """All that is in it but what the test puts there itself."""
    return {
        str(path): (path.lstat().st_mode, path.is_file() and path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.parent.name != "c" or path.name == "there.txt"
    }


def put(case: Case, place: Path) -> Path:
    path = place / case.name
    path.write_bytes(case.build(str(place.parents[2] / "outside")))
    return path


def check(case: Case, items: Items, error: Exception | None) -> None:
    """That it came out as it must."""
    for item in items:
        text = item.body + item.title if isinstance(item, SourceDocument) else item.reason
        assert not TRACES.search(text), item
    refused = {item.name: item.reason for item in items if isinstance(item, ReadFailure)}
    for name, reason in refused.items():
        assert len(name) <= 1000, name[:50]
        assert reason.strip(), name
        assert "understood" not in reason, (name, reason)
        assert "crashes its reader" not in reason, (name, reason)
    if error is not None:
        assert case.whole or case.either, error
        assert re.search(case.whole or "[a-z]", str(error)), error
        assert not items
        return
    assert case.whole is None, (items[:5], "not refused")
    documents = [item.external_id for item in items if isinstance(item, SourceDocument)]
    assert documents or refused
    if case.documents is None:
        assert case.either or KEPT in documents
    elif not case.either:
        assert sorted(documents) == sorted(case.documents), refused
    else:
        assert set(documents) <= case.documents
    assert case.refused in (None, len(refused)), refused
    assert all(re.search(case.reason, reason) for reason in refused.values()), refused


def read(case: Case, path: Path, reading: Callable[[Path], Iterable[object]]) -> None:
    """Read it to its end, and look at what came out."""
    items: Items = []
    error = None
    try:
        items += reading(path)  # type: ignore[arg-type]
    except (UnreadableExport, InvalidInput) as raised:
        error = raised
    check(case, items, error)


EVERY = [
    pytest.param(name, marks=[pytest.mark.slow] if case.heavy else [])
    for name, case in CASES.items()
]


@pytest.mark.parametrize("name", EVERY)
def test_an_archive_that_attacks(name: str, place: Path) -> None:
    case = CASES[name]
    read(case, put(case, place), lambda path: readers.read_export(path, source="hostile"))


def test_there_are_enough() -> None:
    assert len(CASES) >= 150


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_it_is_read_apart(
    name: str, warmed: None, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(monkeypatch)
    case = CASES[name]
    read(case, put(case, place), lambda path: Apart(path, "auto", source="hostile"))
