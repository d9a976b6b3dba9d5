"""How pages show two texts beside each other: headings as headings, without the marks that
whoever filled in a form never typed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from knowledge.differences import Change, Line, Part
from knowledge.readers._text import headings

_MARKS = re.compile(r" {0,3}#{1,6}[ \t]+")


def headed(text: str) -> Iterator[tuple[bool, str]]:
    """A text in pieces, each with whether it is a heading, which has its marks taken off."""
    done = 0
    for one in headings(text):
        line = text[one.start : one.end]
        bare = _MARKS.sub("", line, count=1)
        if bare == line:
            continue  # A heading by the line below it, which has no marks.
        yield False, text[done : one.start]
        yield True, bare
        done = one.end
    yield False, text[done:]


def heading(line: Line, known: Collection[str]) -> tuple[Part, ...] | None:
    """What changed in a heading, without its marks; None for any other line.

    ``known``: the lines that are headings. Where the marks themselves changed they are shown.
    """
    before = "".join(one.text for one in line.parts if one.change is not Change.ADDED)
    after = "".join(one.text for one in line.parts if one.change is not Change.REMOVED)
    if before not in known and after not in known:
        return None
    first, *rest = line.parts
    return (Part(first.change, _MARKS.sub("", first.text, count=1)), *rest)
