"""Snapshots of the in-memory index: atomic, checksummed, bound to a database and a model.

A snapshot is a directory written under a temporary name, every file fsynced, renamed, and the
parent fsynced. Its manifest is checked before any file is given to FAISS, which would load a
corrupt file without a word and answer wrongly.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from knowledge.errors import IndexDamaged

_PREFIX = "snapshot-"
_KEPT = 2
FORMAT = 6


@dataclass(frozen=True, slots=True)
class Held:
    """What was written into a snapshot: up to which change of which database, and how many
    passages."""

    epoch: str
    sequence: int
    count: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot claims to be. ``files`` maps each relative name to its SHA-256 in hex."""

    epoch: str
    sequence: int
    model: str
    dimension: int
    count: int
    files: dict[str, str]
    format: int = FORMAT


def write(
    parent: Path,
    fill: Callable[[Path], Held],
    *,
    model: str,
    dimension: int,
) -> Held:
    """Let ``fill`` write files into a directory and make that a snapshot; older ones go.

    Only ``fill`` needs the index to hold still: reading, hashing and syncing what it wrote takes
    much longer and happens here. Returns what ``fill`` did. Raises OSError when the disk does not
    take it; nothing then changed.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for leftover in parent.glob("tmp-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix="tmp-", dir=parent))
    try:
        held = fill(temporary)
        files = {}
        for file in sorted(p for p in temporary.rglob("*") if p.is_file()):
            files[file.relative_to(temporary).as_posix()] = _digest(file)
            _sync(file)
        manifest = Manifest(held.epoch, held.sequence, model, dimension, held.count, files)
        (temporary / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1))
        _sync(temporary / "manifest.json")
        for directory in [p for p in temporary.rglob("*") if p.is_dir()] + [temporary]:
            _sync(directory)
        final = parent / f"{_PREFIX}{held.sequence:015d}-{held.epoch[:8]}"
        if final.exists():
            shutil.rmtree(final)
        temporary.rename(final)
        _sync(parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    for old in found(parent)[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return held


def found(parent: Path) -> list[Path]:
    """Every snapshot, newest first, unchecked."""
    return sorted(parent.glob(f"{_PREFIX}*"), key=lambda p: p.stat().st_mtime_ns, reverse=True)


def check(path: Path, *, epoch: str, model: str, dimension: int, newest: int) -> Manifest:
    """Prove that a snapshot is whole and belongs to this database and model.

    ``newest`` is the database's change number: a snapshot from its future is refused. Raises
    IndexDamaged saying what is wrong.
    """
    try:
        manifest = Manifest(**json.loads((path / "manifest.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise IndexDamaged(f"{path.name} has no readable manifest") from error
    if manifest.format != FORMAT:
        raise IndexDamaged(f"{path.name} is of format {manifest.format}")
    if manifest.epoch != epoch or manifest.sequence > newest:
        raise IndexDamaged(f"{path.name} belongs to another state of the database")
    if (manifest.model, manifest.dimension) != (model, dimension):
        raise IndexDamaged(f"{path.name} was made with another model")
    for name, digest in manifest.files.items():
        file = path / name
        if not file.is_file() or _digest(file) != digest:
            raise IndexDamaged(f"{name} of {path.name} is damaged")
    return manifest


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
