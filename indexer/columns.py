"""Documents' attributes as columns of numbers: a tenth of what objects take in memory.

Nothing here changes in place: ``merged`` makes new columns out of old ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.names import Names
from knowledge.words import words

Maker = tuple[int, str, int, float]
"""(person id, role, epoch seconds of the contribution or 0 for unknown, share of the document)

Shares are in (0, 1] and those of one document sum to 1; endorsers made none of it and have 1."""

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
_STARTS, _STRINGS = "_starts", "strings_"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """A document's attributes. ``source`` says also whose source it is; ``facets`` are
    ``field:value``; ``updated_at`` epoch seconds, 0 for unknown; ``passages`` their ids in the
    order of the text; ``makers`` its contributions; ``names`` whom it calls what, endorsers not
    among them; ``title`` the words of its title as they are indexed, each once, empty where the
    title says no more than the text or the document's id."""

    document_id: int
    audience_id: int
    source: str
    facets: tuple[str, ...]
    updated_at: int
    passages: tuple[int, ...]
    makers: tuple[Maker, ...] = ()
    names: tuple[tuple[int, str], ...] = ()
    title: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Strings:
    """What the numbers in columns stand for: attributes, what people are called, words."""

    labels: Names = field(default_factory=Names)
    people: Names = field(default_factory=lambda: Names(keys=called))
    words: Names = field(default_factory=Names)


# In which columns the numbers of each kind of strings stand.
_USED = {"labels": ("sources", "facets", "roles"), "people": ("names",), "words": ("title",)}


def called(name: str) -> set[str]:
    """What somebody may be called by: the whole name, or its first word."""
    told = words(name)
    return {" ".join(told), told[0]} if told else set()


