"""What benchmarks found, kept beside them for the documentation: ``results/NAME.json``.

Numbers, names of collections and of the machine; nothing of anybody's texts. Written when a
benchmark is asked to (``--record``), read by what generates docs/quality.md and
docs/performance.md.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("results")
_LIBRARIES = ("faiss-cpu", "tantivy", "onnxruntime", "torch", "sentence-transformers", "SQLAlchemy")


def keep(name: str, figures: Any, folder: Path = FOLDER) -> Path:
    """Write what a benchmark found, with when and where. ``figures``: anything JSON can hold."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    told = {"measured": datetime.now(UTC).date().isoformat(), "machine": machine()}
    path.write_text(json.dumps(told | {"figures": figures}, indent=1) + "\n", "utf-8")
    return path


def read(name: str, folder: Path = FOLDER) -> Mapping[str, Any] | None:
    """What was kept last: ``measured``, ``machine``, ``figures``; None where nothing was."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def machine() -> dict[str, str]:
    """The processor, what of it may be used, and the versions that matter for speed."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "python": platform.python_version(),
        "commit": _STARTED_FROM,
        **{library: version(library) for library in _LIBRARIES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown")


def _commit() -> str:
    told = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "*.py")
    return f"{told or 'unknown'}{'-changed' if changed else ''}"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=FOLDER.parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


# Of what is imported now: when a benchmark ends, the tree may be another.
_STARTED_FROM = _commit()
