"""In which order what was found is shown, and what put it there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.catalog import CatalogEntry
from indexer.search import fusion
from indexer.search.agreement import agreement
from indexer.search.candidates import Candidates
from indexer.search.results import SearchHit
from knowledge.settings import SearchSettings
from knowledge.types import Document, Level, Passage


@dataclass(frozen=True, slots=True)
class Standing:
    """A candidate that may be shown: its place among all of them, and what its document adds to
    its score by further passages, by the title and by being written for the reader's level."""

    at: int
    further: float = 0.0
    title: float = 0.0
    level: float = 0.0


def passages(places: Sequence[int]) -> list[Standing]:
    """Inside one document every passage stands for itself. ``places`` come best first."""
    return [Standing(at) for at in places]


def documents(
    found: Candidates,
    places: Sequence[int],
    words: Sequence[str],
    entries: Mapping[int, CatalogEntry],
    settings: SearchSettings,
    reader: Level | None = None,
) -> list[Standing]:
    """Each document's best passage, best document first. ``words`` are those of the question as
    they are indexed; ``places`` come best first. What is written for the ``reader``'s level gains
    so little that it passes only what is about as good."""
    own = None if reader is None else f"level:{reader.value}"
    agreed = agreement(words, {key: entry.title for key, entry in entries.items()})
    scores: dict[int, list[float]] = {}
    first: dict[int, int] = {}
    # As lists: numbers one by one out of arrays take ten times as long.
    owners, fused = found.owners.tolist(), found.score.tolist()
    for at in places:
        first.setdefault(owners[at], at)
        scores.setdefault(owners[at], []).append(fused[at])
    held = [
        Standing(
            at,
            fusion.worth(scores[owner], settings.support) - scores[owner][0],
            settings.title * agreed.get(owner, 0.0),
            settings.level if own in entries[owner].facets else 0.0,
        )
        for owner, at in first.items()
    ]

    def score(one: Standing) -> float:
        return float(fused[one.at]) + one.further + one.title + one.level

    return sorted(held, key=lambda one: (-score(one), one.at))


def hits(
    found: Candidates,
    shown: Sequence[Standing],
    texts: Mapping[int, Passage],
    held: Mapping[int, Document],
) -> Iterator[SearchHit]:
    """What of it is loaded, which is what the asker may read."""
    for one in shown:
        passage = texts.get(int(found.ids[one.at]))
        if passage is not None and passage.document_id in held:
            features = replace(found.features(one.at, one.further, one.title), level=one.level)
            yield SearchHit(passage, held[passage.document_id], features)
