"""Texts from strangers: from bytes, and as numbers."""

from __future__ import annotations

import hashlib
import os

from knowledge.archives import Refused

_KEY = os.urandom(16)


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8, or UTF-16 with a byte order mark. Raises Refused otherwise."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data:
        raise Refused("holds NUL bytes: a binary file, or damaged; export it again as text")
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8-sig" and error.reason == "unexpected end of data":
            raise Refused(
                "ends in the middle of a character: half-written; copy it again"
            ) from error
        raise Refused("not UTF-8 text; save it as UTF-8") from error
    if not text.strip():
        raise Refused("the file is empty")
    check_text(text)
    return text


def check_text(text: str) -> None:
    """Raise Refused for text that no database takes: NULs and halves of surrogate pairs."""
    if "\0" in text:
        raise Refused("holds NUL characters; export it again as text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Refused("holds half a surrogate pair: damaged text; export it again") from error


def number(text: str) -> int:
    """64 bits that stand for a text while this process lives. Nobody can choose a text to have the
    number of another, and of a million texts two have the same by chance once in 30 million."""
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8, key=_KEY).digest())
