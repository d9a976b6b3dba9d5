"""Sections of a document, the tiny ones merged: a passage of one line is found by accident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from indexer.chunkers._ruler import Ruler
from knowledge.markdown import Block


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks that may share passages, and the headings above all of them.

    ``parent`` are the headings around its first heading.
    """

    path: tuple[str, ...]
    parent: tuple[str, ...]
    blocks: tuple[Block, ...]

    def size(self, ruler: Ruler) -> int:
        """In tokens."""
        return ruler.count(self.blocks[0].start, self.blocks[-1].end)


def sections(found: Sequence[Block], ruler: Ruler, *, tiny: int, high: int) -> list[Section]:
    """One section a heading; those under ``tiny`` tokens join the next under the same parent.

    The last joins the one before, if both make no more than ``high`` tokens.
    """
    split = _split(found)
    merged: list[Section] = []
    for section, following in zip_longest(split, split[1:]):
        if merged and (
            _goes_on(merged[-1], section, ruler, tiny)
            or _is_rest(merged[-1], section, following, ruler, tiny, high)
        ):
            merged[-1] = _joined(merged[-1], section)
        else:
            merged.append(section)
    return merged


def _split(found: Sequence[Block]) -> list[Section]:
    opened: list[list[Block]] = []
    for block in found:
        if not opened or block.kind == "heading":
            opened.append([])
        opened[-1].append(block)
    made = []
    for blocks in opened:
        path = blocks[0].heading_path
        parent = path[:-1] if blocks[0].kind == "heading" else path
        made.append(Section(path, parent, tuple(blocks)))
    return made


def _goes_on(before: Section, section: Section, ruler: Ruler, tiny: int) -> bool:
    """Whether ``section`` is a sibling or child of a tiny one."""
    return _is_below(section.path, before.parent) and before.size(ruler) < tiny


def _is_rest(
    before: Section,
    section: Section,
    following: Section | None,
    ruler: Ruler,
    tiny: int,
    high: int,
) -> bool:
    """Whether ``section`` is tiny, has nothing to join after it, and fits with what is before."""
    if following is not None and _is_below(following.path, section.parent):
        return False
    return (
        _is_below(section.path, before.parent)
        and section.size(ruler) < tiny
        and ruler.count(before.blocks[0].start, section.blocks[-1].end) <= high
    )


def _joined(before: Section, section: Section) -> Section:
    # A bare heading above its first subsection adds nothing to that one's path.
    bare = all(block.kind == "heading" for block in before.blocks)
    path = section.path if bare and _is_below(section.path, before.path) else before.path
    if not _is_below(section.path, before.path):
        path = before.parent
    return replace(before, path=path, blocks=before.blocks + section.blocks)


def _is_below(path: tuple[str, ...], ancestor: tuple[str, ...]) -> bool:
    return path[: len(ancestor)] == ancestor
