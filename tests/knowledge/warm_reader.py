"""Children that read apart, as tests need them: forked where all is imported, or telling how much
memory they took (``python -m tests.knowledge.warm_reader``, with where to write it in PEAK)."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

import pytest

from knowledge import apart, readers

PEAK = "TEST_READER_PEAK"
MODULE = "tests.knowledge.warm_reader"
_PASSED_ON = ("TMPDIR", "HOME", PEAK)


class Warm:
    """A child like those of ``subprocess.Popen``, which begins at once."""

    context = multiprocessing.get_context("forkserver")

    def __init__(self, _command: Sequence[str], *, stdin: int, pass_fds: Sequence[int]) -> None:
        assert stdin == subprocess.PIPE
        ours, theirs = os.pipe()
        self.stdin = os.fdopen(theirs, "wb")
        inbox, outbox = Connection(ours), Connection(os.dup(pass_fds[0]), readable=False)
        given = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._process = self.context.Process(target=read, args=(inbox, outbox, os.getcwd(), given))
        self._process.start()
        inbox.close()
        outbox.close()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("warm", timeout or 0)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()


def prepare() -> None:
    """Start what they are forked from."""
    Warm.context.set_forkserver_preload([MODULE])
    forkserver.ensure_running()
    resource_tracker.ensure_running()


def warm(patch: pytest.MonkeyPatch) -> None:
    """Have all that is read apart read by such children."""
    like = SimpleNamespace(
        Popen=Warm, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired
    )
    patch.setattr(apart, "subprocess", like)


def measured(patch: pytest.MonkeyPatch, peak: Path) -> None:
    """Have all that is read apart read by children that write down what they took."""
    root = str(Path(__file__).parents[2])
    patch.setenv("PYTHONPATH", os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))
    patch.setenv(PEAK, str(peak))
    patch.setattr(apart, "_COMMAND", (sys.executable, "-m", MODULE))


def read(inbox: Connection, outbox: Connection, folder: str, given: dict[str, str]) -> None:
    """What such a child does."""
    os.chdir(folder)
    os.environ |= given
    os.dup2(inbox.fileno(), 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.argv = [MODULE, str(outbox.fileno())]
    apart._main()


def peak(pid: str = "self") -> int:
    """The most memory that a process had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


for _name in readers.names():
    readers.load(_name)

if __name__ == "__main__":
    apart._main()
    with Path(os.environ[PEAK]).open("a") as out:
        out.write(f"{peak()}\n")
