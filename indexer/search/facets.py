"""Counts of what the asker could narrow by: distinct visible candidate documents a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

FIELDS = ("kind", "source", "team", "tag", "level", "author")
_SHOWN = 20


def count(documents: Iterable[Sequence[str]]) -> dict[str, dict[str, int]]:
    """From each visible document's ``field:value`` strings to counts, most frequent first."""
    counters: dict[str, dict[str, int]] = {name: {} for name in FIELDS}
    # Counted whole, and parted once each: most facets are those of many documents.
    for facet, documents_with in Counter(chain.from_iterable(documents)).items():
        name, _, value = facet.partition(":")
        counters[name][value] = documents_with
    return {
        name: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
        for name, counts in counters.items()
        if counts
    }
