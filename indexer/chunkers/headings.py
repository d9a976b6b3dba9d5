"""Cuts text by its headings: a section's passages never mix with the next one's.

Lengths are those of the text without Markdown's notation, which is what the model sees: a table
of links would otherwise make passages of a few words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from indexer.chunkers._draft import below, common, prefix, squeezed, text_hash
from indexer.chunkers._pack import Sizes, Unit, pack
from indexer.chunkers._ruler import Ruler
from indexer.chunkers._sections import Section, sections
from indexer.protocols import TokenStarts
from indexer.sentences import sentences
from knowledge.markdown import Block, blanked, blocks
from knowledge.types import Kind, PassageDraft, SourceDocument

KINDS = frozenset(Kind)
SIZES = Sizes()
TINY = 40
"""Sections of fewer tokens are merged with a neighbour under the same parent."""
HEADER_TOKENS = 40
"""A longer table header is not repeated."""

# How good it is to cut before a unit; a passage 30 tokens short of 120 loses 0.5.
SECTION, BLOCK, ITEM, SENTENCE, LINE, WORD = 1.0, 0.6, 0.4, 0.0, 0.0, -0.5


def chunk(
    document: SourceDocument,
    token_starts: TokenStarts,
    *,
    sizes: Sizes = SIZES,
    tiny: int = TINY,
) -> list[PassageDraft]:
    """See ``Chunker``. A passage has at most ``sizes.high`` tokens of its own text."""
    body = document.body
    found = blocks(body)
    seen = _without_notation(body, found)
    ruler = Ruler(seen, token_starts)
    drafts: list[PassageDraft] = []
    prefixes: dict[tuple[str, ...], str] = {}
    for section in sections(found, ruler, tiny=tiny, high=sizes.high):
        units = list(_units(body, section, ruler, sizes.high))
        headers = _headers(seen, section, ruler)
        for first, last in pack(units, ruler, sizes):
            start = units[first].start
            end = start + len(body[start : units[last - 1].end].rstrip())
            path = below(document.title, _path(section.blocks, start, end))
            if path not in prefixes:
                prefixes[path] = prefix(document.title, path, token_starts)
            header = _header_above(headers, start)
            words = squeezed(seen[start:end]) or squeezed(body[start:end])
            embed_text = prefixes[path] + header + words
            drafts.append(
                PassageDraft(
                    ordinal=len(drafts),
                    heading_path=path,
                    start=start,
                    end=end,
                    text=body[start:end],
                    embed_text=embed_text,
                    text_hash=text_hash(embed_text),
                )
            )
    return drafts


def _path(blocks: Sequence[Block], start: int, end: int) -> tuple[str, ...]:
    """The headings above all of the text in a range; of bare headings, only where it has none."""
    first = bisect_right(blocks, start, key=lambda block: block.start) - 1
    last = bisect_left(blocks, end, key=lambda block: block.start)
    paths = [block.heading_path for block in blocks[first:last] if block.kind != "heading"]
    return common(paths or [block.heading_path for block in blocks[first:last]])


def _without_notation(body: str, found: Sequence[Block]) -> str:
    """``body`` as the model sees it, of the same length; code stays as it is."""
    parts: list[str] = []
    at = 0
    for block in found:
        if block.kind == "code":
            parts += blanked(body[at : block.start]), body[block.start : block.end]
            at = block.end
    parts.append(blanked(body[at:]))
    return "".join(parts)


def _units(body: str, section: Section, ruler: Ruler, high: int) -> Iterator[Unit]:
    below_heading = False
    for block in section.blocks:
        quality = SECTION if block.kind == "heading" else BLOCK
        if block.kind == "list_item":
            quality = ITEM
        whole = block.kind in ("code", "table")
        if block.kind == "heading" or (whole and ruler.count(block.start, block.end) <= high):
            pieces = [(block.start, block.end)]
        elif whole:
            pieces = _lines(body, block.start, block.end)
        else:
            pieces = _sentences(body, block.start, block.end)
        for start, end in pieces:
            for part_start, part_end in ruler.split(start, end, high):
                yield Unit(
                    start=part_start,
                    end=part_end,
                    quality=quality if part_start == start else WORD,
                    glued=below_heading,
                    repeats=not whole and block.kind != "heading",
                )
                below_heading = False
            quality = LINE if whole else SENTENCE
        below_heading = block.kind == "heading"


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Sentences that hold the whole of a block, notation between them included."""
    spans = sentences(text[start:end])
    if not spans:
        return [(start, end)]
    limits = [start, *(start + a for a, _ in spans[1:]), end]
    return list(pairwise(limits))


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    limits = [start]
    for line in text[start:end].splitlines(keepends=True):
        limits.append(limits[-1] + len(line))
    return list(pairwise(limits))


def _headers(seen: str, section: Section, ruler: Ruler) -> list[tuple[int, int, str]]:
    """(start, end, header row) of each table, the row as the model sees it."""
    found = []
    for block in section.blocks:
        if block.kind == "table":
            start, end = _lines(seen, block.start, block.end)[0]
            short = ruler.count(start, end) <= HEADER_TOKENS
            found.append((block.start, block.end, squeezed(seen[start:end]) if short else ""))
    return found


def _header_above(headers: Sequence[tuple[int, int, str]], start: int) -> str:
    """The header row of the table in whose middle a passage starts, with a line end."""
    at = bisect_right(headers, start, key=lambda header: header[0]) - 1
    if at < 0 or headers[at][0] == start or start >= headers[at][1] or not headers[at][2]:
        return ""
    return headers[at][2] + "\n"
