"""Write-ups in Markdown or plain text, with or without front matter."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.exports import Entry
from knowledge.readers import _frontmatter
from knowledge.readers._claims import Claim
from knowledge.readers._writeups import document
from knowledge.types import Kind, SourceDocument

DESCRIPTION = "Markdown or plain text, one write-up a file, front matter if you like"

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".txt", ".text")


def claims(entry: Entry) -> Claim:
    """Every Markdown or text file that no closer reader wants."""
    return Claim.NAME if entry.suffix in SUFFIXES else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one document. Raises Refused for broken front matter."""
    matter, body = _frontmatter.parse(entry.text())
    yield document(entry, source, matter, body, matter.kind or Kind.WRITEUP)
