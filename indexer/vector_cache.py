"""Vectors kept in a directory by text hash and model identity, for evaluations that repeat."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Embedder, Vectors

_SHARD = 2000


class CachedEmbedder:
    """An embedder that computes each text once for ever. Several processes may share a directory:
    each writes shards of its own, under names that no other uses."""

    def __init__(self, embedder: Embedder, directory: Path) -> None:
        self._embedder = embedder
        model = hashlib.sha256(embedder.identity.encode()).hexdigest()[:16]
        self._directory = directory / model
        self._directory.mkdir(parents=True, exist_ok=True)
        self._held: dict[str, Vectors] = {}
        self._new: list[str] = []
        self.computed = 0
        for shard in sorted(self._directory.glob("*.npz")):
            with np.load(shard, allow_pickle=False) as told:
                self._held.update(zip(told["keys"].tolist(), told["vectors"], strict=True))

    @property
    def identity(self) -> str:
        return self._embedder.identity

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        keys = [_key(text) for text in texts]
        new = {k: t for k, t in zip(keys, texts, strict=True) if k not in self._held}
        if new:
            made = self._embedder.embed(list(new.values()))
            self._held.update(zip(new, made, strict=True))
            self._new += new
            self.computed += len(new)
            if len(self._new) >= _SHARD:
                self.flush()
        if not keys:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack([self._held[key] for key in keys])

    def holds(self, text: str) -> bool:
        """Whether the text's vector is there already."""
        return _key(text) in self._held

    def token_starts(self, text: str) -> NDArray[np.int64]:
        return self._embedder.token_starts(text)

    def knows(self, word: str) -> bool:
        return self._embedder.knows(word)

    def flush(self) -> None:
        """Keep what was computed since the last time."""
        if not self._new:
            return
        handle, name = tempfile.mkstemp(dir=self._directory, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            vectors = np.stack([self._held[key] for key in self._new])
            np.savez(file, keys=np.array(self._new), vectors=vectors)
        Path(name).rename(Path(name).with_suffix(".npz"))
        self._new = []


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
