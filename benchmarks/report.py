"""docs/performance.md and its plots, from what the benchmarks kept.

    python -m benchmarks.report

Nothing in the page is written by hand: a test compares it with what this makes of the results.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.performance import FOLDER, Plots, encoding, peers, scale, serving

DOCS = Path(__file__).parents[1] / "docs"
PAGE = "performance.md"
NAMES = ("peers", "ingest", "scale", "path", "load")


def render(kept: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Every file by its path in docs. ``kept``: results by name, see ``benchmarks.results``."""
    plots: Plots = {}
    told = [
        INTRODUCTION,
        *peers.section(kept.get("peers"), plots),
        *encoding.section(kept.get("ingest")),
        *scale.index_section(kept.get("scale"), plots),
        *scale.path_section(kept.get("path"), plots),
        *serving.section(kept.get("load")),
    ]
    # Parts say that a blank line is before or after them; where two meet, one is enough.
    page = re.sub(r"\n{3,}", "\n\n", "\n".join(told)).rstrip() + "\n"
    return {PAGE: page} | plots


INTRODUCTION = """# How fast it is

This page is generated: `python -m benchmarks.report` writes it from `benchmarks/results/`, and each
section names the command that measured it, the machine and the day. `make bench` runs them all. How
good the answers are is told [apart from this](quality.md)."""


def kept() -> dict[str, Mapping[str, Any]]:
    """What there is of the page's results."""
    held = {name: results.read(name) for name in NAMES}
    return {name: told for name, told in held.items() if told is not None}


def main() -> int:
    """Write the page and its plots, and remove plots that it no longer shows."""
    made = render(kept())
    (DOCS / FOLDER).mkdir(parents=True, exist_ok=True)
    for path in (DOCS / FOLDER).glob("*.svg"):
        if f"{FOLDER}/{path.name}" not in made:
            path.unlink()
    for name, text in made.items():
        (DOCS / name).write_text(text, "utf-8")
    print(DOCS / PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
