"""An environment for each system, made once, with exactly the versions that are pinned."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.peers.systems import System


def cache() -> Path:
    """Where environments and vectors are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "whoknows", "peers")


def python_of(system: System) -> Path:
    """The interpreter that has the system. Some minutes and about 1.5 GB the first time."""
    pins = system.pins
    if pins is None:
        return Path(sys.executable)
    folder = cache() / system.driver
    python, stamp = folder / "bin" / "python", folder / ".installed"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing {system.name} into {folder}", flush=True)
        if not python.exists():
            venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", pins], check=True)
        stamp.write_text(wanted)
    return python
