"""What a plug-in of each kind must offer. ``tests/contracts`` holds every one to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.types import PassageDraft, SourceDocument

Vectors = NDArray[np.float32]
"""Shape (n, dimension), rows of L2 norm 1 (or 0 for a text without a single token)."""
Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
Besides = Sequence[tuple[str, float]]
"""Words, side by side, that are looked for besides a query, each with its weight."""
SCORE_TOLERANCE = 2**-11
"""How far the score of a vector of norm 1 may be off: what rounding to float16 can do at most."""

TokenStarts = Callable[[str], NDArray[np.int64]]
"""Text -> ascending code-point offsets at which the model's tokens start, shape (tokens,)."""


class Chunker(Protocol):
    """Cuts one document's body into passages, in order. Pure: same input, same passages."""

    def __call__(self, document: SourceDocument, token_starts: TokenStarts) -> list[PassageDraft]:
        """Return drafts with ``ordinal`` 0, 1, …; an empty or blank body gives none."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors. Safe to call from several threads."""

    @property
    def identity(self) -> str:
        """Weights, precision, pooling and prefix in one string: the key of the vector cache."""
        ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension). The same text gives the same vector in any batch."""
        ...

    def token_starts(self, text: str) -> NDArray[np.int64]:
        """See ``TokenStarts``; special tokens are not counted."""
        ...

    def knows(self, word: str) -> bool:
        """Whether the model was taught the lower-cased word by itself: then nobody mistyped it."""
        ...


@dataclass(frozen=True, slots=True)
class Filters:
    """Narrowing asked for by the user. Empty fields do not narrow; values of one field are OR.

    ``author`` holds person ids, ``document`` document ids. ``audiences`` is the asker's scope,
    None only for the operator, who sees everything. A passage must hold each ``phrase`` and nothing
    of ``without``, which only the lexical index can tell.
    """

    audiences: frozenset[int] | None = None
    document: frozenset[int] = frozenset()
    kind: frozenset[str] = frozenset()
    tag: frozenset[str] = frozenset()
    team: frozenset[str] = frozenset()
    source: frozenset[str] = frozenset()
    author: frozenset[int] = frozenset()
    level: frozenset[str] = frozenset()
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    phrase: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LexicalEntry:
    """What the lexical index holds of a passage. ``facets`` are ``field:value`` strings."""

    passage_id: int
    document_id: int
    audience_id: int
    title: str
    headings: str
    text: str
    speakers: str
    facets: tuple[str, ...] = field(default=())
    updated_at: int = 0


class VectorIndex(Protocol):
    """Nearest neighbours by inner product. Not thread-safe: the caller excludes writers.

    Scores are exact but for ``SCORE_TOLERANCE``. A large index may miss some of the nearest, see
    ``indexer/recall.py``, but never for what it holds besides the allowed ids.
    """

    def add(self, ids: Ids, vectors: Vectors) -> None: ...

    def remove(self, ids: Ids) -> None:
        """Ids that are not held are ignored."""
        ...

    def search(self, vector: Vectors, k: int, allowed: Ids | None = None) -> tuple[Ids, Scores]:
        """Best first, at most ``k``, only ids in ``allowed`` (None: all); (dimension,) in."""
        ...

    def scores(self, vector: Vectors, ids: Ids) -> Scores:
        """Inner products of held ids, shape (len(ids),). Raises KeyError for others."""
        ...

    def ids(self) -> Ids:
        """Every held id, ascending."""
        ...

    def save(self, path: Path) -> None: ...

    def load(self, path: Path) -> None: ...


class LexicalIndex(Protocol):
    """BM25 over stemmed words. Changes are visible after ``commit``.

    Searching is safe from any thread at any time.
    """

    def add(self, entries: Iterable[LexicalEntry]) -> None: ...

    def remove_documents(self, document_ids: Iterable[int]) -> None: ...

    def write(self) -> None:
        """Do of the next ``commit`` what takes long; nothing is visible by that."""
        ...

    def commit(self) -> None: ...

    def search(
        self, query: str, k: int, filters: Filters, besides: Besides = ()
    ) -> tuple[Ids, Scores]:
        """Best first, at most ``k``. No character of ``query`` is an operator."""
        ...

    def scores(self, query: str, ids: Ids, besides: Besides = ()) -> Scores:
        """Exact scores, 0 where nothing matches, shape (len(ids),)."""
        ...

    def matching(self, filters: Filters) -> Ids:
        """Every passage that passes, ascending. A phrase is its words, stemmed, side by side."""
        ...

    def analyze(self, text: str) -> list[str]:
        """The words of a text as they are indexed, in order."""
        ...

    def ids(self) -> Ids:
        """Every held id, ascending."""
        ...

    def save(self, path: Path) -> None: ...

    def load(self, path: Path) -> None: ...

    def close(self) -> None: ...
