"""How many documents of one audience hold each word, in a sixth of a dictionary's memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.integer[Any]]

# Merging costs by what is held: so many words that are new to the audience wait in a dictionary
# before, at least and as one of so many in the arrays.
_WAITING, _WAITING_SHARE = 500, 8


class WordCounts:
    """Counts by word number; a word that nothing holds counts 0. ``total`` is their sum.

    Not thread-safe: the caller excludes writers.
    """

    def __init__(self, numbers: Sequence[int] | Numbers = (), counts: Sequence[int] | Numbers = ()):
        """``numbers`` ascend, and each has its count."""
        # ``array`` finds one number ten times as fast as numpy does.
        self._numbers = array("I", np.asarray(numbers, dtype=np.uint32).tobytes())
        self._counts = array("I", np.asarray(counts, dtype=np.uint32).tobytes())
        self._new: dict[int, int] = {}
        self.total = sum(self._counts)

    def __getitem__(self, number: int) -> int:
        at = bisect_left(self._numbers, number)
        if at < len(self._numbers) and self._numbers[at] == number:
            return self._counts[at]
        return self._new.get(number, 0)

    def add(self, number: int, by: int) -> None:
        """Count a word ``by`` more, or less; the caller never takes away what was not added."""
        self.total += by
        at = bisect_left(self._numbers, number)
        if at < len(self._numbers) and self._numbers[at] == number:
            self._counts[at] += by
            return
        self._new[number] = self._new.get(number, 0) + by
        if len(self._new) > max(_WAITING, len(self._numbers) // _WAITING_SHARE):
            self._merge()

    def _merge(self) -> None:
        numbers = np.concatenate([np.array(self._numbers, np.uint32), [*self._new]])
        counts = np.concatenate([np.array(self._counts, np.uint32), [*self._new.values()]])
        order = np.argsort(numbers)
        order = order[counts[order] > 0]
        self.__init__(numbers[order], counts[order])  # type: ignore[misc]
