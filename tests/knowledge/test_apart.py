"""Reading apart: whatever happens to a reader costs one file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from knowledge import apart, readers
from knowledge.apart import Apart, Budget
from knowledge.errors import InvalidInput, UnreadableExport
from knowledge.exports import Limits
from knowledge.types import ReadFailure
from tests.knowledge.fragile_reader import HARM

T = TypeVar("T")
SAMPLES = Path(__file__).parents[2] / "data" / "samples" / "formats"


def still_reading() -> list[psutil.Process]:
    """The processes that read for this one; it may have others, such as a browser's."""
    children = psutil.Process().children()
    return [child for child in children if "knowledge.apart" in child.cmdline()]


def fragile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_COMMAND", (sys.executable, "-m", "tests.knowledge.fragile_reader"))
    root = str(Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))


def _some(name: str) -> object:
    """All readers, most of them where there is time."""
    quick = name in ("confluence_xml", "markdown", "notion", "slack")
    return pytest.param(name, marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize("name", [_some(name) for name in readers.names()])
def test_it_reads_what_is_read_in_this_process(name: str) -> None:
    reading = Apart(SAMPLES / name, name, source="s")
    assert list(reading) == list(readers.read_export(SAMPLES / name, name, source="s"))
    assert reading.consumed > 0
    assert still_reading() == []


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARM)
def test_a_reader_that_goes_wrong_costs_one_file(
    harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragile(monkeypatch)
    for name, text in {
        "a": "fine",
        "b": f"harm: {harm}",
        "c": "fine",
        "d": f"harm: {harm}",
    }.items():
        (tmp_path / f"{name}.md").write_text(text)
    items = list(Apart(tmp_path, "auto", source="s", budget=Budget(memory_mb=400, cpu_s=1)))
    told = [i.name if isinstance(i, ReadFailure) else i.external_id for i in items]
    assert sorted(told) == ["a.md", "b.md", "c.md", "d.md"]
    reasons = {i.name: i.reason for i in items if isinstance(i, ReadFailure)}
    assert set(reasons) == {"b.md", "d.md"}
    said = {"hang": "too long", "gorge": "memory", "leave": "code 7"}.get(harm, "crashes")
    assert all(said in reason for reason in reasons.values())
    assert still_reading() == []


def test_a_reader_that_always_goes_wrong_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fragile(monkeypatch)
    monkeypatch.setattr(apart, "MAX_DEATHS", 3)
    for number in range(6):
        (tmp_path / f"{number:02}.md").write_text("harm: leave")
    reading = iter(Apart(tmp_path, "auto", source="s"))
    with pytest.raises(UnreadableExport, match="ended with code 7"):
        list(reading)


def test_what_cannot_be_read_at_all_is_said_as_ever(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="runes"):
        list(Apart(tmp_path, "runes", source="s"))
    with pytest.raises(UnreadableExport, match="holds no files"):
        list(Apart(tmp_path, "auto", source="s"))
    (tmp_path / "big.md").write_text("# Big\n\n" + "word " * 1000)
    (failure,) = Apart(tmp_path, "auto", source="s", limits=Limits(page=100))
    assert isinstance(failure, ReadFailure)
    assert "split it" in failure.reason


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 7])
def test_a_child_that_somebody_kills_costs_nothing(at: int, tmp_path: Path) -> None:
    for number in range(12):
        # Longer than a pipe holds, so that it dies in the middle of a message.
        (tmp_path / f"{number:02}.md").write_text(f"# Page {number}\n\n" + "word " * 20_000)
    reading = iter(Apart(tmp_path, "auto", source="s"))
    first = [next(reading) for _ in range(at + 1)]
    (child,) = still_reading()
    child.kill()
    every = [*first, *reading]
    assert every == list(readers.read_export(tmp_path, source="s"))
    assert len(every) == 12


def test_a_child_ends_with_its_parent_however_busy(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("harm: hang")
    script = (
        "from knowledge import apart\n"
        "import sys\n"
        "apart._COMMAND = (sys.executable, '-m', 'tests.knowledge.fragile_reader')\n"
        f"list(apart.Apart({str(tmp_path)!r}, 'auto', source='s'))\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=root)
    try:
        watched = psutil.Process(parent.pid)
        child = until(lambda: next(iter(watched.children()), None))
        until(lambda: child.cpu_times().user > 1.5 or None)
    finally:
        parent.kill()
        parent.wait()
    # A zombie's keeper may take its time; it runs no more.
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE or None)


def until(look: Callable[[], T | None]) -> T:
    for _ in range(600):
        found = look()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_whoever_stops_reading_leaves_no_child(tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"{number:03}.md").write_text("# Long\n\n" + "word " * 5000)
    reading = iter(Apart(tmp_path, "auto", source="s"))
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert still_reading() == []
