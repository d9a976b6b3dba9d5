"""What may be shown of a text, and never less: sentences, table rows, lines of code."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from indexer.sentences import sentences
from knowledge import markdown, transcript

LONG = 320
"""Characters that are shown at once, about four lines; a longer sentence is cut between words."""

_CLAUSE = 60
"""How much further from the middle a cut may be if it comes after a clause."""

_MARKED = re.compile(r"^[ \t]*(?:```|~~~|\||>| {4}|\t)|\|[ \t]*:?-|-:?[ \t]*\|", re.MULTILINE)
_LINE = re.compile(r"[^\r\n]*[^\s][^\r\n]*")
_ROW = re.compile(r"^[ \t]*\|[^\r\n]*", re.MULTILINE)
_RULE = re.compile(r"[|:\-\s]+")
_FENCE = re.compile(r"\s*(?:[-*+>]\s+)*(?:`{3,}[^`]*|~{3,}.*)")
_LIMIT = re.compile(r"(?P<clause>(?<=[,;:–—)])\s+)|\s+")


class Form(StrEnum):
    """How a unit reads, and so what joins to it."""

    WORDS = "words"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Unit:
    """A range of a text, in code points, without white space at either end.

    ``opens`` and ``closes``: whether its sentence begins and ends with it.
    """

    start: int
    end: int
    form: Form = Form.WORDS
    opens: bool = True
    closes: bool = True


def written(text: str) -> list[Unit]:
    """The units of a written text; headings only where nothing else is."""
    if _MARKED.search(text):
        found = [unit for block in markdown.blocks(text) for unit in _of_block(text, block)]
    else:
        found = list(_words(text, 0, len(text)))
    return [u for u in found if text[u.start] != "#" or u.form is not Form.WORDS] or found


def spoken(
    text: str, labels: Collection[str] | None = None, everybody: Collection[str] = ()
) -> list[Unit]:
    """The units of a transcript, without names and times.

    With ``labels`` only what these speakers say: nothing where none of them is found. A passage may
    begin in the middle of what somebody says, without a name: that is who of ``everybody`` that
    speaks in it has no turn of their own, if it is one.
    """
    turns = transcript.turns(text)
    named = {turn.label for turn in turns}
    unnamed = [label for label in everybody if label not in named]
    first = unnamed[0] if len(unnamed) == 1 else None
    chosen = [turn for turn in turns if labels is None or (turn.label or first) in labels]
    return [unit for turn in chosen for unit in _words(text, turn.text_start, turn.end)]


def joined(text: str, before: Unit, after: Unit) -> bool:
    """Whether two neighbours are of one paragraph, table or block of code."""
    gap = text[before.end : after.start]
    return (
        before.form is after.form and not gap.strip() and gap.replace("\r\n", "\n").count("\n") < 2
    )


def _of_block(text: str, block: markdown.Block) -> Iterator[Unit]:
    if block.kind == "code":
        lines = list(_LINE.finditer(text, block.start, block.end))
        if lines and _FENCE.fullmatch(lines[0][0]):
            lines = lines[1:-1] if _FENCE.fullmatch(lines[-1][0]) else lines[1:]
        yield from (_stripped(text, *line.span(), Form.CODE) for line in lines)
    elif block.kind == "table":
        yield from _rows(text, _LINE.finditer(text, block.start, block.end))
    else:
        # The later part of a long table comes without the lines that make it one.
        at = block.start
        for row in _ROW.finditer(text, block.start, block.end):
            yield from _words(text, at, row.start())
            yield from _rows(text, [row])
            at = row.end()
        yield from _words(text, at, block.end)


def _rows(text: str, lines: Iterable[re.Match[str]]) -> Iterator[Unit]:
    for line in lines:
        if not _RULE.fullmatch(line[0]):
            yield _stripped(text, *line.span(), Form.ROW)


def _stripped(text: str, start: int, end: int, form: Form) -> Unit:
    line = text[start:end]
    return Unit(start + len(line) - len(line.lstrip()), start + len(line.rstrip()), form)


def _words(text: str, start: int, end: int) -> Iterator[Unit]:
    for first, last in sentences(text[start:end]):
        yield from _parts(text, start + first, start + last)


def _parts(text: str, start: int, end: int) -> Iterator[Unit]:
    """A sentence, or where it is long parts of similar length, if possible cut after a clause."""
    at = start
    while end - at > LONG:
        target = at + (end - at) // -(-(end - at) // LONG)
        near: list[re.Match[str]] = []
        for limit in _LIMIT.finditer(text, at, end):
            if near and limit.start() - at > LONG:
                break
            near.append(limit)
        if not near:
            break
        cut = min(near, key=lambda m: abs(m.start() - target) - _CLAUSE * (m["clause"] is not None))
        yield Unit(at, cut.start(), opens=at == start, closes=False)
        at = cut.end()
    yield Unit(at, end, opens=at == start)
