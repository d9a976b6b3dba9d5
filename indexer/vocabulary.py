"""The words of the corpus, and which audiences' documents hold them.

For one asker only the words of what they may read exist: every question takes the asker's scope.
Held in memory and saved with a snapshot. Not thread-safe: the caller excludes writers.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.word_counts import WordCounts
from knowledge.errors import IndexDamaged
from knowledge.types import Document, Passage

Analyze = Callable[[str], Sequence[str]]
Scope = frozenset[int] | None
"""Audience ids; None for the operator, who sees everything."""

SHORTEST, LONGEST = 3, 30
_WORD = re.compile(r"[^\W_]+")


def words_in(text: str) -> set[str]:
    """The words of a text that a query may be corrected to: letters only, lower-cased."""
    return {
        word
        for word in _WORD.findall(text.lower())
        if SHORTEST <= len(word) <= LONGEST and word.isalpha()
    }


def words_of(document: Document, passages: Iterable[Passage]) -> tuple[set[str], set[str]]:
    """The words of a document: all of them, and those of its title, tags and people."""
    named = [document.title, *document.tags, *(c.name for c in document.contributions)]
    told = [*named]
    for passage in passages:
        told += (passage.text, *passage.heading_path, *(s.label for s in passage.speakers))
    return words_in("\n".join(told)), words_in("\n".join(named))


class Vocabulary:
    """Words by document and, derived from it, how many documents of an audience hold a word.

    A document counts once for a word, and twice where the word is in its title, its tags or the
    names of its people: those are spelt with care.
    """

    def __init__(self, analyze: Analyze) -> None:
        """``analyze`` gives a word's stem; two words of one stem find the same passages."""
        self._analyze = analyze
        self._words: list[str] = []
        self._ids: dict[str, int] = {}
        self._stems: dict[str, tuple[int, ...]] = {}
        self._held = array("Q")
        self._free: list[int] = []
        self._documents: dict[int, tuple[int, bytes]] = {}
        self._counts: dict[int, WordCounts] = {}
        self._by_length: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def put(self, document_id: int, audience_id: int, words: set[str], named: set[str]) -> None:
        """Add or replace a document, see ``words_of``."""
        self.remove(document_id)
        ids = sorted(self._id(word) for told in (words, named) for word in sorted(told))
        if ids and audience_id not in self._counts:
            self._counts[audience_id] = WordCounts()
        for key in ids:
            self._counts[audience_id].add(key, 1)
            self._held[key] += 1
        self._documents[document_id] = audience_id, _pressed(np.array(ids, dtype=np.uint32))

    def remove(self, document_id: int) -> None:
        """Forget a document, and the words that no other holds; an unknown one is ignored."""
        if document_id not in self._documents:
            return
        audience_id, pressed = self._documents.pop(document_id)
        ids = _unpressed(pressed).tolist()
        for key in ids:
            self._counts[audience_id].add(key, -1)
            self._held[key] -= 1
            if not self._held[key]:
                self._forget(key)
        if ids and not self._counts[audience_id].total:
            del self._counts[audience_id]

    def knows(self, word: str, scope: Scope) -> bool:
        """Whether a document in scope holds the lower-cased word or another of its stem."""
        key = self._ids.get(word)
        if key is not None and any(self._seen(key, scope)):
            return True
        return any(any(self._seen(key, scope)) for key in self._stems.get(self.stem(word), ()))

    def frequency(self, word: str, scope: Scope) -> int:
        """How many documents in scope hold the lower-cased word, see the class; 0 for none."""
        key = self._ids.get(word)
        return 0 if key is None else sum(self._seen(key, scope))

    def stem(self, word: str) -> str:
        """What the lexical index makes of a word."""
        made = " ".join(self._analyze(word))
        return word if made == word else made  # one string less to keep

    def of_length(self, length: int) -> list[str]:
        """Every word of so many letters, whoever may read it: ask for its frequency in scope."""
        if length not in self._by_length:
            self._by_length[length] = [word for word in self._ids if len(word) == length]
        return self._by_length[length]

    def held(self) -> dict[int, int]:
        """The audience of every document that was put in."""
        return {key: audience for key, (audience, _) in self._documents.items()}

    def words(self, document_id: int) -> list[str]:
        """The words of a document, sorted, some twice, see the class; empty for an unknown one."""
        if document_id not in self._documents:
            return []
        _, pressed = self._documents[document_id]
        return sorted(self._words[key] for key in _unpressed(pressed).tolist())

    def _seen(self, key: int, scope: Scope) -> Iterator[int]:
        """How often a word is held, by audience in scope, one after the other."""
        if scope is None:
            yield self._held[key]
        elif len(scope) <= len(self._counts):
            yield from (self._counts[a][key] for a in scope if a in self._counts)
        else:
            yield from (held[key] for a, held in self._counts.items() if a in scope)

    def _id(self, word: str) -> int:
        key = self._ids.get(word)
        if key is None:
            if self._free:
                key = self._free.pop()
                self._words[key] = word
            else:
                key = len(self._words)
                self._words.append(word)
                self._held.append(0)
            self._ids[word] = key
            stem = self.stem(word)
            self._stems[stem] = (*self._stems.get(stem, ()), key)
            self._by_length.pop(len(word), None)
        return key

    def _forget(self, key: int) -> None:
        word = self._words[key]
        self._words[key] = ""
        del self._ids[word]
        self._free.append(key)
        self._by_length.pop(len(word), None)
        stem = self.stem(word)
        left = tuple(other for other in self._stems[stem] if other != key)
        if left:
            self._stems[stem] = left
        else:
            del self._stems[stem]

    def save(self, path: Path) -> None:
        """Write everything to one file."""
        # By audience, so that each audience's words stand together.
        documents = sorted(self._documents.items(), key=lambda item: (item[1][0], item[0]))
        ids = [_unpressed(pressed) for _, (_, pressed) in documents]
        with path.open("wb") as file:
            np.savez(
                file,
                words=_packed(self._words),
                stems=_packed(self.stem(word) if word else "" for word in self._words),
                documents=np.array([key for key, _ in documents], dtype=np.int64),
                audiences=np.array([audience for _, (audience, _) in documents], dtype=np.int64),
                sizes=np.array([one.size for one in ids], dtype=np.int64),
                ids=np.concatenate([np.empty(0, np.uint32), *ids]),
            )

    def load(self, path: Path) -> None:
        """Replace the content by what ``save`` wrote. Raises IndexDamaged, OSError."""
        self.__init__(self._analyze)  # type: ignore[misc]
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as told:
                words, stems = _unpacked(told["words"]), _unpacked(told["stems"])
                documents, audiences = told["documents"], told["audiences"]
                sizes, ids = told["sizes"], told["ids"]
        except (zipfile.BadZipFile, EOFError, KeyError, ValueError) as error:
            raise IndexDamaged(f"{path.name} cannot be read") from error
        self._words = words
        self._ids = {word: key for key, word in enumerate(words) if word}
        self._free = [key for key, word in enumerate(words) if not word]
        for key, (word, stem) in enumerate(zip(words, stems, strict=True)):
            if word:
                shared = word if stem == word else stem
                self._stems[shared] = (*self._stems.get(shared, ()), key)
        self._held = array("Q", np.bincount(ids, minlength=len(words)).astype(np.uint64).tobytes())
        ends = np.cumsum(sizes)
        starts = ends - sizes
        pressed = _all_pressed(ids, starts, ends)
        held = zip(audiences.tolist(), pressed, strict=True)
        self._documents = dict(zip(documents.tolist(), held, strict=True))
        for audience_id in np.unique(audiences).tolist():
            (mine,) = np.nonzero(audiences == audience_id)
            counts = np.bincount(ids[starts[mine[0]] : ends[mine[-1]]], minlength=len(words))
            some = np.flatnonzero(counts)
            self._counts[audience_id] = WordCounts(some, counts[some])


