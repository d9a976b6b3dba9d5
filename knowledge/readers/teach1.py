"""Teach 1 Thing notes: one thing a colleague can teach, on a fixed template.

docs/teach-1-thing.md describes the template for those who write.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.exports import Entry, Refused
from knowledge.readers import _frontmatter
from knowledge.readers._claims import Claim
from knowledge.readers._frontmatter import FrontMatter
from knowledge.readers._text import headings
from knowledge.readers._writeups import document
from knowledge.readers.markdown import SUFFIXES
from knowledge.template import PARTS, THE_THING
from knowledge.types import Kind, Level, SourceDocument

DESCRIPTION = "Teach 1 Thing notes: Markdown on the template of docs/teach-1-thing.md"

TEMPLATE = "teach-1-thing"
SECTIONS = tuple(PARTS.values())


def claims(entry: Entry) -> Claim:
    """A file that says so in its front matter: ``kind: note`` or the template's name."""
    if entry.suffix not in SUFFIXES:
        return Claim.NO
    matter, _ = _frontmatter.parse(entry.text())
    return Claim.DECLARED if _is_note(matter) else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The note as one document. Raises Refused when the one thing is missing."""
    matter, body = _frontmatter.parse(entry.text())
    if not _is_note(matter):
        raise Refused("not a Teach 1 Thing note; put kind: note into its front matter")
    if matter.level_given and matter.level is None:
        levels = ", ".join(Level)
        raise Refused(f"level: {matter.level_given!r} is not one of {levels}")
    _check_thing(body)
    yield document(entry, source, matter, body, Kind.NOTE)


def _is_note(matter: FrontMatter) -> bool:
    return matter.kind is Kind.NOTE or (matter.template or "").lower() == TEMPLATE


def _check_thing(body: str) -> None:
    found = list(headings(body))
    ends = [*(heading.start for heading in found[1:]), len(body)]
    # Without any heading there is one end and nothing to pair it with.
    for heading, end in zip(found, ends, strict=False):
        if heading.text.rstrip(":").strip().casefold() == THE_THING.casefold():
            if body[heading.end : end].strip():
                return
            raise Refused(f'there is nothing below "{THE_THING}"; write it in a sentence or two')
    raise Refused(f'a Teach 1 Thing note needs a heading "{THE_THING}" (## {THE_THING})')
