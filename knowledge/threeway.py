"""Two people's changes of one text, made one by paragraphs; what both changed is for somebody to
choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# So many paragraphs are compared at most, after those at both ends in which all agree: what it
# costs may grow with their third power.
_MOST = 300


@dataclass(frozen=True, slots=True)
class Piece:
    """Some paragraphs. Where there is no ``conflict``, ``mine`` is what both mean."""

    base: str
    mine: str
    theirs: str
    conflict: bool


def merge(base: str, mine: str, theirs: str) -> tuple[Piece, ...]:
    """The pieces of the text in order; together their ``mine`` would be mine with what only they
    changed."""
    parts = [_paragraphs(text) for text in (base, mine, theirs)]
    return tuple(_pieces(*parts))


def joined(texts: Sequence[str]) -> str:
    """Pieces as one text, with a blank line between paragraphs that lost theirs."""
    whole = ""
    for text in texts:
        if whole and text and not whole.endswith("\n\n"):
            whole = whole.rstrip("\n") + "\n\n"
        whole += text
    return whole


def together(one: str, other: str) -> str:
    """All that either text says: what both say once, and where they differ what the one says before
    what the other does."""
    texts: list[str] = []
    for piece in merge(one, one, other):
        texts.append(piece.base)
        if not _same(piece.base, piece.theirs):
            texts.append(piece.theirs)
    return joined(texts)


def _paragraphs(text: str) -> list[str]:
    """Lines up to a blank one, with the blank ones behind them."""
    found: list[list[str]] = []
    ended = True
    for line in text.replace("\r\n", "\n").splitlines(keepends=True):
        blank = not line.strip()
        if not found or (ended and not blank):
            found.append([])
        found[-1].append(line)
        ended = blank
    return ["".join(lines) for lines in found]


def _pieces(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[Piece]:
    at = (0, 0, 0)
    for start, here, there, size in _agreed(base, mine, theirs):
        yield from _between(base[at[0] : start], mine[at[1] : here], theirs[at[2] : there])
        same = "".join(mine[here : here + size])
        if same:
            yield Piece(same, same, same, False)
        at = (start + size, here + size, there + size)


def _agreed(
    base: list[str], mine: list[str], theirs: list[str]
) -> Iterator[tuple[int, int, int, int]]:
    """Where all three agree: places in each, and for how many paragraphs; ends with their ends."""
    keys = [[one.strip() for one in text] for text in (base, mine, theirs)]
    shortest = min(map(len, keys))
    head = _alike(keys, shortest)
    tail = _alike([text[::-1] for text in keys], shortest - head)
    if head:
        yield 0, 0, 0, head
    middle = [text[head : len(text) - tail] for text in keys]
    if max(map(len, middle)) <= _MOST:
        for start, here, there, size in _blocks(*middle):
            yield start + head, here + head, there + head, size
    if tail:
        yield len(base) - tail, len(mine) - tail, len(theirs) - tail, tail
    yield len(base), len(mine), len(theirs), 0


def _alike(keys: Sequence[Sequence[str]], most: int) -> int:
    """In how many paragraphs, from the first on, all agree."""
    alike = (at for at in range(most) if len({text[at] for text in keys}) > 1)
    return next(alike, most)


def _blocks(
    base: list[str], mine: list[str], theirs: list[str]
) -> Iterator[tuple[int, int, int, int]]:
    ours = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    others = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    at = 0
    for one in ours:
        # Both stand in the order of the base: what ends before this block ends before the next.
        while at < len(others) and others[at].a + others[at].size <= one.a:
            at += 1
        for other in others[at:]:
            start = max(one.a, other.a)
            size = min(one.a + one.size, other.a + other.size) - start
            if other.a >= one.a + one.size:
                break
            if size > 0:
                yield start, one.b + start - one.a, other.b + start - other.a, size


def _between(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[Piece]:
    if len(base) == len(mine) == len(theirs) > 1:
        # Neighbours that were changed in place, perhaps each by another.
        for one in zip(base, mine, theirs, strict=True):
            yield from _between(*([text] for text in one))
        return
    old, ours, others = ("".join(text) for text in (base, mine, theirs))
    if not (old or ours or others):
        return
    if _same(ours, others) or _same(others, old):
        yield Piece(old, ours, ours, False)
    elif _same(ours, old):
        yield Piece(old, others, others, False)
    else:
        yield Piece(old, ours, others, True)


def _same(one: str, other: str) -> bool:
    return one.strip() == other.strip()
