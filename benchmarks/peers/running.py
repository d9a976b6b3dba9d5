"""A system in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from benchmarks.peers import environments, protocol
from benchmarks.peers.systems import System

_ROOT = Path(__file__).parents[2]
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


class Failed(Exception):
    """A system could not do what was asked; with its own words."""


class Running:
    """Starts at once. Used as a context, it ends at the end of it."""

    def __init__(self, system: System, folder: Path, model: str, cores: int) -> None:
        """``cores``: how many processors it may use, and how many threads its libraries are
        told to."""
        self._name = system.name
        folder.mkdir(parents=True, exist_ok=True)
        allowed = sorted(os.sched_getaffinity(0))[-cores:]
        environment = os.environ | system.environment
        environment |= dict.fromkeys(_THREADS, str(cores))
        environment |= {
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "PYTHONPATH": str(_ROOT),
            protocol.CORES: ",".join(map(str, allowed)),
        }
        self._log = (folder.parent / f"{folder.name}.log").open("a+", encoding="utf-8")
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            [environments.python_of(system), "-m", f"benchmarks.peers.drivers.{system.driver}"],
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.version = self._ask(do="open", folder=str(folder), model=model)["version"]

    def _ask(self, **request: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        told: dict[str, Any] = json.loads(line) if line else {"error": self._last_words()}
        if "error" in told:
            self._process.kill()
            self.close()
            raise Failed(f"{self._name}: {told['error']}")
        return told

    def _last_words(self) -> str:
        self._log.seek(0)
        return self._log.read()[-2000:]

    def add(self, part: Path, cache: Path | None) -> dict[str, Any]:
        """``passages``, ``wall_s`` and ``cpu_s``; with vectors that are there if ``cache``."""
        return self._ask(do="add", part=str(part), cache=cache and str(cache))

    def search(self, text: str, limit: int) -> dict[str, Any]:
        """``found`` (passage ids), ``wall_s`` and ``cpu_s``."""
        return self._ask(do="search", text=text, limit=limit)

    def running_s(self) -> float:
        """Seconds since the process was started."""
        return time.perf_counter() - self._started

    def resident_mb(self) -> float:
        """What it holds in memory, in MiB."""
        return float(psutil.Process(self._process.pid).memory_info().rss / 2**20)

    def close(self) -> None:
        """End its input, which ends it, and wait for that."""
        with self._log, self._process:
            pass

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
