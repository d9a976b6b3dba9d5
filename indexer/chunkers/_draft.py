"""What the chunkers share: a passage's embedded text and the titles in front of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import takewhile

from indexer.protocols import TokenStarts

SEPARATOR = " › "
PREFIX_TOKENS = 40


def text_hash(embed_text: str) -> str:
    """SHA-256 in hex. Lone surrogates, which UTF-8 has no form for, count as they are."""
    return sha256(embed_text.encode(errors="surrogatepass")).hexdigest()


def squeezed(text: str) -> str:
    """``text`` with runs of blanks as one space and runs of line ends as one."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def below(title: str, headings: Sequence[str]) -> tuple[str, ...]:
    """The heading path without the title, where the first heading only repeats it."""
    path = tuple(headings)
    if path and _same(path[0], title):
        return path[1:]
    return path


def common(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What all of at least one path begin with."""
    # In dictionary order, the first and the last differ the earliest.
    first, last = min(paths), max(paths)
    equal = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return tuple(name for name, _ in equal)


def prefix(title: str, headings: Sequence[str], token_starts: TokenStarts) -> str:
    """Title and headings in one line of at most ``PREFIX_TOKENS``, with a line end; or nothing.

    When they are too long, headings between the first and the last part go first, then ends.
    """
    parts = [part for part in (" ".join(p.split()) for p in (title, *headings)) if part]
    while parts:
        line = SEPARATOR.join(parts)
        # No token is shorter than a character.
        starts = token_starts(line) if len(line) > PREFIX_TOKENS else ()
        if len(starts) <= PREFIX_TOKENS:
            return line + "\n"
        if len(parts) > 2:
            del parts[-2]
            continue
        share = PREFIX_TOKENS // len(parts) - 2
        parts = [_shortened(part, share, token_starts) for part in parts]
        return SEPARATOR.join(parts) + "\n"
    return ""


def _shortened(part: str, limit: int, token_starts: TokenStarts) -> str:
    starts = token_starts(part)
    return part if len(starts) <= limit else part[: int(starts[limit])].rstrip()


def _same(a: str, b: str) -> bool:
    return re.sub(r"\W+", "", a).casefold() == re.sub(r"\W+", "", b).casefold()
