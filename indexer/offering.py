"""Which topics that people would teach and want to learn are the same, in whatever words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from indexer.protocols import Embedder, Vectors

ALIKE = 0.6
"""Cosine of two topics from which they are one: docs/learning.md says where it comes from."""
_MOST = 5000
# Rounding, which differs with what else is embedded, decides nothing.
_DIGITS = 4


class SameTopics:
    """Compares topics, and remembers their vectors. Safe to share between threads."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        """``embedder`` is made when there is something to compare."""
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = {}

    def __call__(self, own: Sequence[str], others: Sequence[str]) -> list[list[int]]:
        """Of each topic of ``own``, which of the ``others`` are about the same."""
        if not own or not others:
            return [[] for _ in own]
        cosines = np.round(self._embedded(own) @ self._embedded(others).T, _DIGITS)
        return [np.flatnonzero(row >= ALIKE).tolist() for row in cosines]

    def _embedded(self, topics: Sequence[str]) -> Vectors:
        """Shape (len(topics), dimension)."""
        held = self._vectors
        new = list(dict.fromkeys(topic for topic in topics if topic not in held))
        if new:
            if len(held) + len(new) > _MOST:
                held, new = {}, list(dict.fromkeys(topics))
            made = self._embedder().embed([topic.casefold() for topic in new])
            # Another thread may read what was there before.
            held = held | dict(zip(new, made, strict=True))
            self._vectors = held
        return np.stack([held[topic] for topic in topics])
