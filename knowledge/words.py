"""Texts as they are suggested by: words without case and accents, to be matched by beginnings."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_WORD = re.compile(r"\w+")
# An index row of PostgreSQL holds 2,700 bytes.
_MAX_BYTES = 2000


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """The words of a text, in order: "José's Übung" is jose, s, ubung."""
    told = unicodedata.normalize("NFKD", text).casefold()
    return tuple(_WORD.findall("".join(c for c in told if not unicodedata.combining(c))))


def suggest_key(texts: Iterable[str]) -> str:
    """What is stored to find any of the texts: each word has a space before it.

    Cut where it gets too long, so put first what matters most.
    """
    told = "\n".join(f" {' '.join(words(text))}" for text in texts)
    return told.encode("utf-8", "ignore")[:_MAX_BYTES].decode("utf-8", "ignore")


def begin(text: str, wanted: Iterable[str]) -> bool:
    """Whether each wanted word begins a word of the text."""
    held = words(text)
    return all(any(word.startswith(start) for word in held) for start in wanted)


def url_key(url: str) -> str:
    """The key by which an address is looked up: its SHA-256 in hex."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
