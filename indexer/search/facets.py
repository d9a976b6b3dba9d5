"""Counts of what the asker could narrow by: distinct visible candidate documents a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

FIELDS = ("kind", "source", "team", "tag", "level", "author")
_SHOWN = 20


def count(documents: Iterable[Sequence[str]]) -> dict[str, dict[str, int]]:
    """From each visible document's ``field:value`` strings to counts, most frequent first."""
    counters: dict[str, Counter[str]] = {name: Counter() for name in FIELDS}
    for facets in documents:
        for facet in facets:
            name, _, value = facet.partition(":")
            counters[name][value] += 1
    return {
        name: dict(sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
        for name, counter in counters.items()
        if counter
    }
