"""Cuts transcripts at speakers' turns, where the topic shifts.

Of all turn limits that make a passage of the right length, the one is taken across which the
words have least in common: the block comparison of Hearst, "TextTiling" (Computational
Linguistics 23, 1997), without its smoothing and depth scores, as only neighbours compete.
Lengths are those of the spoken words: names and times are neither counted nor embedded.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from indexer.chunkers._cohesion import cohesion
from indexer.chunkers._draft import prefix, squeezed, text_hash
from indexer.chunkers._pack import Sizes, Unit, pack
from indexer.chunkers._ruler import Ruler
from indexer.protocols import TokenStarts
from indexer.sentences import sentences
from indexer.titles import names_itself
from knowledge.markdown import blanked
from knowledge.transcript import Turn, turns
from knowledge.types import Kind, PassageDraft, Share, SourceDocument

KINDS = frozenset({Kind.TRANSCRIPT})
SIZES = Sizes(overlap=50, overlap_units=2)
WINDOW = 120
"""Content words on each side that are compared."""

TURN, PARAGRAPH, SENTENCE, WORD = 0.8, 0.4, 0.0, -0.5
"""What a cut there is worth; a topic shift adds up to ``SHIFT`` at a turn's limit."""
SHIFT = 1.0

_WORDS = re.compile(r"\w+")


def accepts(document: SourceDocument) -> bool:
    """Whether the body has turns at all, be it one; notes of a meeting may be a transcript
    without."""
    return any(turn.label is not None or turn.start_s is not None for turn in turns(document.body))


def chunk(
    document: SourceDocument,
    token_starts: TokenStarts,
    *,
    sizes: Sizes = SIZES,
    window: int = WINDOW,
) -> list[PassageDraft]:
    """See ``Chunker``. A passage has at most ``sizes.high`` spoken tokens.

    ``start_s`` is the last time given at or before the passage's start, ``end_s`` the first
    given at or after its end: the passage never lies outside them.
    """
    body = document.body
    said = turns(body)
    spoken = _spoken(body, said)
    ruler = Ruler(spoken, token_starts)
    units = _units(body, spoken, said, ruler, sizes.high, window)
    named = "" if names_itself(document.title, document.external_id) else document.title
    head = prefix(named, (), token_starts)
    times = _Times(said)
    starts = [turn.start for turn in said]
    drafts: list[PassageDraft] = []
    for first, last in pack(units, ruler, sizes):
        start = units[first].start
        end = start + len(body[start : units[last - 1].end].rstrip())
        here = said[bisect_right(starts, start) - 1 : bisect_left(starts, end)]
        embed_text = head + (squeezed(spoken[start:end]) or squeezed(body[start:end]))
        start_s, end_s = times.around(start, end)
        drafts.append(
            PassageDraft(
                ordinal=len(drafts),
                heading_path=(),
                start=start,
                end=end,
                text=body[start:end],
                embed_text=embed_text,
                text_hash=text_hash(embed_text),
                speakers=_shares(spoken, here, start, end),
                start_s=start_s,
                end_s=end_s,
            )
        )
    return drafts


def _spoken(body: str, said: Sequence[Turn]) -> str:
    """``body`` with all but the spoken words blanked, of the same length."""
    parts: list[str] = []
    at = 0
    for turn in said:
        gap = " " * (turn.text_start - at)
        # Turns stay lines of their own, also for the reader of an embedded text.
        parts += "\n" + gap[1:] if at and gap else gap, body[turn.text_start : turn.end]
        at = turn.end
    parts.append(" " * (len(body) - at))
    return blanked("".join(parts))


def _units(
    body: str, spoken: str, said: Sequence[Turn], ruler: Ruler, high: int, window: int
) -> list[Unit]:
    """Turns; those of over half a passage as sentences, or their neighbours would stay short."""
    shared = cohesion([spoken[turn.text_start : turn.end] for turn in said], window)
    units: list[Unit] = []
    for turn, common in zip(said, shared, strict=True):
        quality = TURN + SHIFT * (1.0 - common)
        whole = ruler.count(turn.text_start, turn.end) <= high // 2
        for start, end in [(turn.start, turn.end)] if whole else _sentences(body, turn):
            if start > turn.start:
                quality = PARAGRAPH if body[start - 2 : start].isspace() else SENTENCE
            for part_start, part_end in ruler.split(start, end, high):
                units.append(Unit(part_start, part_end, quality if part_start == start else WORD))
    return units


def _sentences(body: str, turn: Turn) -> list[tuple[int, int]]:
    spans = sentences(body[turn.text_start : turn.end])
    return list(pairwise([turn.start, *(turn.text_start + a for a, _ in spans[1:]), turn.end]))


def _shares(spoken: str, here: Sequence[Turn], start: int, end: int) -> tuple[Share, ...]:
    """Each label's fraction of the passage's words, largest first."""
    words: Counter[str] = Counter()
    total = 0
    for turn in here:
        said = spoken[max(start, turn.text_start) : min(end, turn.end)]
        count = sum(1 for _ in _WORDS.finditer(said))
        total += count
        if turn.label is not None and count:
            words[turn.label] += count
    ranked = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Share(label, count / total) for label, count in ranked)


class _Times:
    """The times that a transcript gives, by offset."""

    def __init__(self, said: Sequence[Turn]) -> None:
        timed = [turn for turn in said if turn.start_s is not None]
        self._starts = [turn.start for turn in timed]
        self._ends = [turn.end for turn in timed]
        self._timed = timed

    def around(self, start: int, end: int) -> tuple[float | None, float | None]:
        before = bisect_right(self._starts, start) - 1
        start_s = self._timed[before].start_s if before >= 0 else None
        after = bisect_left(self._starts, end)
        end_s = self._timed[after].start_s if after < len(self._timed) else None
        if after > 0 and self._ends[after - 1] >= end:
            end_s = self._timed[after - 1].end_s or end_s
        if start_s is not None and end_s is not None and end_s < start_s:
            end_s = None
        return start_s, end_s
