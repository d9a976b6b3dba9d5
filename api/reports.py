"""The report of an import as a table: one row a fact, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from knowledge.jobs import ImportItem

COLUMNS = ("fact", "name", "status", "detail", "count", "document_id")
# What a spreadsheet takes for a formula, also after white space; see OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(items: Iterable[ImportItem], summary: dict[str, Any] | None) -> Iterator[str]:
    """The lines of the table, its head first: each input, then what was found in all."""
    yield _line(COLUMNS)
    for item in items:
        yield _line(("input", item.name, item.status, item.reason, "", item.document_id))
        for loss in item.losses:
            row = ("loss", item.name, loss.kind.value, loss.what, loss.count, item.document_id)
            yield _line(row)
    for row in _facts(summary or {}):
        yield _line(row)


def as_json(item: ImportItem) -> dict[str, Any]:
    """One input, with what was lost of it."""
    losses = [
        {"kind": loss.kind.value, "what": loss.what, "count": loss.count} for loss in item.losses
    ]
    return {
        "number": item.number,
        "name": item.name,
        "status": item.status,
        "reason": item.reason,
        "document_id": item.document_id,
        "losses": losses,
    }


def _facts(summary: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for kind, count in summary.get("kinds", {}).items():
        yield ("kind", kind, "", "", count, "")
    for name in summary.get("people", {}).get("names", ()):
        yield ("person", name, "", "", "", "")
    for one in summary.get("readers", ()):
        yield ("readers", one["who"], "", "", one["documents"], "")
    for one in summary.get("links", {}).get("broken_ones", ()):
        yield ("broken link", one["document"], one["href"], one["target"], one["count"], "")
    for kind, losses in summary.get("losses", {}).items():
        for one in losses:
            yield ("all losses", "", kind, one["what"], one["count"], "")
    for one in summary.get("secrets", ()):
        yield ("secret masked", one["document"], "", one["what"], one["count"], "")
    for name in summary.get("gone", ()):
        yield ("gone", name, "", "", "", "")


def _line(row: Iterable[Any]) -> str:
    made = io.StringIO()
    # Quoted throughout: some programs part cells at semicolons, too.
    csv.writer(made, quoting=csv.QUOTE_ALL).writerow(
        ["" if cell is None else _safe(str(cell)) for cell in row]
    )
    return made.getvalue()


def _safe(cell: str) -> str:
    # Text that is a negative number is none here: what counts is written as a number.
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
