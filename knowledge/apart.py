"""Reading apart: in a process of its own, which may crash, hang or ask for all the memory there is.

The child reads one export and sends what its readers yield. It says which entry it opens, so when
it dies the parent refuses that entry by name and lets another child read on without it: a crash or
a bomb costs one file. The child gets no database, imports no package above ``knowledge``, and ends
with its parent, where the system can see to that, or else when it next says something.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from knowledge import readers
from knowledge.archives import MB, Limits, Refused
from knowledge.errors import InvalidInput, UnreadableExport
from knowledge.exports import Export
from knowledge.texts import number
from knowledge.types import ReadFailure, SourceDocument

MAX_DEATHS = 20
_RENEWED_EVERY = 1 * MB
_PATIENCE = 10
"""So many times the seconds of computing may pass without a word: others compute, too."""
_PR_SET_PDEATHSIG = 1
# Without the directory it is started in on its path: a ``knowledge`` there is not ours.
_COMMAND = (sys.executable, "-P", "-m", "knowledge.apart")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a child may use: ``memory_mb`` of address space, and ``cpu_s`` for one entry or one
    document, or a megabyte of a larger one."""

    memory_mb: int = 1024
    cpu_s: int = 60


class Apart:
    """An export, read in a child process. Iterate it once.

    Raises InvalidInput and UnreadableExport as ``readers.read_export`` does, while iterating.
    ``consumed`` of ``size`` bytes were read so far. ``whole`` is the reader that took the export
    as a whole, None where each file had its own.
    """

    def __init__(
        self,
        path: Path | str,
        format: str,
        *,
        source: str,
        limits: Limits | None = None,
        name: str | None = None,
        record: str | None = None,
        budget: Budget | None = None,
        waiting: Callable[[], None] = lambda: None,
    ) -> None:
        """``waiting`` is called every second that nothing comes; what it raises ends reading."""
        self.consumed = self.size = 0
        self.whole: str | None = None
        self._job = {
            "path": str(path),
            "format": format,
            "source": source,
            "limits": asdict(limits or Limits()),
            "name": name,
            "record": record,
            "budget": asdict(budget or Budget()),
        }
        self._memory_mb = (budget or Budget()).memory_mb
        self._patience_s = _PATIENCE * (budget or Budget()).cpu_s
        self._waiting = waiting

    def __iter__(self) -> Iterator[SourceDocument | ReadFailure]:
        avoided: dict[str, str] = {}
        killed: set[str | None] = set()
        told: set[int] = set()
        while True:
            child = _Child(self._job | {"avoid": avoided})
            at: str | None = None
            try:
                for kind, value in child.messages(self._waiting, self._patience_s):
                    if kind == "at":
                        at = value
                    elif kind == "item":
                        item, self.consumed, self.size, self.whole = value
                        key = _key(item)
                        if key not in told:
                            told.add(key)
                            yield item
                    elif kind == "error":
                        raise UnreadableExport(value)
                    else:
                        return
            finally:
                code = child.end()
            if code == -signal.SIGKILL and at not in killed and len(killed) < MAX_DEATHS:
                # Somebody else did that, to make room: the entry is to blame if it happens again.
                killed.add(at)
                continue
            reason = self._reason(code)
            if at is None or at in avoided or len(avoided) >= MAX_DEATHS:
                raise UnreadableExport(f"the export cannot be read: {reason}")
            avoided[at] = reason

    def _reason(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return "takes too long to read; split it, or export it in another format"
        if code in (-signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS):
            return f"crashes its reader, or needs more than {self._memory_mb} MB to be read"
        return f"its reader ended with code {code}"


class _Child:
    """The process at the other end."""

    def __init__(self, job: dict[str, Any]) -> None:
        ours, theirs = os.pipe()
        try:
            self._process = subprocess.Popen(
                (*_COMMAND, str(theirs)), stdin=subprocess.PIPE, pass_fds=[theirs]
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        self._inbox = Connection(ours, writable=False)
        assert self._process.stdin is not None
        try:
            with self._process.stdin as stdin:
                stdin.write(json.dumps(job).encode())
        except BrokenPipeError:
            pass  # it died at once; there will be no messages

    def messages(self, waiting: Callable[[], None], patience_s: float) -> Iterator[tuple[str, Any]]:
        """What it says, until it ends, or has said nothing for too long."""
        while True:
            silent_since = time.monotonic()
            while not self._inbox.poll(1.0):
                waiting()
                if time.monotonic() - silent_since > patience_s:
                    self._process.send_signal(signal.SIGXCPU)
                    self._process.send_signal(signal.SIGCONT)
                    return
            try:
                message = self._inbox.recv()
            except (EOFError, OSError):
                return  # also in the middle of a message
            yield message

    def end(self) -> int:
        """See to it that it has ended; its exit code, negative for a signal."""
        # Having said all it closes the pipe and ends; whatever has not by now is killed.
        self._inbox.close()
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return code


def _key(item: SourceDocument | ReadFailure) -> int:
    if isinstance(item, ReadFailure):
        return number(f"{item.name}\0{item.reason}")
    return number(item.external_id)


class _Watch:
    """The child's side: tells where it is, and has its time renewed as it gets on."""

    def __init__(self, outbox: Connection, cpu_s: int, avoid: dict[str, str]) -> None:
        self._outbox = outbox
        self._cpu_s = cpu_s
        self._avoid = avoid
        self._renewed_at = 0

    def renew(self) -> None:
        """Allow so many more seconds from now on."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + self._cpu_s)

    def opening(self, name: str) -> None:
        """An entry is opened. Raises Refused for one that another child died of."""
        if name in self._avoid:
            raise Refused(self._avoid[name])
        try:
            self._outbox.send(("at", name))
        except BrokenPipeError:
            os._exit(0)  # nobody wants the rest; a reader would take this for a broken file
        self.renew()

    def moving(self, consumed: int) -> None:
        """So much was read."""
        if consumed - self._renewed_at > _RENEWED_EVERY:
            self._renewed_at = consumed
            self.renew()


def _limit(what: int, most: int, *, for_good: bool = False) -> None:
    """Set a limit of this process, never above one that it is under already."""
    _, hard = resource.getrlimit(what)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    # Where the system knows no such limit, the export's own ones remain.
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (allowed, allowed if for_good else hard))


def _end_with_parent() -> None:
    """Die when the parent does, however deep in a computation."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _main() -> None:
    _end_with_parent()
    job = json.load(sys.stdin)
    outbox = Connection(int(sys.argv[1]), readable=False)
    memory = job["budget"]["memory_mb"] * 1024 * 1024
    _limit(resource.RLIMIT_AS, memory, for_good=True)
    _limit(resource.RLIMIT_CORE, 0, for_good=True)
    watch = _Watch(outbox, job["budget"]["cpu_s"], job["avoid"])
    watch.renew()
    seen: list[Export] = []

    def opened(export: Export) -> None:
        seen.append(export)
        export.opening, export.moving = watch.opening, watch.moving

    try:
        reading = readers.Reading(
            job["path"],
            job["format"],
            source=job["source"],
            limits=Limits(**job["limits"]),
            name=job["name"],
            record=job["record"],
            opened=opened,
        )
        for item in reading:
            watch.renew()
            outbox.send(("item", (item, seen[0].consumed, seen[0].size, reading.whole)))
    except InvalidInput as error:
        outbox.send(("error", str(error)))
    except BrokenPipeError:
        return
    else:
        outbox.send(("end", None))


if __name__ == "__main__":
    _main()
