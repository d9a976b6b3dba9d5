"""Reading a few invented files."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import readers
from knowledge.types import ReadFailure, SourceDocument


def read(
    folder: Path, files: dict[str, str | bytes], format: str = readers.AUTO
) -> list[SourceDocument | ReadFailure]:
    """Write the files and read the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(readers.read_export(folder, format, source="test"))


def document(folder: Path, name: str, content: str) -> SourceDocument:
    """The one document of a file."""
    (item,) = read(folder, {name: content})
    if isinstance(item, ReadFailure):
        pytest.fail(f"{item.name}: {item.reason}")
    return item


def refusal(folder: Path, name: str, content: str | bytes) -> str:
    """The reason why a file is refused."""
    (item,) = read(folder, {name: content})
    assert isinstance(item, ReadFailure)
    assert item.name == name
    return item.reason
