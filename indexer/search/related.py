"""Documents that are about the same as one that somebody reads."""

from __future__ import annotations

import numpy as np

from indexer.build import Index
from indexer.prepare import from_bytes
from indexer.protocols import Filters, Ids, Scores, Vectors
from indexer.search import present
from indexer.search.results import Features, SearchHit
from knowledge.store import access, documents, passages
from knowledge.store.database import Database
from knowledge.types import Document, Passage, Principal

MOST = 5
NEAR = 0.45
"""Cosine to the whole of a document below which a passage of another is not about the same."""

_DEPTH = 100
# Nearer than any copy of it.
_ITSELF = 2.0
# Rounding, which differs with what else is there, decides no order.
_DIGITS = 4


class Related:
    """What stands near. Safe to share between threads."""

    def __init__(self, database: Database, index: Index, model: str, dimension: int) -> None:
        """``model`` names the vectors."""
        self._database = database
        self._index = index
        self._model = model
        self._dimension = dimension

    def to(self, document_id: int, principal: Principal, near: float = NEAR) -> list[Document]:
        """The nearest documents that the asker may read, at most ``MOST``, without copies of this
        one or of each other. Raises NotFound."""
        with self._database.read() as connection:
            document = documents.get(connection, document_id, principal)
            scope = access.allowed_audiences(connection, principal)
            rows = list(passages.of_documents(connection, [document_id], self._model))
        held = [(passage, vector) for passage, vector in rows if vector is not None]
        if not held:
            return []
        vectors = from_bytes([vector for _, vector in held], self._dimension)
        middle = middle_of(vectors)
        with self._index.reading() as view:
            allowed = view.allowed(Filters(audiences=scope))
            ids, scores = view.vectors.search(middle, _DEPTH + len(held), allowed)
            owners = view.catalog.documents_of(ids).tolist()
        best = _best(ids, scores, owners, near)
        best.pop(document_id, None)
        with self._database.read() as connection:
            # SQL has the last word on who reads what.
            texts = passages.load(connection, [key for key, _ in best.values()], principal)
            found = documents.load(connection, best, principal)
        cosines = vectors @ middle
        own = int(np.argmax(np.round(cosines, _DIGITS)))
        hits = [_hit(held[own][0], document, _ITSELF)]
        for key, (passage_id, cosine) in best.items():
            if key in found and passage_id in texts:
                hits.append(_hit(texts[passage_id], found[key], cosine))
        kept = present.fold_duplicates(hits)
        return [hit.document for hit in kept if hit.document.id != document_id][:MOST]


def middle_of(vectors: Vectors) -> Vectors:
    """The mean of unit vectors, of length 1."""
    middle = vectors.mean(axis=0)
    length = float(np.linalg.norm(middle))
    whole: Vectors = (middle / length if length else middle).astype(np.float32)
    return whole


def _best(ids: Ids, scores: Scores, owners: list[int], near: float) -> dict[int, tuple[int, float]]:
    """Each document's nearest passage, the nearest document first."""
    rounded = [round(float(score), _DIGITS) for score in scores]
    order = sorted(
        zip(owners, ids.tolist(), rounded, strict=True), key=lambda one: (-one[2], one[0], one[1])
    )
    best: dict[int, tuple[int, float]] = {}
    for owner, key, cosine in order:
        if cosine >= near:
            best.setdefault(owner, (key, cosine))
    return best


def _hit(passage: Passage, document: Document, cosine: float) -> SearchHit:
    # Copies under other titles have other vectors: they are told by their words alone.
    return SearchHit(passage, document, Features(0.0, 0.0, meaning=cosine))
