"""Queries about passages and their vectors, which cross this border as bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from knowledge.store.access import readable_by
from knowledge.store.among import among
from knowledge.store.tables import documents, passages, vectors
from knowledge.types import Passage, PassageDraft, Principal, Share

_T = TypeVar("_T")
_BATCH = 500
_SPEAKERS = select(passages.c.id, passages.c.speakers).where(among(passages.c.id))


def replace(connection: Connection, document_id: int, drafts: Sequence[PassageDraft]) -> None:
    """Make the document's passages these; a passage whose text is the same keeps its id."""
    old: dict[tuple[str, str], list[int]] = {}
    for row in connection.execute(
        select(passages.c.id, passages.c.text_hash, passages.c.text)
        .where(passages.c.document_id == document_id)
        .order_by(passages.c.ordinal.desc())
    ):
        old.setdefault((row.text_hash, row.text), []).append(row.id)
    hashes = {text_hash for text_hash, _ in old}
    kept, added = [], []
    for draft in drafts:
        values = _values(draft)
        same = old.get((draft.text_hash, draft.text))
        if same:
            kept.append(values | {"key": same.pop()})
        else:
            added.append(values | {"document_id": document_id})
    gone = [key for keys in old.values() for key in keys]
    for batch in _batches(gone):
        connection.execute(delete(passages).where(passages.c.id.in_(batch)))
    if kept:
        connection.execute(update(passages).where(passages.c.id == bindparam("key")), kept)
    if added:
        connection.execute(insert(passages), added)
    _forget_vectors(connection, hashes - {draft.text_hash for draft in drafts})


def _values(draft: PassageDraft) -> dict[str, object]:
    return {
        "ordinal": draft.ordinal,
        "heading_path": list(draft.heading_path),
        "start": draft.start,
        "end": draft.end,
        "text": draft.text,
        "text_hash": draft.text_hash,
        "speakers": [[s.label, s.share, s.person_id] for s in draft.speakers],
        "start_s": draft.start_s,
        "end_s": draft.end_s,
    }


def _forget_vectors(connection: Connection, hashes: set[str]) -> None:
    """Deleted means gone: a vector that no passage needs any more still tells of its text."""
    for batch in _batches(sorted(hashes)):
        used = set(
            connection.execute(
                select(passages.c.text_hash).where(passages.c.text_hash.in_(batch))
            ).scalars()
        )
        connection.execute(delete(vectors).where(vectors.c.text_hash.in_(set(batch) - used)))


def known_vectors(connection: Connection, model: str, hashes: Collection[str]) -> set[str]:
    """Those of ``hashes`` whose vector is stored for this model."""
    known: set[str] = set()
    for batch in _batches(sorted(set(hashes))):
        known.update(
            connection.execute(
                select(vectors.c.text_hash).where(
                    vectors.c.model == model, vectors.c.text_hash.in_(batch)
                )
            ).scalars()
        )
    return known


def add_vectors(connection: Connection, model: str, made: Mapping[str, bytes]) -> None:
    """Store vectors; those already stored stay as they are."""
    new = set(made) - known_vectors(connection, model, made)
    rows = [{"text_hash": key, "model": model, "vector": made[key]} for key in sorted(new)]
    if rows:
        connection.execute(insert(vectors), rows)


def models(connection: Connection) -> list[str]:
    """The identities of the models whose vectors are stored, the one with the most first."""
    statement = (
        select(vectors.c.model)
        .group_by(vectors.c.model)
        .order_by(func.count().desc(), vectors.c.model)
    )
    return list(connection.execute(statement).scalars())


def without_vectors(connection: Connection, model: str) -> list[int]:
    """Documents with a passage that has no vector for this model, ascending."""
    statement = (
        select(passages.c.document_id)
        .outerjoin(
            vectors, (vectors.c.text_hash == passages.c.text_hash) & (vectors.c.model == model)
        )
        .where(vectors.c.text_hash.is_(None))
        .distinct()
        .order_by(passages.c.document_id)
    )
    return list(connection.execute(statement).scalars())


