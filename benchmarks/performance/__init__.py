"""The sections of docs/performance.md: each makes its lines and plots of what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FOLDER = "plots/performance"
Plots = dict[str, str]
"""Path in docs -> SVG; sections add theirs."""


def shown(plots: Plots, name: str, title: str, drawn: str) -> str:
    """Keep a plot; returns the line that shows it."""
    path = f"{FOLDER}/{name}.svg"
    plots[path] = drawn
    return f"\n![{title}]({path})"


def measured(told: Mapping[str, Any], command: str) -> str:
    """Where the figures of a section come from."""
    machine = told["machine"]
    return (
        f"`python -m {command}`, {told['measured']}, {machine['processor']}, "
        f"{machine['cores']} cores, Python {machine['python']}, commit {machine['commit']}.\n"
    )


def missing(command: str) -> str:
    """Instead of figures that there are none of."""
    return f"Not measured yet: `python -m {command}`."
