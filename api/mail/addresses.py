"""Which addresses mail goes to, and what may stand in a header."""

from __future__ import annotations

import re
import unicodedata

# The usual characters, unquoted: what else may stand there is not worth what can be done with it.
_GOOD = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_LONGEST = 254
# What begins an encoded word (RFC 2047): it can stand for any character, line ends among them, and
# ``email`` decodes it in whatever is set as a header.
_ENCODED = "=?"
_LINE = 150


def is_good(address: str) -> bool:
    """Whether mail can be sent there, and nothing else can be meant by it."""
    if len(address) > _LONGEST or _ENCODED in address:
        return False
    return _GOOD.fullmatch(address) is not None


def one_line(text: str, longest: int = _LINE) -> str:
    """A text as it may stand in a header: no line ends, nothing unseen or encoded, not too long."""
    seen = "".join(
        " " if unicodedata.category(one)[0] in "CZ" else one for one in text.replace("\xad", "")
    )
    told = " ".join(seen.split()).replace(_ENCODED, "= ?")
    return told if len(told) <= longest else f"{told[: longest - 1].rstrip()}…"