def _pressed(ids: NDArray[np.uint32]) -> bytes:
    """Ascending ids as the steps between them, which mostly fit into two bytes each."""
    steps = np.diff(ids, prepend=np.uint32(0))
    width = 2 if not ids.size or int(steps.max()) < 2**16 else 4
    return bytes([width]) + steps.astype(f"<u{width}").tobytes()


def _all_pressed(
    ids: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> Iterator[bytes]:
    """What ``_pressed`` makes of each ``ids[start:end]``."""
    steps = np.diff(ids, prepend=np.uint32(0)).astype("<u4")
    firsts = starts[starts < ends]
    steps[firsts] = ids[firsts]
    far = np.flatnonzero(steps >= 2**16)
    fit = np.searchsorted(far, starts) == np.searchsorted(far, ends)
    two, four = memoryview(steps.astype("<u2").tobytes()), memoryview(steps.tobytes())
    for start, end, fits in zip(starts.tolist(), ends.tolist(), fit.tolist(), strict=True):
        yield b"\2" + two[2 * start : 2 * end] if fits else b"\4" + four[4 * start : 4 * end]


def _unpressed(pressed: bytes) -> NDArray[np.uint32]:
    return np.cumsum(np.frombuffer(pressed, f"<u{pressed[0]}", offset=1), dtype=np.uint32)


def _packed(words: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode(), dtype=np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\n") if packed.size else []
