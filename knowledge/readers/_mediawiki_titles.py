"""Which page a link of MediaWiki's means: by title, through redirects, to the page's id.

A page's id survives when it is moved, a title does not; but links say titles. So a dump is read
twice, and the first reading keeps of each page 16 bytes here: what half a million pages are
called must not cost hundreds of megabytes.
"""

from __future__ import annotations

from array import array
from hashlib import blake2b

_START = 1 << 12
_REDIRECT = 1 << 63
_HOPS = 5


class Titles:
    """Titles to page ids: a hash table of two flat arrays."""

    def __init__(self) -> None:
        self._count = 0
        self._keys = array("Q", bytes(8 * _START))
        self._values = array("Q", bytes(8 * _START))

    def add(self, title: str, page: str, redirect: str = "") -> None:
        """A page, or one that only leads to another. What has no number is left out."""
        if redirect:
            value = _REDIRECT | _key(redirect)
        elif page.isascii() and page.isdecimal() and len(page) < 19 and int(page) > 0:
            value = int(page)
        else:
            return
        if self._count * 2 >= len(self._keys):
            self._grow()
        self._put(_key(title), value)

    def page(self, title: str) -> str | None:
        """The id of the page that a title means in the end; None where there is none."""
        key = _key(title)
        for _ in range(_HOPS):
            value = self._values[self._slot(key)]
            if not value & _REDIRECT:
                return str(value) if value else None
            key = value & ~_REDIRECT
        return None

    def _put(self, key: int, value: int) -> None:
        slot = self._slot(key)
        self._count += not self._keys[slot]
        self._keys[slot], self._values[slot] = key, value

    def _slot(self, key: int) -> int:
        mask = len(self._keys) - 1
        slot = key & mask
        while self._keys[slot] and self._keys[slot] != key:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        old = zip(self._keys, self._values, strict=True)
        size = 8 * 2 * len(self._keys)
        self._keys, self._values = array("Q", bytes(size)), array("Q", bytes(size))
        self._count = 0
        for key, value in old:
            if key:
                self._put(key, value)


def _key(title: str) -> int:
    digest = blake2b(title.encode("utf-8", "replace"), digest_size=8).digest()
    return (int.from_bytes(digest) & ~_REDIRECT) or 1
