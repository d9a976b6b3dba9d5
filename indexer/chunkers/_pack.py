"""Packs units (sentences, turns, tables…) into passages: greedy, looking one passage ahead.

A cut depends only on the text from the passage's start to at most two passages further, so
an edit leaves the passages well before it as they were, and every vector with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.chunkers._ruler import Ruler

TAIL_WEIGHT = 1.0
SHORT_WEIGHT = 2.0
"""What a passage of no tokens loses against one of ``low``; a cut's quality is about 0 to 1."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lengths in tokens: passages from ``low`` to ``high``, overlap at most ``overlap``."""

    low: int = 120
    high: int = 180
    overlap: int = 45
    overlap_units: int = 1


@dataclass(frozen=True, slots=True)
class Unit:
    """``text[start:end]``, never cut. ``quality`` says how good it is to cut before it.

    ``glued`` units go with the one before (as the text below its heading); ``repeats`` ones may
    be said again at the start of the next passage.
    """

    start: int
    end: int
    quality: float
    glued: bool = False
    repeats: bool = True


def pack(units: Sequence[Unit], ruler: Ruler, sizes: Sizes) -> list[tuple[int, int]]:
    """Ranges [first, last) of units, one a passage; each starts with the overlap, if any.

    No range has more than ``sizes.high`` tokens, but for one unit (with what it is glued to)
    that has.
    """
    starts = ruler.ranks([unit.start for unit in units])
    ends = ruler.ranks([unit.end for unit in units])
    packed: list[tuple[int, int]] = []
    first = new = 0
    while new < len(units):
        last = _cut(units, starts, ends, first, new, sizes)
        if last is None and first < new:
            first, last = new, _cut(units, starts, ends, new, new, sizes)
        if last is None:
            last = next((i for i in range(new + 1, len(units)) if not units[i].glued), len(units))
        packed.append((first, last))
        first, new = _overlap(units, starts, ends, new, last, sizes), last
    return packed


def _cut(
    units: Sequence[Unit],
    starts: Sequence[int],
    ends: Sequence[int],
    first: int,
    new: int,
    sizes: Sizes,
) -> int | None:
    """The best end for a passage that starts at ``first`` and holds ``new``; None: too long."""
    base, total = starts[first], ends[-1]
    if total - base <= sizes.high:
        return len(units)
    best, best_score = None, 0.0
    for last in range(new + 1, len(units)):
        length = ends[last - 1] - base
        if length > sizes.high:
            break
        if units[last].glued:
            continue
        missing = max(0, sizes.low - length) / sizes.low
        rest = total - starts[last]
        tail = max(0, sizes.low // 2 - rest) / sizes.low
        score = units[last].quality - SHORT_WEIGHT * missing - TAIL_WEIGHT * tail
        if best is None or score >= best_score:
            best, best_score = last, score
    return best


def _overlap(
    units: Sequence[Unit],
    starts: Sequence[int],
    ends: Sequence[int],
    new: int,
    last: int,
    sizes: Sizes,
) -> int:
    """The first unit of the passage after the one that holds units ``new`` to ``last``."""
    first = last
    while (
        first > new + 1
        and last - first < sizes.overlap_units
        and units[first - 1].repeats
        and ends[last - 1] - starts[first - 1] <= sizes.overlap
    ):
        first -= 1
    return first
