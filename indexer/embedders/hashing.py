"""A deterministic embedder without a model: hashed words and character trigrams.

Texts that share words, or most of a word's letters, come out similar. It knows no meaning; it is
for tests, and for trying whoknows out where no model may be installed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Embedder, Vectors
from indexer.text import encodable
from knowledge.errors import InvalidSettings

_TOKEN = re.compile(r"\w+|[^\w\s]")
_TRIGRAM_WEIGHT = 0.5


class HashingEmbedder:
    """Signed feature hashing. Stateless apart from a cache of words, so safe in threads."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._word = lru_cache(maxsize=65_536)(self._hash_word)

    @property
    def identity(self) -> str:
        return f"hashing/1 words+trigrams blake2b d={self._dimension} l2"

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension); a text without a token gives a row of zeros."""
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            features = [self._word(token) for token in _TOKEN.findall(encodable(text).lower())]
            if not features:
                continue
            slots = np.concatenate([slot for slot, _ in features])
            weights = np.concatenate([weight for _, weight in features])
            sums = np.bincount(slots, weights=weights, minlength=self._dimension)
            norm = float(np.sqrt(sums @ sums))
            # Signs can cancel out completely; such a text is then like one without tokens.
            if norm > 0.0:
                row[:] = sums / norm
        return vectors

    def token_starts(self, text: str) -> NDArray[np.int64]:
        """Where each word or punctuation mark starts, in code points."""
        return np.fromiter((found.start() for found in _TOKEN.finditer(text)), dtype=np.int64)

    def knows(self, word: str) -> bool:
        """It was taught no word."""
        return False

    def _hash_word(self, word: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        padded = f"<{word}>"
        grams = [f"3:{padded[i : i + 3]}" for i in range(len(padded) - 2)]
        # Trigrams of one word share one word's weight: long words must not drown short ones.
        share = _TRIGRAM_WEIGHT / np.sqrt(len(grams))
        slots, weights = [], []
        for feature, weight in [(f"w:{word}", 1.0), *((gram, share) for gram in grams)]:
            digest = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "little")
            slots.append((digest >> 1) % self._dimension)
            weights.append(weight if digest & 1 else -weight)
        return np.array(slots, dtype=np.int64), np.array(weights, dtype=np.float64)


def create(dimension: int = 384) -> Embedder:
    """Raises InvalidSettings unless ``dimension`` is at least 8."""
    if dimension < 8:
        raise InvalidSettings("the hashing embedder needs a dimension of at least 8")
    return HashingEmbedder(dimension)
