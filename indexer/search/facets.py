"""Counts of what the asker could narrow by: distinct visible candidate documents a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from indexer.catalog import CatalogEntry
from knowledge.identity import Consent

FIELDS = ("kind", "source", "team", "tag", "level", "author")
_SHOWN = 20


def agreed(entries: Mapping[int, CatalogEntry], consent: Consent) -> Iterator[Sequence[str]]:
    """Each document's facets, without the authors for whom it does not speak: to narrow by a
    person is to find them by it."""
    for entry in entries.values():
        agreed_to = {
            person_id
            for person_id, role, *_ in entry.makers
            if consent.allows(person_id, role, entry.source, entry.document_id)
        }
        without = {f"author:{maker[0]}" for maker in entry.makers if maker[0] not in agreed_to}
        yield [one for one in entry.facets if one not in without] if without else entry.facets


def count(
    documents: Iterable[Sequence[str]], without: Sequence[str] = ()
) -> dict[str, dict[str, int]]:
    """From each visible document's ``field:value`` strings to counts, most frequent first;
    ``without`` some fields."""
    counters: dict[str, dict[str, int]] = {name: {} for name in FIELDS}
    # Counted whole, and parted once each: most facets are those of many documents.
    for facet, documents_with in Counter(chain.from_iterable(documents)).items():
        name, _, value = facet.partition(":")
        counters[name][value] = documents_with
    return {
        name: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN])
        for name, counts in counters.items()
        if counts and name not in without
    }
