"""Proof that the indexes hold exactly what the database holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indexer.prepare import from_bytes
from indexer.vocabulary import words_of
from knowledge.store import documents, passages
from knowledge.store.database import Database, position
from knowledge.types import OPERATOR, Document, Passage

if TYPE_CHECKING:
    from indexer.build import View


def differences(database: Database, view: View, model: str, dimension: int) -> list[str]:
    """One sentence for each kind of difference; empty is good."""
    texts: dict[int, list[Passage]] = {}
    stored: dict[int, bytes | None] = {}
    with database.read() as connection:
        if position(connection)[1] != view.sequence:
            return ["the database changed during the check; run it again"]
        held = documents.load_all(connection, OPERATOR)
        for passage, vector in passages.of_documents(connection, list(held), model):
            texts.setdefault(passage.document_id, []).append(passage)
            stored[passage.id] = vector
        live = set(passages.live_ids(connection))
        bare = passages.without_vectors(connection, model)
    problems = _ids(view, live)
    problems += _vectors(view, stored, dimension)
    problems += _vocabulary(view, held, texts)
    if bare:
        problems.append(f"database: {len(bare)} documents have passages without a vector")
    return problems


def _ids(view: View, live: set[int]) -> list[str]:
    problems = []
    for name, ids in (
        ("vector index", view.vectors.ids()),
        ("lexical index", view.lexical.ids()),
        ("catalog", view.catalog.passage_ids()),
    ):
        held = set(ids.tolist())
        if len(held) != len(ids):
            problems.append(f"{name}: {len(ids) - len(held)} ids stand twice")
        if live - held:
            problems.append(f"{name}: {len(live - held)} passages are missing")
        if held - live:
            problems.append(f"{name}: {len(held - live)} passages should be gone")
    return problems


def _vectors(view: View, expected: dict[int, bytes | None], dimension: int) -> list[str]:
    wrong = 0
    for key in sorted(set(view.vectors.ids().tolist()) & expected.keys()):
        stored = expected[key]
        if stored is None:
            wrong += 1
            continue
        vector = from_bytes([stored], dimension)[0]
        held = view.vectors.scores(vector, np.array([key], dtype=np.int64))[0]
        wrong += bool(abs(float(held) - float(vector @ vector)) > 1e-4)
    return [f"vector index: {wrong} vectors differ from the database"] if wrong else []


def _vocabulary(
    view: View, documents: dict[int, Document], texts: dict[int, list[Passage]]
) -> list[str]:
    held = view.vocabulary.held()
    wrong = len(held.keys() - documents.keys())
    for key, document in documents.items():
        words, named = words_of(document, texts.get(key, []))
        same = view.vocabulary.words(key) == sorted([*words, *named])
        wrong += not same or held.get(key) != document.audience_id
    return [f"vocabulary: {wrong} documents differ from the database"] if wrong else []
