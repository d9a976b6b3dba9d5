"""Body -> passages + vectors: the function that capture is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer import chunkers
from indexer.protocols import Chunker, Embedder, Vectors
from knowledge.capture import Known, Prepare, Prepared
from knowledge.types import SourceDocument


def preparer(embedder: Embedder, chunk: Chunker = chunkers.chunk) -> Prepare:
    """A ``Prepare`` that splits with ``chunk`` and embeds each new text once."""

    def prepare(documents: Sequence[SourceDocument], known: Known) -> list[Prepared]:
        split = [chunk(document, embedder.token_starts) for document in documents]
        texts = {draft.text_hash: draft.embed_text for drafts in split for draft in drafts}
        stored = known(embedder.identity, texts)
        new = [text_hash for text_hash in texts if text_hash not in stored]
        vectors = embedder.embed([texts[text_hash] for text_hash in new])
        made = {key: to_bytes(vector) for key, vector in zip(new, vectors, strict=True)}
        results = []
        for drafts in split:
            # A text that stands in two documents of the batch is given to the first alone.
            own = {d.text_hash: made.pop(d.text_hash) for d in drafts if d.text_hash in made}
            results.append(Prepared(tuple(drafts), embedder.identity, own))
        return results

    return prepare


def to_bytes(vector: Vectors) -> bytes:
    """A vector as it is stored: little-endian float32."""
    return vector.astype("<f4").tobytes()


def from_bytes(stored: Sequence[bytes], dimension: int) -> Vectors:
    """Stored vectors as one array, shape (len(stored), dimension)."""
    flat = np.frombuffer(b"".join(stored), dtype="<f4").astype(np.float32, copy=False)
    return flat.reshape(len(stored), dimension)