def drafts_of(connection: Connection, document_id: int) -> list[PassageDraft]:
    """A document's passages as they were cut; what the model saw of them is not kept."""
    query = select(passages).where(passages.c.document_id == document_id)
    return [
        PassageDraft(
            ordinal=row.ordinal,
            heading_path=tuple(row.heading_path),
            start=row.start,
            end=row.end,
            text=row.text,
            embed_text="",
            text_hash=row.text_hash,
            speakers=tuple(Share(*share) for share in row.speakers),
            start_s=row.start_s,
            end_s=row.end_s,
        )
        for row in connection.execute(query.order_by(passages.c.ordinal))
    ]


def live_ids(connection: Connection) -> list[int]:
    """Every passage id, ascending."""
    return list(connection.execute(select(passages.c.id).order_by(passages.c.id)).scalars())


def of_documents(
    connection: Connection, document_ids: Sequence[int], model: str
) -> Iterator[tuple[Passage, bytes | None]]:
    """The documents' passages with their vectors, by document and ordinal."""
    for batch in _batches(sorted(document_ids)):
        rows = connection.execute(
            select(passages, vectors.c.vector)
            .outerjoin(
                vectors,
                (vectors.c.text_hash == passages.c.text_hash) & (vectors.c.model == model),
            )
            .where(passages.c.document_id.in_(batch))
            .order_by(passages.c.document_id, passages.c.ordinal)
        )
        for row in rows:
            yield _passage(row), row.vector


def stored_vectors(
    connection: Connection, model: str, ids: Sequence[int]
) -> Iterator[list[tuple[int, bytes]]]:
    """The passages' ids and vectors, ascending, some hundreds at a time; those without are left
    out."""
    for batch in _batches(sorted(ids)):
        rows = connection.execute(
            select(passages.c.id, vectors.c.vector)
            .join(
                vectors,
                (vectors.c.text_hash == passages.c.text_hash) & (vectors.c.model == model),
            )
            .where(passages.c.id.in_(batch))
            .order_by(passages.c.id)
        )
        yield [(row.id, row.vector) for row in rows]


def load(connection: Connection, ids: Collection[int], principal: Principal) -> dict[int, Passage]:
    """The passages among ``ids`` whose document the principal may read."""
    rows = connection.execute(_readable(principal), {"ids": sorted(set(ids))})
    return {row.id: _passage(row) for row in rows}


@lru_cache(maxsize=1024)
def _readable(principal: Principal) -> Select[tuple[object, ...]]:
    # Kept because building a statement costs more than running it.
    return (
        select(passages)
        .join(documents, documents.c.id == passages.c.document_id)
        .where(among(passages.c.id), readable_by(principal))
    )


def speakers(connection: Connection, ids: Collection[int]) -> dict[int, tuple[Share, ...]]:
    """Who speaks in each of the passages, without their texts; unknown ids are absent."""
    if not ids:
        return {}
    rows = connection.execute(_SPEAKERS, {"ids": sorted(set(ids))})
    return {key: _shares(told) for key, told in rows}


def _shares(told: list[tuple[str, float, int | None]]) -> tuple[Share, ...]:
    return tuple(Share(label, share, person) for label, share, person in told)


def _passage(row: Row[tuple[object, ...]]) -> Passage:
    return Passage(
        id=row.id,
        document_id=row.document_id,
        ordinal=row.ordinal,
        heading_path=tuple(row.heading_path),
        start=row.start,
        end=row.end,
        text=row.text,
        speakers=_shares(row.speakers),
        start_s=row.start_s,
        end_s=row.end_s,
    )


def _batches(values: list[_T]) -> Iterator[list[_T]]:
    """Slices below every database's limit of parameters."""
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
