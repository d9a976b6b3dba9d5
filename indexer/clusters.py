"""Texts that mean the same, put together: average linkage, cut where it is no longer alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.protocols import Vectors

_Likeness = NDArray[np.float64]


def clusters(vectors: Vectors, alike: float) -> list[list[int]]:
    """The rows of (n, dimension) vectors of norm 1 in clusters, each ascending, by their firsts.

    Two clusters are one while the mean cosine between their members is at least ``alike``. The same
    vectors give the same clusters; of equally near ones the first is taken. O(n²) in time, and in
    memory.
    """
    likeness = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(likeness, -np.inf)
    members = {at: [at] for at in range(len(vectors))}
    done: list[list[int]] = []
    # Each is the nearest of the one before it. Average linkage makes none nearer by joining others,
    # so two that are each other's nearest are joined at once, in whatever order.
    chain: list[int] = []
    while members:
        if not chain:
            chain.append(min(members))
        at = chain[-1]
        nearest = int(np.argmax(likeness[at]))
        if len(chain) > 1 and likeness[at, chain[-2]] >= likeness[at, nearest]:
            nearest = chain[-2]
        if likeness[at, nearest] < alike:
            done.append(sorted(members.pop(at)))
            _gone(likeness, at)
            chain.pop()
        elif len(chain) > 1 and nearest == chain[-2]:
            chain = chain[:-2]
            kept, gone = min(at, nearest), max(at, nearest)
            _join(likeness, kept, gone, len(members[kept]), len(members[gone]))
            members[kept] += members.pop(gone)
        else:
            chain.append(nearest)
    return sorted(done)


def _join(likeness: _Likeness, kept: int, gone: int, ours: int, theirs: int) -> None:
    row = (likeness[kept] * ours + likeness[gone] * theirs) / (ours + theirs)
    likeness[kept] = likeness[:, kept] = row
    likeness[kept, kept] = -np.inf
    _gone(likeness, gone)


def _gone(likeness: _Likeness, at: int) -> None:
    likeness[at] = likeness[:, at] = -np.inf
