"""The best sentences of a passage: what is highlighted, and what a person is quoted with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from indexer.search.units import LONG, Form, Unit, joined
from knowledge import markdown

Analyze = Callable[[str], Sequence[str]]

# Words of questions that say nothing about their topic.
STOP = frozenset(
    """a about an and any are as at be by can could did do does for from had has have how i in is
    it its me my of on or our should so some than that the their them there these they this to was
    we were what when where which who whom whose why will with would you your""".split()
)

MOST = 3
"""Sentences, rows or lines that are shown at once."""

_SHORT = 20
_ASKED = 0.7
_FURTHER = 0.8
_LEAST_QUOTE = 60
_ITEM = re.compile(r"(?:[-*+•]|(?P<number>\d{1,3}[.)]))\s+")
# A border may be missing before the first cell and behind the last.
_CELL = re.compile(r"(?:\||(?=[^|]))(?P<told>(?:\\\||[^|])*+)")
_BORDER = re.compile(r"(?<=\\)\|")


def best_window(
    text: str, units: Sequence[Unit], wanted: Mapping[str, float], analyze: Analyze
) -> tuple[Unit, ...]:
    """The one to three neighbours among ``units`` that hold most of the query; () if there is none.

    ``wanted`` weighs the query's stemmed words. More of them is better and more words around them
    is worse: the weight found is divided by the root of the words, which may not count as fewer
    than twenty, and a neighbour has to bring a quarter more. Words in a question rather ask than
    answer, and count less.
    """
    sizes: list[int] = []
    found: list[dict[str, float]] = []
    for unit in units:
        words = analyze(text[unit.start : unit.end])
        sizes.append(len(words))
        held = wanted.keys() & words
        weight = _ASKED if held and _asks(text, unit) else 1.0
        found.append({word: wanted[word] * weight for word in wanted if word in held})
    best, best_score = (0, 0), -1.0
    for first, last in _windows(text, units):
        size = sum(sizes[first:last])
        if not size or (best_score >= 0.0 and not any(found[first:last])):
            continue
        told: dict[str, float] = {}
        for more in found[first:last]:
            told |= {word: max(weight, told.get(word, 0.0)) for word, weight in more.items()}
        score = sum(told.values()) / max(size, _SHORT) ** 0.5 * _FURTHER ** (last - first - 1)
        if score > best_score:
            best, best_score = (first, last), score
    return tuple(units[slice(*best)])


def quotable(text: str, units: Sequence[Unit], chosen: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The chosen window; a short one and a question with the next sentence of its paragraph, to
    make sense alone."""
    if not chosen or len(chosen) == MOST:
        return chosen
    if chosen[-1].end - chosen[0].start >= _LEAST_QUOTE and not _asks(text, chosen[-1]):
        return chosen
    after = next((unit for unit in units if unit.start >= chosen[-1].end), None)
    if after is None or not joined(text, chosen[-1], after) or _ITEM.match(text, after.start):
        return chosen
    return (*chosen, after) if after.end - chosen[0].start <= LONG else chosen


def quote(text: str, window: Sequence[Unit]) -> str:
    """The window as words on one line; what was cut between words ends with an ellipsis."""
    shown = readable(text, window)
    line = " ".join("".join(shown[window[0].start : window[-1].end]).split()) if window else ""
    before = "" if not window or window[0].opens else "… "
    return before + line + ("" if not window or window[-1].closes else " …")


def readable(text: str, window: Sequence[Unit]) -> list[str]:
    """What is shown for each code point of ``text`` when the window, and nothing else, is read on
    one line: without notation, with cells set apart, and a sign before each further list item, row
    or line."""
    shown = list(text)
    if window:
        start, end = window[0].start, window[-1].end
        shown[start:end] = markdown.bare(text, start, end)
    for unit in window:
        begins = unit is window[0]
        if unit.form is Form.CODE:
            shown[unit.start : unit.end] = text[unit.start : unit.end]
            if not begins:
                shown[unit.start] = "⏎ " + shown[unit.start]
        elif unit.form is Form.ROW:
            _cells(text, shown, unit, begins)
        else:
            _without_item(text, shown, unit, begins)
    return shown


def _without_item(text: str, shown: list[str], unit: Unit, begins: bool) -> None:
    item = _ITEM.match(text, unit.start, unit.end)
    if item and (begins or not item["number"]):
        shown[unit.start : item.end()] = [""] * (item.end() - unit.start)
        if not begins:
            shown[unit.start] = "• "


def _cells(text: str, shown: list[str], unit: Unit, begins: bool) -> None:
    read = False
    for cell in _CELL.finditer(text, unit.start, unit.end):
        border, filled = cell.start(), bool(cell["told"].strip())
        if text[border] == "|":
            shown[border] = " · " if read and filled else ""
        for escaped in _BORDER.finditer(text, *cell.span("told")):
            shown[escaped.start()] = "|"
        read = read or filled
    if not begins:
        shown[unit.start] = "• " + shown[unit.start]


def _asks(text: str, unit: Unit) -> bool:
    return text[unit.start : unit.end].rstrip("\"'”’»)]*_").endswith(("?", "？"))


def _windows(text: str, units: Sequence[Unit]) -> Iterator[tuple[int, int]]:
    """Every unit, and every run of neighbours of one paragraph that is short enough, as a slice."""
    for first, unit in enumerate(units):
        yield first, first + 1
        for last in range(first + 1, min(first + MOST, len(units))):
            if not joined(text, units[last - 1], units[last]):
                break
            if units[last].end - unit.start > LONG:
                break
            yield first, last + 1
