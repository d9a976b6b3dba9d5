"""The best sentences of a passage: what is highlighted, and what a person is quoted with."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from indexer.sentences import sentences
from knowledge import markdown, transcript

Analyze = Callable[[str], Sequence[str]]
Ranges = list[tuple[int, int]]
"""Code-point ranges of a text, ascending."""

_SHORT = 10
_LEAST_QUOTE = 60
_QUOTE_CHARS = 300
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+")


def written(text: str) -> Ranges:
    """The sentences that may be shown for a written text: headings only where nothing else is."""
    found = sentences(text)
    return [one for one in found if text[one[0]] != "#"] or found


def spoken(
    text: str, labels: Collection[str] | None = None, everybody: Collection[str] = ()
) -> Ranges:
    """The sentences of a transcript without names and times.

    With ``labels`` only what these speakers say: nothing where none of them is found. A passage may
    begin in the middle of what somebody says, without a name: that is who of ``everybody`` that
    speaks in it has no turn of their own, if it is one.
    """
    turns = transcript.turns(text)
    named = {turn.label for turn in turns}
    unnamed = [label for label in everybody if label not in named]
    first = unnamed[0] if len(unnamed) == 1 else None
    chosen = [turn for turn in turns if labels is None or (turn.label or first) in labels]
    return [
        (turn.text_start + start, turn.text_start + end)
        for turn in chosen
        for start, end in sentences(text[turn.text_start : turn.end])
    ]


def best_sentence(
    text: str, among: Ranges, wanted: dict[str, float], analyze: Analyze
) -> tuple[int, int] | None:
    """The one of the sentences ``among`` that holds most of the query; None if there is none.

    ``wanted`` weighs the query's stemmed words. A long sentence does not win by its length alone:
    the weight found is divided by the root of its words, which may not count as fewer than ten.
    """
    best, best_score = None, -1.0
    for start, end in among:
        words = analyze(text[start:end])
        if not words:
            continue
        found = sum(wanted[word] for word in wanted.keys() & words)
        score = found / max(len(words), _SHORT) ** 0.5
        if score > best_score:
            best, best_score = (start, end), score
    return best


def quotable(text: str, among: Ranges, chosen: tuple[int, int]) -> tuple[int, int]:
    """The chosen sentence; a short one with the next one of its paragraph, to make sense alone."""
    start, end = chosen
    after = next((one for one in among if one[0] >= end), None)
    if end - start >= _LEAST_QUOTE or after is None or len(text[end : after[0]].split("\n")) > 2:
        return chosen
    whole = (start, after[1])
    between = text[end : after[0]].strip() or _ITEM.match(text, after[0])
    return chosen if between or after[1] - start > _QUOTE_CHARS else whole


def quote(text: str, chosen: tuple[int, int]) -> str:
    """The chosen sentence as words on one line, cut between words when it is long."""
    start, end = chosen
    line = markdown.plain(text[start:end])
    item = _ITEM.match(line)
    line = line[item.end() :] if item else line
    if len(line) <= _QUOTE_CHARS:
        return line
    return line[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"
