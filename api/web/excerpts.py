"""The one to three sentences of a passage that a search page shows, with what is marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.search import snippets
from indexer.sentences import sentences
from knowledge import markdown, transcript
from knowledge.types import Passage

_SENTENCES = 3
_ENOUGH = 320
_MOST = 480
_ITEM = re.compile(r"(?:[-*+•]|(\d{1,3}[.)]))\s+")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of shown text."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``speaker`` and ``at_s`` (seconds): who says it, and when, as far as that is written."""

    pieces: tuple[Piece, ...]
    speaker: str | None = None
    at_s: float | None = None


def excerpt(passage: Passage, highlights: Sequence[Range]) -> Excerpt:
    """What is shown of a passage: the first highlight with its neighbours, without notation.

    ``highlights`` are code-point ranges of ``passage.text``.
    """
    text = passage.text
    at = highlights[0][0] if highlights else 0
    if not passage.speakers:
        window = _window(text, snippets.written(text), at)
        return Excerpt(_pieces(text, window, highlights))
    turn = next(
        (turn for turn in transcript.turns(text) if turn.end > at),
        transcript.Turn(0, len(text), 0, None, None, None),
    )
    said = sentences(text[turn.text_start : turn.end])
    within = [(turn.text_start + start, turn.text_start + end) for start, end in said]
    labels = [share.label for share in passage.speakers]
    return Excerpt(
        _pieces(text, _window(text, within, at), highlights),
        # A passage may begin in the middle of what somebody says.
        turn.label or (labels[0] if len(labels) == 1 else None),
        passage.start_s if turn.start_s is None else turn.start_s,
    )


def _window(text: str, among: Sequence[Range], at: int) -> list[Range]:
    """The sentence at ``at`` and neighbours of the same paragraph, while there is room."""
    if not among:
        return []
    middle = next((n for n, (_, end) in enumerate(among) if end > at), len(among) - 1)
    first = last = middle
    while last - first + 1 < _SENTENCES:
        after = last + 1
        if after < len(among) and _joined(text, among, first, after):
            last = after
        elif first and _joined(text, among, first - 1, last):
            first -= 1
        else:
            break
    return list(among[first : last + 1])


def _joined(text: str, among: Sequence[Range], first: int, last: int) -> bool:
    start, end = among[first][0], among[last][1]
    gaps = [
        text[a:b]
        for (_, a), (b, _) in zip(among[first:last], among[first + 1 : last + 1], strict=True)
    ]
    # Between two sentences of a paragraph stands a line end at most.
    return end - start <= _ENOUGH and all(
        not gap.strip() and gap.replace("\r\n", "\n").count("\n") < 2 for gap in gaps
    )


def _pieces(text: str, window: Sequence[Range], highlights: Sequence[Range]) -> tuple[Piece, ...]:
    if not window:
        return ()
    shown = markdown.bare(text)
    first, last = window[0][0], window[-1][1]
    for start, end in window:
        _without_item(text, shown, start, end, begins=start == first)
    runs: list[tuple[str, bool]] = []
    gap, length = False, 0
    for at in range(first, last):
        marked = any(start <= at < end for start, end in highlights)
        for char in shown[at]:
            if char.isspace():
                gap = True
                continue
            if gap and runs:
                if length >= _MOST:
                    return _merged([*runs, (" …", False)])
                runs.append((" ", marked and runs[-1][1]))
            runs.append((char, marked))
            length, gap = length + 1 + gap, False
    return _merged(runs)


def _without_item(text: str, shown: list[str], start: int, end: int, begins: bool) -> None:
    """Write list items and table rows as they are read on one line."""
    item = _ITEM.match(text, start, end)
    if item and (begins or not item[1]):
        shown[start : item.end()] = [""] * (item.end() - start)
        if not begins:
            shown[start] = "• "
    if text[start] == "|":
        shown[start] = "" if begins else "• "
        cells = [at for at in range(start, end) if text[at] == "|"]
        for at in cells[1:]:
            shown[at] = " · " if text[at + 1 : end].strip(" |") else ""


def _merged(runs: Sequence[tuple[str, bool]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    text, marked = "", False
    for char, now in runs:
        if now != marked and text:
            pieces.append(Piece(text, marked))
            text = ""
        text, marked = text + char, now
    return (*pieces, Piece(text, marked)) if text else tuple(pieces)
