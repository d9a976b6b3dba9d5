"""What the indexes know of each document besides its text: for filters, and passage -> document.

Held in memory and saved with a snapshot. Not thread-safe: the caller excludes writers.
"""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.columns import CatalogEntry, Columns, Maker, Mask, Ragged, Rows, Strings
from indexer.protocols import Filters, Ids
from indexer.vocabulary import Scope
from knowledge.errors import IndexDamaged

__all__ = ["Catalog", "CatalogEntry", "Maker"]

_FACETS = ("kind", "tag", "team", "source", "author", "level")
# Ids in all the answers that are kept: 32 MB.
_KEPT_IDS = 4_000_000
# Merging into the columns costs by what is held: documents that are put aside before, at least and
# as one of so many held.
_PENDING, _PENDING_SHARE = 2_000, 8
_FIRST = 1_000


class Catalog:
    """Documents by id, with what filters need."""

    def __init__(self) -> None:
        self._strings = Strings()
        self._columns = Columns.of((), self._strings)
        # What was put or removed since the columns were made; None for removed.
        self._pending: dict[int, CatalogEntry | None] = {}
        self._settling = threading.Lock()
        self._passages: _Passages | None = None
        self._allowed: dict[Filters, Ids | None] = {}
        self._kept = 0

    def __len__(self) -> int:
        return self._settled().documents.size

    def put(self, entry: CatalogEntry) -> None:
        """Add or replace a document."""
        self._change(entry.document_id, entry)

    def remove(self, document_id: int) -> None:
        """Forget a document; an unknown one is ignored."""
        self._change(document_id, None)

    def _change(self, document_id: int, entry: CatalogEntry | None) -> None:
        self._passages = None
        self._allowed.clear()
        self._kept = 0
        self._pending[document_id] = entry
        if len(self._pending) >= max(_PENDING, self._columns.documents.size // _PENDING_SHARE):
            self._settled()

    def holds(self, field: str, value: str, scope: Scope) -> bool:
        """Whether a document of these audiences has this value, in whatever case."""
        columns = self._settled()
        numbers = self._strings.labels.found(f"{field}:{value}".lower())
        places = columns.facets.places(numbers)
        # What many hold is mostly found among the first.
        return any(
            _in_scope(columns, columns.facets, part, scope).size
            for part in (places[:_FIRST], places[_FIRST:])
        )

    def people(self, key: str, scope: Scope) -> frozenset[int]:
        """Everybody whom a document of these audiences calls by this name or first name.

        ``key``: the name's words as ``knowledge.words`` gives them, with single spaces.
        """
        columns = self._settled()
        numbers = self._strings.people.found(key)
        places = _in_scope(columns, columns.names, columns.names.places(numbers), scope)
        return frozenset(columns.named.flat[places].tolist())

    def passages_of(self, document_id: int) -> tuple[int, ...]:
        """Passage ids of a document in the order of its text, empty for an unknown one."""
        if document_id in self._pending:
            entry = self._pending[document_id]
            return entry.passages if entry else ()
        return self._columns.passages_of(document_id)

    def entry(self, document_id: int) -> CatalogEntry:
        """A held document. Raises KeyError."""
        return self.entries([document_id])[document_id]

    def entries(self, document_ids: Iterable[int]) -> dict[int, CatalogEntry]:
        """Held documents by id, ascending. Raises KeyError when one is not held."""
        columns = self._settled()
        wanted = np.array(sorted(set(document_ids)), dtype=np.int64)
        made = columns.entries(columns.rows(wanted), self._strings)
        return {entry.document_id: entry for entry in made}

    def documents_of(self, passage_ids: Ids) -> NDArray[np.int64]:
        """The document of each passage, shape (len(passage_ids),). Ids must be held."""
        passages = self._ordered()
        owners = passages.owners[np.searchsorted(passages.ids, passage_ids)]
        return self._settled().documents[owners]

    def passage_ids(self) -> Ids:
        """Every held passage id, ascending."""
        return self._ordered().ids

    def allowed(self, filters: Filters) -> Ids | None:
        """Ascending passage ids that pass; None when nothing is left out. The same object for
        the same filters until something changes, so that selectors can be cached by identity."""
        # Not asked for first whether it is there: another reader may clear them all meanwhile.
        with suppress(KeyError):
            return self._allowed[filters]
        made = self._narrow(filters)
        size = 0 if made is None else made.size
        if self._kept + size > _KEPT_IDS:
            self._allowed.clear()
            self._kept = 0
        self._kept += size
        self._allowed[filters] = made
        return made

    def _narrow(self, filters: Filters) -> Ids | None:
        columns = self._settled()
        mask: Mask = np.ones(columns.documents.size, dtype=np.bool_)
        if filters.audiences is not None:
            mask &= np.isin(columns.audiences, np.fromiter(filters.audiences, np.int64))
        if filters.document:
            mask &= np.isin(columns.documents, np.fromiter(filters.document, np.int64))
        for field in _FACETS:
            wanted = {f"{field}:{value}".lower() for value in getattr(filters, field)}
            if wanted:
                numbers = [n for one in wanted for n in self._strings.labels.found(one)]
                mask &= columns.facets.holding(numbers)
        known = columns.updated != 0
        if filters.updated_after is not None:
            mask &= known & (columns.updated >= filters.updated_after.timestamp())
        if filters.updated_before is not None:
            mask &= known & (columns.updated < filters.updated_before.timestamp())
        if mask.all():
            return None
        passages = self._ordered()
        return passages.ids[mask[passages.owners]]

    def _settled(self) -> Columns:
        """The columns with everything that was put or removed."""
        if self._pending:
            with self._settling:  # several readers may find what a writer left
                changed = self._pending
                new = [entry for entry in changed.values() if entry is not None]
                if changed:
                    merged = self._columns.merged(changed, Columns.of(new, self._strings))
                    # In this order: who sees nothing pending must see the columns that hold it.
                    self._columns, self._pending = merged, {}
        return self._columns

    def _ordered(self) -> _Passages:
        if self._passages is None:
            self._passages = _Passages.of(self._settled())
        return self._passages

    def save(self, path: Path) -> None:
        """Write everything to one file."""
        held = self._settled().arrays(self._strings)
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **held)

    def load(self, path: Path) -> None:
        """Replace the content by what ``save`` wrote. Raises IndexDamaged, OSError."""
        self.__init__()  # type: ignore[misc]
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as told:
                held = {name: told[name] for name in told.files}
            self._columns, self._strings = Columns.from_arrays(held)
        except (zipfile.BadZipFile, EOFError, KeyError, ValueError) as error:
            raise IndexDamaged(f"{path.name} cannot be read") from error


def _in_scope(columns: Columns, column: Ragged, places: Rows, scope: Scope) -> Rows:
    """Those places of a column that stand for documents in scope."""
    if scope is None:
        return places
    audiences = columns.audiences[column.rows_at(places)]
    return places[np.isin(audiences, np.fromiter(scope, np.int64))]


@dataclass(frozen=True, slots=True)
class _Passages:
    """Every passage id, ascending, and the row of its document."""

    ids: Ids
    owners: NDArray[np.int32]

    @staticmethod
    def of(columns: Columns) -> _Passages:
        owners = np.repeat(
            np.arange(columns.documents.size, dtype=np.int32), columns.passages.lengths
        )
        order = np.argsort(columns.passages.flat, kind="stable")
        return _Passages(columns.passages.flat[order], owners[order])
