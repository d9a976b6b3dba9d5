"""The best sentences of a passage: what is highlighted, and what a person is quoted with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from indexer.sentences import sentences

Analyze = Callable[[str], Sequence[str]]

_SHORT = 6
_QUOTE_CHARS = 300


def best_sentence(text: str, wanted: dict[str, float], analyze: Analyze) -> tuple[int, int] | None:
    """Code-point range of the sentence that holds most of the query; None for a blank text.

    ``wanted`` weighs the query's stemmed words. A long sentence does not win by its length alone:
    the weight found is divided by the root of its words, which may not count as fewer than six.
    """
    best, best_score = None, -1.0
    for start, end in sentences(text):
        words = analyze(text[start:end])
        if not words:
            continue
        found = sum(wanted[word] for word in wanted.keys() & words)
        score = found / max(len(words), _SHORT) ** 0.5
        if score > best_score:
            best, best_score = (start, end), score
    return best


def quote(text: str, chosen: tuple[int, int] | None) -> str:
    """The chosen sentence on one line, cut between words when it is long."""
    start, end = chosen or (0, len(text))
    line = " ".join(text[start:end].split())
    if len(line) <= _QUOTE_CHARS:
        return line
    return line[:_QUOTE_CHARS].rsplit(" ", 1)[0] + " …"
