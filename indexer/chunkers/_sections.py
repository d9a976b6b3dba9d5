"""Sections of a document, the tiny ones merged: a passage of one line is found by accident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

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
    forward: list[Section] = []
    for section in _split(found):
        if forward and _is_related(forward[-1], section) and forward[-1].size(ruler) < tiny:
            forward[-1] = _joined(forward[-1], section)
        else:
            forward.append(section)
    # What is tiny now has no sibling after it.
    merged: list[Section] = []
    for section in forward:
        if (
            merged
            and _is_related(merged[-1], section)
            and section.size(ruler) < tiny
            and ruler.count(merged[-1].blocks[0].start, section.blocks[-1].end) <= high
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


def _is_related(before: Section, section: Section) -> bool:
    """Whether ``section`` lies under the same parent as the one before it, or under that one."""
    return section.path[: len(before.parent)] == before.parent


def _joined(before: Section, section: Section) -> Section:
    path = tuple(
        name
        for name, _ in takewhile(
            lambda pair: pair[0] == pair[1], zip(before.path, section.path, strict=False)
        )
    )
    # A bare heading above its first subsection is part of that one's path.
    if path == before.path and all(block.kind == "heading" for block in before.blocks):
        path = section.path
    return replace(before, path=path, blocks=before.blocks + section.blocks)
