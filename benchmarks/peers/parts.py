"""What every system is given: the passages that whoknows cuts, and vectors to load them with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.peers import environments
from indexer import chunkers, embedders
from indexer.judged import Collection
from indexer.vector_cache import CachedEmbedder
from knowledge import readers
from knowledge.settings import load_settings
from knowledge.types import SourceDocument

REFERENCE = "sentence_transformer"
_BATCH = 512


def encoder(cache: Path) -> CachedEmbedder:
    """The model in full precision, as all peers use it; what it computed is kept."""
    settings = load_settings().embedding
    chosen = "hashing" if settings.embedder == "hashing" else REFERENCE
    return CachedEmbedder(embedders.load(chosen), cache)


def write(
    collection: Collection, folder: Path, cache: Path, passages: int | None = None
) -> tuple[int, int]:
    """Write the collection, or documents spread evenly over it with about so many passages.
    Returns how many documents and passages that are."""
    folder.mkdir(parents=True, exist_ok=True)
    model = encoder(cache)
    lines = (collection.path / "corpus.jsonl").read_text("utf-8").splitlines()
    held = {str(json.loads(line)["_id"]): line for line in lines if line.strip()}
    cut = []
    for document in readers.read_export(collection.path, format="judged", source="peers"):
        if isinstance(document, SourceDocument):
            texts = [draft.embed_text for draft in chunkers.chunk(document, model.token_starts)]
            cut.append((document.external_id, texts))
    if passages is not None:
        cut = _spread(cut, passages)
    texts = [text for _, told in cut for text in told]
    if passages is None:
        np.save(folder / "vectors.npy", _vectors(model, texts, collection.name))
    with (folder / "passages.jsonl").open("w", encoding="utf-8") as file:
        for document_id, told in cut:
            for place, text in enumerate(told):
                file.write(json.dumps({"id": f"{document_id} {place}", "text": text}) + "\n")
    chosen = "\n".join(held[document_id] for document_id, _ in cut)
    (folder / "documents.jsonl").write_text(chosen + "\n", "utf-8")
    return len(cut), len(texts)


def _spread(cut: Sequence[tuple[str, list[str]]], passages: int) -> list[tuple[str, list[str]]]:
    total = sum(len(texts) for _, texts in cut)
    every = max(1, round(total / passages))
    return list(cut[::every])


def _vectors(model: CachedEmbedder, texts: Sequence[str], name: str) -> np.ndarray:
    made = []
    for start in range(0, len(texts), _BATCH):
        made.append(model.embed(texts[start : start + _BATCH]))
        print(f"\r{name}: {start + len(made[-1]):,} of {len(texts):,} vectors", end="", flush=True)
    print()
    model.flush()
    return np.concatenate(made)


def cache_folder() -> Path:
    """Where vectors are kept, by text and model."""
    return environments.cache() / "vectors"
