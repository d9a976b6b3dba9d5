"""What the database holds of changed documents, as the indexes take it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.columns import CatalogEntry
from indexer.entries import entry_of
from indexer.protocols import LexicalEntry
from indexer.vocabulary import words_of
from knowledge.errors import IndexDamaged
from knowledge.types import Document, Passage


@dataclass(frozen=True, slots=True)
class Current:
    """A document as it is now; ``told`` and ``named`` are its words, see ``words_of``."""

    document: Document
    passages: tuple[Passage, ...]
    entry: CatalogEntry
    told: set[str]
    named: set[str]


@dataclass(frozen=True, slots=True)
class Replayed:
    """Changed documents by id, None for those that are gone, and vectors by passage."""

    documents: Mapping[int, Current | None]
    vectors: Mapping[int, bytes]

    @staticmethod
    def of(
        changed: Sequence[int],
        held: Mapping[int, Document],
        rows: Iterable[tuple[Passage, bytes | None]],
        teams: Mapping[int, frozenset[str]],
        analyze: Callable[[str], Sequence[str]],
    ) -> Replayed:
        """What of ``changed`` is ``held``, with its passages' ``rows`` by document and ordinal, and
        its makers' ``teams``. Raises IndexDamaged when a vector is missing."""
        by_document: dict[int, list[Passage]] = {}
        stored: dict[int, bytes] = {}
        for passage, vector in rows:
            by_document.setdefault(passage.document_id, []).append(passage)
            if vector is None:
                raise IndexDamaged(
                    "some documents were embedded with another model; run: whoknows index rebuild"
                )
            stored[passage.id] = vector
        now: dict[int, Current | None] = dict.fromkeys(changed)
        for key, document in held.items():
            own = by_document.get(key, [])
            entry = entry_of(document, own, teams, analyze)
            now[key] = Current(document, tuple(own), entry, *words_of(document, own))
        return Replayed(now, stored)

    def words(self) -> Iterator[LexicalEntry]:
        """What the lexical index holds of each passage."""
        for now in filter(None, self.documents.values()):
            for passage in now.passages:
                yield LexicalEntry(
                    passage.id,
                    now.document.id,
                    now.document.audience_id,
                    now.document.title,
                    " ".join(passage.heading_path),
                    passage.text,
                    " ".join(share.label for share in passage.speakers),
                    now.entry.facets,
                    now.entry.updated_at,
                )
