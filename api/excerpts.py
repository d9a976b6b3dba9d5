"""The one to three sentences of a passage that pages and command line show, with the marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from indexer.search import snippets, units
from indexer.search.units import Unit
from knowledge import labels, transcript
from knowledge.types import Contribution, Passage

Range = tuple[int, int]
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of shown text."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """``speaker`` and ``at_s`` (seconds): who says it, and when, as far as that is written or was
    said since; ``person_id`` where it is known who that is."""

    pieces: tuple[Piece, ...]
    speaker: str | None = None
    at_s: float | None = None
    person_id: int | None = None


def excerpt(
    passage: Passage,
    highlights: Sequence[Range],
    made: Iterable[Contribution] = (),
    looked_for: Callable[[str], bool] | None = None,
) -> Excerpt:
    """What is shown of a passage: the first highlight with its neighbours, without notation.

    ``highlights`` are code-point ranges of ``passage.text``; ``made``: who contributed to its
    document, by whose names its speakers are called. With ``looked_for`` those words are marked
    instead of the highlights.
    """
    text = passage.text
    at = highlights[0][0] if highlights else 0
    if looked_for is not None:
        words = [word.span() for word in _WORD.finditer(text) if looked_for(word[0])]
        inside = [span for span in words if any(a <= span[0] < b for a, b in highlights[:1])]
        at = next((start for start, _ in (*inside, *words)), at)
        highlights = words
    if not passage.speakers:
        return Excerpt(_pieces(text, _window(text, units.written(text), at), highlights))
    turn = next(
        (turn for turn in transcript.turns(text) if turn.end > at),
        transcript.Turn(0, len(text), 0, None, None, None),
    )
    spoken = [share.label for share in passage.speakers]
    # A passage may begin in the middle of what somebody says.
    label = turn.label or (spoken[0] if len(spoken) == 1 else None)
    names = {one.person_id: one.name for one in made}
    whose = {labels.key(share.label): share.person_id for share in passage.speakers}
    person = whose.get(labels.key(label)) if label else None
    return Excerpt(
        _pieces(text, _window(text, units.spoken(text), at), highlights),
        label if person is None else names.get(person, label),
        passage.start_s if turn.start_s is None else turn.start_s,
        person if person in names else None,
    )


def _window(text: str, among: Sequence[Unit], at: int) -> Sequence[Unit]:
    """The unit at ``at`` and neighbours of the same paragraph, while there is room."""
    if not among:
        return ()
    middle = next((n for n, unit in enumerate(among) if unit.end > at), len(among) - 1)
    first = last = middle
    while last - first + 1 < snippets.MOST:
        if last + 1 < len(among) and _fits(text, among, first, last + 1, last):
            last += 1
        elif first and _fits(text, among, first - 1, last, first - 1):
            first -= 1
        else:
            break
    return among[first : last + 1]


def _fits(text: str, among: Sequence[Unit], first: int, last: int, seam: int) -> bool:
    whole = among[last].end - among[first].start <= units.LONG
    return whole and units.joined(text, among[seam], among[seam + 1])


def _pieces(text: str, window: Sequence[Unit], highlights: Sequence[Range]) -> tuple[Piece, ...]:
    if not window:
        return ()
    shown = snippets.readable(text, window)
    runs: list[tuple[str, bool]] = [] if window[0].opens else [("… ", False)]
    gap = False
    for at in range(window[0].start, window[-1].end):
        marked = any(start <= at < end for start, end in highlights)
        for char in shown[at]:
            if char.isspace():
                gap = True
                continue
            if gap and runs:
                runs.append((" ", marked and runs[-1][1]))
            runs.append((char, marked))
            gap = False
    return _merged(runs if window[-1].closes else [*runs, (" …", False)])


def _merged(runs: Sequence[tuple[str, bool]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    text, marked = "", False
    for char, now in runs:
        if now != marked and text:
            pieces.append(Piece(text, marked))
            text = ""
        text, marked = text + char, now
    return (*pieces, Piece(text, marked)) if text else tuple(pieces)
