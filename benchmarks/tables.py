"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[object], rows: Iterable[Sequence[object]], texts: int = 1) -> str:
    """The first ``texts`` columns as text, all others to the right."""
    lines = [_line(head), _line(["---"] * texts + ["---:"] * (len(head) - texts))]
    return "\n".join([*lines, *(_line(row) for row in rows)])


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
