"""A full disk: writes are refused with 507, searches go on, room makes it whole again.

On a real small file system, so it needs the right to mount one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services import Services
from indexer.search.results import Request
from knowledge import backup
from knowledge.errors import OutOfSpace
from knowledge.types import OPERATOR
from tests.builders import document, opened

MIB = 2**20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 80 MiB."""
    where = tmp_path / "disk"
    where.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", where], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {done.stderr.decode().strip()}")
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", where], check=True)


def fill_until_refused(services: Services) -> list[int]:
    """Documents of 40 kB until there is no more room; the ids that were acknowledged."""
    stored = []
    for number in range(1000):
        words = " ".join(f"kiln{number}x{at}" for at in range(4000))
        try:
            outcome = services.capture.save(document(f"big {number}", f"Kiln {number}. {words}"))
        except OutOfSpace:
            return stored
        assert outcome.document_id is not None
        stored.append(outcome.document_id)
    raise AssertionError("the disk never filled up")


@pytest.mark.slow
@pytest.mark.sqlite("a server has a disk of its own")
@pytest.mark.parametrize("reserve_mb", [48.0, 0.0])
def test_writes_are_refused_and_searches_go_on(small_disk: Path, reserve_mb: float) -> None:
    with opened(small_disk / "data", reserve_mb=reserve_mb) as services:
        services.capture.save(document("first", "The glaze recipe is under the wheel."))
        assert services.pipeline.search(Request("glaze recipe"), OPERATOR).answers
        ballast = small_disk / "ballast"
        ballast.write_bytes(b"\0" * (26 * MIB if reserve_mb else 70 * MIB))
        stored = fill_until_refused(services)
        assert stored
        if reserve_mb:
            # What was acknowledged is found although nothing more is taken in.
            hits = services.pipeline.search(Request("kiln"), OPERATOR).answers
            assert {hit.document.id for hit in hits} <= {*stored, 1}
            assert services.pipeline.search(Request("glaze recipe"), OPERATOR).answers
            with pytest.raises(OutOfSpace, match="nearly full"):
                services.capture.save(document("more", "One more kiln."))
            services.capture.delete(stored.pop())
        ballast.unlink()
        for gone in stored[: len(stored) // 2]:
            services.capture.delete(gone)
    # Freed pages go back to the next writer, and the log is folded in by the last to leave.
    with opened(small_disk / "data", reserve_mb=0.0) as services:
        services.capture.save(document("after", "The new kiln has a viewing window."))
        (hit, *_) = services.pipeline.search(Request("viewing window"), OPERATOR).answers
        assert hit.document.external_id == "after"
        assert services.index.verify() == []


@pytest.mark.sqlite("a server has a disk of its own")
def test_a_restore_without_room_says_so_and_changes_nothing(
    small_disk: Path, tmp_path: Path
) -> None:
    words = "The glaze cools slowly in the second kiln. " * 500
    with opened(tmp_path / "big") as services:
        made = [document(f"{n}", f"{words} {n}") for n in range(50)]
        assert len(list(services.capture.ingest(made))) == 50
        backup.write(services.database, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        held = sum(info.file_size for info in archive.infolist())
    with opened(small_disk / "data", reserve_mb=0.0) as services:
        services.capture.save(document("first", "The glaze recipe is under the wheel."))
        free = shutil.disk_usage(small_disk).free
        assert (tmp_path / "b.zip").stat().st_size * 4 < free - held // 2  # it looks small
        (small_disk / "ballast").write_bytes(b"\0" * (free - held // 2))
        # Before anything is written, and also when something else takes the room meanwhile.
        with pytest.raises(OutOfSpace, match="nearly full"):
            backup.restore(services.database, tmp_path / "b.zip", replace=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(services.database, "need_space", lambda size=0: None)
            with pytest.raises(OutOfSpace, match="is full"):
                backup.restore(services.database, tmp_path / "b.zip", replace=True)
        assert not list((small_disk / "data").glob("restore-*"))
        (hit, *_) = services.pipeline.search(Request("glaze recipe"), OPERATOR).answers
        assert hit.document.external_id == "first"


def test_indexes_without_room_say_so_and_recover(small_disk: Path) -> None:
    """Another program fills the disk, reserve and all, between a write and the next search."""
    with opened(small_disk / "data", reserve_mb=0.0) as services:
        services.capture.save(document("first", "The glaze recipe is under the wheel."))
        assert services.pipeline.search(Request("glaze"), OPERATOR).answers
        for number in range(40):
            services.capture.save(document(f"{number}", " ".join(f"k{at}" for at in range(3000))))
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 2**16)
        for _ in range(2):
            with pytest.raises(OutOfSpace, match="disk is full"):
                services.pipeline.search(Request("glaze"), OPERATOR)
        ballast.unlink()
        (hit, *_) = services.pipeline.search(Request("glaze"), OPERATOR).answers
        assert hit.document.external_id == "first"
        assert services.index.verify() == []
