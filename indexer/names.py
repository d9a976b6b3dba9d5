"""Strings by number, for columns to hold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence


def lowered(name: str) -> Iterable[str]:
    """The name itself, in whatever case."""
    return (name.lower(),)


class Names:
    """Strings by number, each once; a file holds only those in use. Safe to read by several
    threads; the caller excludes writers."""

    def __init__(
        self, names: Iterable[str] = (), keys: Callable[[str], Iterable[str]] = lowered
    ) -> None:
        """``keys`` gives what a string is found by."""
        self.all = list(names)
        self._numbers = {name: number for number, name in enumerate(self.all)}
        self._keys = keys
        self._by_key: dict[str, list[int]] = {}
        self._keyed = 0
        self._keying = threading.Lock()

    def number(self, name: str) -> int:
        """The name's number, a new one for a new name."""
        found = self._numbers.setdefault(name, len(self.all))
        if found == len(self.all):
            self.all.append(name)
        return found

    def found(self, key: str) -> Sequence[int]:
        """The numbers of the names that have this key."""
        if self._keyed < len(self.all):
            with self._keying:
                for number in range(self._keyed, len(self.all)):
                    for own in self._keys(self.all[number]):
                        self._by_key.setdefault(own, []).append(number)
                self._keyed = len(self.all)
        return self._by_key.get(key, ())
