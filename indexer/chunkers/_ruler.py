"""Lengths in tokens of any part of a text, from one tokenization of the whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import TokenStarts

LONG_WORD = 100
"""WordPiece takes a longer word for one unknown token; a passage of such would have no end."""
STRETCH = 16
"""Characters of a long word that count as one token."""

_LONG_WORD = re.compile(rf"(?<!\S)\S{{{LONG_WORD + 1},}}+")


class Ruler:
    """Counts the tokens that start in a range of ``text``; the pieces of a long word also count."""

    def __init__(self, text: str, token_starts: TokenStarts) -> None:
        self._text = text
        starts = np.asarray(token_starts(text), dtype=np.int64)
        stretches = [
            np.arange(word.start() + STRETCH, word.end(), STRETCH, dtype=np.int64)
            for word in _LONG_WORD.finditer(text)
        ]
        self._starts: NDArray[np.int64] = (
            np.unique(np.concatenate([starts, *stretches])) if stretches else starts
        )

    def ranks(self, offsets: Sequence[int]) -> list[int]:
        """For each offset, the number of tokens that start before it."""
        ranks: list[int] = np.searchsorted(self._starts, np.asarray(offsets, np.int64)).tolist()
        return ranks

    def count(self, start: int, end: int) -> int:
        """How many tokens start in ``text[start:end]``."""
        first, last = self.ranks((start, end))
        return last - first

    def split(self, start: int, end: int, limit: int) -> list[tuple[int, int]]:
        """Cut a range into consecutive ones of at most ``limit`` tokens, between words if it can.

        A cut is made in the last half of what fits; only where that has no word end, inside one.
        """
        first, last = self.ranks((start, end))
        pieces: list[tuple[int, int]] = []
        begin = start
        while last - first > limit:
            cut = first + limit
            for rank in range(cut, first + limit // 2, -1):
                if self._text[int(self._starts[rank]) - 1].isspace():
                    cut = rank
                    break
            at = int(self._starts[cut])
            pieces.append((begin, at))
            begin, first = at, cut
        pieces.append((begin, end))
        return pieces