@dataclass(frozen=True, slots=True)
class Ragged:
    """Several values a document: those of row r are ``flat[starts[r] : starts[r + 1]]``."""

    flat: NDArray[Any]
    starts: NDArray[np.int64]

    @staticmethod
    def of(values: Sequence[Sequence[float]], dtype: type[np.number[Any]]) -> Ragged:
        """One row for each sequence."""
        flat = np.array([value for row in values for value in row], dtype=dtype)
        return Ragged(flat, _starts(np.array([len(row) for row in values], dtype=np.int64)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many values each row has."""
        return np.diff(self.starts)

    def cut(self, flat: Iterable[T]) -> list[tuple[T, ...]]:
        """What stands for ``flat``, by rows."""
        told = list(flat)
        return [tuple(told[start:end]) for start, end in pairwise(self.starts.tolist())]

    def take(self, rows: Rows) -> Ragged:
        """These rows, in this order."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        starts = _starts(lengths)
        places = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Ragged(self.flat[places], starts)

    def followed_by(self, other: Ragged) -> Ragged:
        """The rows of both."""
        return Ragged(
            np.concatenate([self.flat, other.flat]),
            np.concatenate([self.starts, other.starts[1:] + self.starts[-1]]),
        )

    def places(self, wanted: Sequence[int]) -> Rows:
        """Where in ``flat`` one of these values stands, ascending."""
        if not wanted:
            return np.empty(0, dtype=np.int64)
        if len(wanted) == 1:  # three times as fast
            return np.flatnonzero(self.flat == wanted[0])
        some = np.array(wanted, dtype=self.flat.dtype)
        return np.flatnonzero(np.isin(self.flat, some, kind="table"))

    def rows_at(self, places: Rows) -> Rows:
        """The row of each place in ``flat``."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def holding(self, wanted: Sequence[int]) -> Mask:
        """Which rows hold one of these values, shape (rows,)."""
        found = np.zeros(self.starts.size - 1, dtype=np.bool_)
        found[self.rows_at(self.places(wanted))] = True
        return found


@dataclass(frozen=True, slots=True)
class Columns:
    """Documents in ascending order of id. Strings stand as their numbers; ``names`` are those of
    the persons ``named``."""

    documents: NDArray[np.int64]
    audiences: NDArray[np.int64]
    updated: NDArray[np.int64]
    sources: NDArray[np.int32]
    facets: Ragged
    passages: Ragged
    persons: Ragged
    roles: Ragged
    made_at: Ragged
    shares: Ragged
    named: Ragged
    names: Ragged
    title: Ragged

    @staticmethod
    def of(entries: Iterable[CatalogEntry], strings: Strings) -> Columns:
        """The entries as columns; their strings get numbers."""
        label, name = strings.labels.number, strings.people.number
        word = strings.words.number
        made = sorted(entries, key=lambda entry: entry.document_id)
        return Columns(
            np.array([e.document_id for e in made], dtype=np.int64),
            np.array([e.audience_id for e in made], dtype=np.int64),
            np.array([e.updated_at for e in made], dtype=np.int64),
            np.array([label(e.source) for e in made], dtype=np.int32),
            Ragged.of([[label(facet) for facet in e.facets] for e in made], np.int32),
            Ragged.of([e.passages for e in made], np.int64),
            Ragged.of([[person for person, *_ in e.makers] for e in made], np.int64),
            Ragged.of([[label(role) for _, role, *_ in e.makers] for e in made], np.int32),
            Ragged.of([[at for _, _, at, _ in e.makers] for e in made], np.int64),
            Ragged.of([[share for *_, share in e.makers] for e in made], np.float64),
            Ragged.of([[person for person, _ in e.names] for e in made], np.int64),
            Ragged.of([[name(told) for _, told in e.names] for e in made], np.int32),
            Ragged.of([[word(told) for told in e.title] for e in made], np.int32),
        )

    def passages_of(self, document_id: int) -> tuple[int, ...]:
        """Passage ids of a document in the order of its text, empty for an unknown one."""
        row = int(np.searchsorted(self.documents, document_id))
        if row == self.documents.size or self.documents[row] != document_id:
            return ()
        starts = self.passages.starts
        return tuple(self.passages.flat[starts[row] : starts[row + 1]].tolist())

    def merged(self, gone: Iterable[int], new: Columns) -> Columns:
        """Without the documents ``gone``, with those of ``new``."""
        stays = ~np.isin(self.documents, np.fromiter(gone, np.int64))
        kept = self if stays.all() else self._taken(np.flatnonzero(stays))
        both = kept._followed_by(new)
        if (both.documents[1:] > both.documents[:-1]).all():
            return both
        return both._taken(np.argsort(both.documents, kind="stable"))

    def rows(self, document_ids: Rows) -> Rows:
        """The row of each document. Raises KeyError when one is not held."""
        rows = np.searchsorted(self.documents, document_ids)
        found = rows < self.documents.size
        found[found] = self.documents[rows[found]] == document_ids[found]
        if not found.all():
            raise KeyError(int(document_ids[~found][0]))
        return rows

    def entries(self, rows: Rows, strings: Strings) -> list[CatalogEntry]:
        """These rows as they were put in."""
        # All at once and by lists: numbers one by one out of arrays take ten times as long.
        some = self._taken(rows)
        label, name = strings.labels.all.__getitem__, strings.people.all.__getitem__
        word = strings.words.all.__getitem__
        makers = zip(
            some.persons.flat.tolist(),
            map(label, some.roles.flat.tolist()),
            some.made_at.flat.tolist(),
            some.shares.flat.tolist(),
            strict=True,
        )
        named = zip(some.named.flat.tolist(), map(name, some.names.flat.tolist()), strict=True)
        columns = (
            some.documents.tolist(),
            some.audiences.tolist(),
            map(label, some.sources.tolist()),
            some.facets.cut(map(label, some.facets.flat.tolist())),
            some.updated.tolist(),
            some.passages.cut(some.passages.flat.tolist()),
            some.persons.cut(makers),
            some.named.cut(named),
            some.title.cut(map(word, some.title.flat.tolist())),
        )
        return [CatalogEntry(*told) for told in zip(*columns, strict=True)]

    def _taken(self, rows: Rows) -> Columns:
        return _made({name: value.take(rows) for name, value in self._all()})

    def _followed_by(self, other: Columns) -> Columns:
        return _made(
            {
                name: value.followed_by(theirs)
                if isinstance(value, Ragged)
                else np.concatenate([value, theirs])
                for (name, value), (_, theirs) in zip(self._all(), other._all(), strict=True)
            }
        )

    def _all(self) -> Iterator[tuple[str, Any]]:
        return ((each.name, getattr(self, each.name)) for each in fields(self))

    def arrays(self, strings: Strings) -> dict[str, NDArray[Any]]:
        """Everything under a name each, for a file; of the strings only those in use."""
        held: dict[str, NDArray[Any]] = {}
        for name, value in self._all():
            if isinstance(value, Ragged):
                held |= {name: value.flat, name + _STARTS: value.starts}
            else:
                held[name] = value
        for kind, names in _USED.items():
            told = getattr(strings, kind).all
            used = np.zeros(len(told), dtype=np.bool_)
            for name in names:
                used[held[name]] = True
            numbers = np.cumsum(used, dtype=np.int32) - 1
            held |= {name: numbers[held[name]] for name in names}
            # As JSON, since a label may hold any character.
            text = json.dumps([told[number] for number in np.flatnonzero(used).tolist()])
            held[_STRINGS + kind] = np.frombuffer(text.encode(), dtype=np.uint8)
        return held

    @staticmethod
    def from_arrays(held: Mapping[str, NDArray[Any]]) -> tuple[Columns, Strings]:
        """What ``arrays`` gave. Raises KeyError when something is missing, ValueError."""
        strings = Strings()
        for kind in _USED:
            for name in json.loads(held[_STRINGS + kind].tobytes()):
                getattr(strings, kind).number(name)
        columns = {
            each.name: Ragged(held[each.name], held[each.name + _STARTS])
            if each.name + _STARTS in held
            else held[each.name]
            for each in fields(Columns)
        }
        return _made(columns), strings


def _made(parts: dict[str, Any]) -> Columns:
    return Columns(**parts)


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
