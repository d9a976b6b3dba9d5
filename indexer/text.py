"""Text as native libraries accept it."""

from __future__ import annotations


def encodable(text: str) -> str:
    """``text`` with each lone surrogate replaced by ``?``, so that UTF-8 can express it.

    JSON can carry lone surrogates into a query. The length stays the same, and so do offsets.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
