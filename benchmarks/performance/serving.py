"""Served over HTTP: questions beside writes, and what happens when it is too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.performance import measured, missing
from benchmarks.plots import short
from benchmarks.tables import table

COMMAND = "benchmarks.load DIR... --data DIR --record"


def section(told: Mapping[str, Any] | None) -> Iterator[str]:
    """Steady load, memory over time, overload."""
    yield "\n## Reads beside writes\n"
    if told is None:
        yield missing(COMMAND)
        return
    figures = told["figures"]
    yield measured(told, COMMAND)
    yield (
        "`whoknows serve` with one worker, asked over HTTP by clients that send the next question "
        "when they have an answer, on the same machine.\n"
    )
    rows = [(name, short(figures[key])) for key, name in _STEADY if key in figures]
    yield table(("steady", ""), rows)
    if figures.get("rss_mb"):
        fifths = ", ".join(short(value) for value in figures["rss_mb"])
        yield f"\nResident memory by fifths of the time, MiB: {fifths}."
    if figures.get("overload"):
        rows = [
            (name, short(figures["overload"][key]))
            for key, name in _OVERLOAD
            if figures["overload"].get(key) is not None
        ]
        yield ""
        yield table(("far more clients than can be served", ""), rows)


_STEADY = (
    ("passages", "passages"),
    ("clients", "clients"),
    ("writes_per_second", "writes a second"),
    ("seconds", "seconds"),
    ("p50", "search p50, ms"),
    ("p95", "search p95, ms"),
    ("p99", "search p99, ms"),
    ("per_second", "answers a second"),
    ("write_p50", "write p50, ms"),
    ("errors", "errors"),
)
_OVERLOAD = (
    ("served", "served"),
    ("refused", "refused with 429 or 503"),
    ("refused_p50", "a refusal takes, p50, ms"),
    ("refused_p95", "p95, ms"),
)
