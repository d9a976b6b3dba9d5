"""What changed between two texts, word by word, at a bounded cost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

MOST = 400_000
"""Characters of both texts together beyond which nothing is compared."""

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
# What is compared costs at most by the square of these, the worst by their third power: so few that
# no text takes long.
_LINES = 1_500
_WORDS = 400
_ALL_WORDS = 20_000
_AROUND = 2


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of either text, or of both with what differs in it. ``change``: of all of it."""

    change: Change
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring lines of which some changed; ``skipped`` equal ones stand before them."""

    skipped: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changed. ``rest``: how many equal lines stand at the end; ``too_long``: the texts
    are so long that they were not compared."""

    hunks: tuple[Hunk, ...]
    rest: int = 0
    too_long: bool = False


def difference(old: str, new: str) -> Difference:
    """What has to be done to the one to make the other of it."""
    if len(old) + len(new) > MOST:
        return Difference((), too_long=True)
    return _hunks(list(_compared(old.splitlines(), new.splitlines())))


def words(old: str, new: str) -> tuple[Part, ...]:
    """The same of one line, such as a title."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > _WORDS:
        return (Part(Change.REMOVED, old), Part(Change.ADDED, new))
    return tuple(_parts(before, after))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    left = _ALL_WORDS
    for tag, a, b, c, d in _steps(old, new, _LINES):
        if tag == "equal":
            yield from (_whole(Change.SAME, line) for line in old[a:b])
            continue
        gone, come = old[a:b], new[c:d]
        paired = min(len(gone), len(come))
        for one, other in zip(gone[:paired], come[:paired], strict=True):
            cost = len(_WORD.findall(one)) + len(_WORD.findall(other))
            left -= cost
            if left < 0 or not _alike(one, other):
                yield _whole(Change.REMOVED, one)
                yield _whole(Change.ADDED, other)
            else:
                yield Line(Change.SAME, words(one, other))
        yield from (_whole(Change.REMOVED, line) for line in gone[paired:])
        yield from (_whole(Change.ADDED, line) for line in come[paired:])


def _alike(one: str, other: str) -> bool:
    """Whether so much is the same that one line tells it better than two."""
    first, second = set(_WORD.findall(one)), set(_WORD.findall(other))
    return 2 * len(first & second) >= max(len(first), len(second))


def _whole(change: Change, line: str) -> Line:
    return Line(change, (Part(change, line),))


def _parts(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    for tag, a, b, c, d in _steps(old, new, _WORDS):
        if tag == "equal":
            yield Part(Change.SAME, "".join(old[a:b]))
            continue
        if a < b:
            yield Part(Change.REMOVED, "".join(old[a:b]))
        if c < d:
            yield Part(Change.ADDED, "".join(new[c:d]))


def _steps(
    old: Sequence[str], new: Sequence[str], most: int
) -> Iterator[tuple[str, int, int, int, int]]:
    """As difflib tells them; what both begin and end with costs next to nothing."""
    start = 0
    shorter = min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start:
        yield "equal", 0, start, 0, start
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(a), len(b)) > most or not (a and b):
        if a or b:
            yield "replace", start, start + len(a), start, start + len(b)
    else:
        for tag, *at in SequenceMatcher(None, a, b).get_opcodes():
            first, second, third, fourth = (start + one for one in at)
            yield tag, first, second, third, fourth
    if end:
        yield "equal", len(old) - end, len(old), len(new) - end, len(new)


def _hunks(lines: Sequence[Line]) -> Difference:
    changed = [n for n, line in enumerate(lines) if any(p.change != "same" for p in line.parts)]
    hunks: list[Hunk] = []
    done = at = 0
    while at < len(changed):
        first = last = changed[at]
        while at + 1 < len(changed) and changed[at + 1] - last <= 2 * _AROUND + 1:
            at += 1
            last = changed[at]
        start, end = max(first - _AROUND, done), min(last + _AROUND + 1, len(lines))
        hunks.append(Hunk(start - done, tuple(lines[start:end])))
        done, at = end, at + 1
    return Difference(tuple(hunks), len(lines) - done)
