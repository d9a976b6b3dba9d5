"""Is a difference between two systems chance? Tests over the values of single queries.

The paired randomisation test (Fisher; for retrieval: Smucker, Allan and Carterette, "A comparison
of statistical significance tests for information retrieval evaluation", CIKM 2007) assumes nothing
about how the values are distributed. Holm's correction (Scandinavian Journal of Statistics 6, 1979)
is for tables that test many differences at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

PERMUTATIONS = 10_000
_CHUNK = 1_000
# Sums of the same numbers in another order may differ by rounding; they are equal all the same.
_ROUNDING = 1e-9


def paired_randomisation(
    a: ArrayLike, b: ArrayLike, *, permutations: int = PERMUTATIONS, seed: int = 0
) -> float:
    """The two-sided p of the difference of means: ``a[i]`` and ``b[i]`` are one query's values.

    If the systems do not differ, each query's two values might as well be swapped: p is the share
    of such swaps whose difference is at least as large as the one observed. All swaps are counted
    where they are at most ``permutations``; otherwise that many are drawn, and the observed one is
    counted among them, so p is never 0. Queries without a difference change nothing. Raises
    ValueError where the lengths differ.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"values of the same queries are compared, not {first.shape}, {second.shape}"
        )
    differences = (first - second)[first != second]
    if not differences.size:
        return 1.0
    observed = abs(differences.sum())
    least = observed - _ROUNDING * np.abs(differences).sum()
    if differences.size < 63 and 2**differences.size <= permutations:
        signs = _all_signs(differences.size)
        return float(np.mean(np.abs(signs @ differences) >= least))
    chance = np.random.default_rng(seed)
    extreme = 0
    for start in range(0, permutations, _CHUNK):
        size = (min(_CHUNK, permutations - start), differences.size)
        drawn = chance.integers(0, 2, size=size, dtype=np.int8) * 2.0 - 1.0
        extreme += int(np.count_nonzero(np.abs(drawn @ differences) >= least))
    return (extreme + 1) / (permutations + 1)


def _all_signs(count: int) -> NDArray[np.float64]:
    """Every combination of -1 and 1, shape (2**count, count)."""
    rows = np.arange(2**count)[:, None] >> np.arange(count)
    return ((rows & 1) * 2.0 - 1.0).astype(np.float64)


def holm(ps: Sequence[float]) -> list[float]:
    """The p of each of several tests, corrected so that the chance of even one false finding
    stays at the level that they are compared with; in the order given.

    Step down: the smallest of m is multiplied by m, the next by m - 1, …; none falls below the
    one before it or rises above 1.
    """
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = highest
    return adjusted
