"""Sentence limits by punctuation and line structure: light, deterministic, linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(
    r"""(?P<stop>(?<![.!?…‽])[.!?…‽]++)(?P<close>["'”’»)\]}*_`]*+)(?=\s|\Z)  # Western
      |[。！？｡]++[」』”’）]*+                                              # CJK: no space after it
      |(?P<line>\r\n?|\n)""",
    re.VERBOSE,
)
# What a new line starts with when it is no continuation of a wrapped sentence: nothing, a
# Markdown block, or a speaker's name.
_NEW_LINE = re.compile(
    r"""[ \t]*+(?:[\r\n]|\Z|[-*+•‣–][ \t]|\#{1,6}[ \t]|\d{1,3}[.)][ \t]|[>|]|```|~~~|\*\*|\\?\[
        |(?-i:[^\W\d_a-z])[^:.!?\r\n]{0,59}:[ \t])""",
    re.VERBOSE,
)
_NEXT = re.compile(r"[\s\"'“‘«(\[*_`]*+([\s\S])?")
_WORD = re.compile(r"[\w.&/-]*\Z")
_ABBREVIATION = re.compile(
    r"""mr|mrs|ms|mx|dr|prof|hon|rev|gen|sen|rep|gov|capt|col|lt|sgt|vs|nr|vol|figs?|eqs?|secs?|ch
        |pp|eds?|al|cf|approx|dept|est|avg|ca|resp|incl|e\.g|i\.e|a\.k\.a|jan|feb|mar|apr|jun|jul
        |aug|sept?|oct|nov|dec|bzw|z\.b|d\.h|u\.a|st|sr|jr""",
    re.VERBOSE,
)
_LOOK_BACK = 24


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of ``text`` as (start, end) code-point offsets, ascending.

    They do not overlap and hold every non-blank character; only white space lies between them.
    A heading, a list item, a table row and a speaker's line are sentences of their own. There is
    no upper limit to a sentence's length. A blank text has none.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for end in _ends(text):
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            found.append((first, first + len(stripped)))
        start = end
    return found


def _ends(text: str) -> Iterator[int]:
    start, line_start = 0, 0
    for match in _END.finditer(text):
        if match["line"]:
            heading = text.startswith("#", line_start)
            line_start = match.end()
            if not heading and not _NEW_LINE.match(text, line_start):
                continue
        elif match["stop"] and not _is_end(text, start, match):
            continue
        start = match.end()
        yield start
    yield len(text)


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    stop = match.start()
    after = _NEXT.match(text, match.end())
    following = (after[1] if after else None) or ""
    if not following:
        return True
    if stop == 0 or text[stop - 1].isspace():
        # Tokenised text, such as "So . and then": a stop on its own is always one.
        return True
    if following.islower():
        return False
    if match["stop"] != ".":
        return True
    word = _WORD.search(text, max(start, stop - _LOOK_BACK), stop)
    before = word[0].lower() if word else ""
    if len(before) == 1 and before.isalpha():
        return before == "i"  # otherwise an initial, as in "J. Smith"
    if before.isdigit() and text[start : stop - len(before)].strip("-*+#> \t\r\n") == "":
        return False  # the number of a list item
    return _ABBREVIATION.fullmatch(before) is None
