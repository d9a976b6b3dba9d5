"""Which titles say something that the text below them does not."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")
_HEADING = re.compile(r"\s*(?:#|\S[^\n]*\n {0,3}(?:=+|-+)[ \t]*(?:\n|$))")


def names_itself(title: str, external_id: str) -> bool:
    """Whether a title is only the id of its source, or the last part of such a path."""
    return title.strip() in (external_id, re.split(r"[/:]", external_id)[-1])


def opens(title: str, text: str) -> bool:
    """Whether a title is only how the text begins, which readers take where there is no other.

    It may end inside a word. What stands there as a heading is a title and no beginning.
    """
    if _HEADING.match(text):
        return False
    wanted, told = _words(title), _words(text)
    told = told[: len(wanted)]
    if len(wanted) < 2 or len(told) < len(wanted):
        return wanted == told
    return told[:-1] == wanted[:-1] and told[-1].startswith(wanted[-1])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
