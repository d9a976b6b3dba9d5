"""Sections of a document, the tiny ones merged: a passage of one line is found by accident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.chunkers._ruler import Ruler
from knowledge.markdown import Block


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks that may share passages; ``parent`` are the headings around its first heading."""

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
            forward[-1] = replace(forward[-1], blocks=forward[-1].blocks + section.blocks)
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
            merged[-1] = replace(merged[-1], blocks=merged[-1].blocks + section.blocks)
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
        made.append(Section(parent, tuple(blocks)))
    return made


def _is_related(before: Section, section: Section) -> bool:
    """Whether ``section`` lies under the same parent as the one before it, or under that one."""
    path = section.blocks[0].heading_path
    return path[: len(before.parent)] == before.parent
