"""Obsidian vaults, and other folders of Markdown with ``[[links]]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from knowledge.exports import Entry, Export, Refused
from knowledge.readers import _frontmatter
from knowledge.readers._claims import Claim
from knowledge.readers._wikilinks import PAGES, anywhere, converted, has_links, outside_code
from knowledge.readers._writeups import document
from knowledge.types import Kind, Loss, LossKind, SourceDocument

DESCRIPTION = "Obsidian vaults: Markdown with [[links]], ![[embeds]] and #tags"

_TAG = re.compile(r"(?<![\w/&#(\[])#([\w/-]*[^\W\d_][\w/-]*)")
_HEADING = re.compile(r" {0,3}#{1,6}\s")
_BLOCK_NAME = re.compile(r"(?<![ \t])[ \t]+\^[A-Za-z0-9-]+[ \t]*(?=\r?\n|\Z)")
_DRAWING = re.compile(r"\.excalidraw\.md$", re.IGNORECASE)
MAX_TAGS = 100


def claims(entry: Entry) -> Claim:
    """A page of a vault, or any with a link of its kind."""
    if entry.suffix not in PAGES:
        return Claim.NO
    if _DRAWING.search(entry.name):
        return Claim.CONTENT
    matter, body = _frontmatter.parse(entry.text())
    if matter.kind not in (None, Kind.WRITEUP):
        return Claim.NO
    return Claim.CONTENT if entry.shared(is_vault) or has_links(body) else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The page as one document. Raises Refused for a drawing and for broken front matter."""
    if _DRAWING.search(entry.name):
        raise Refused("a drawing of Excalidraw; only text is searched")
    matter, body = _frontmatter.parse(entry.text())
    body, hidden = _without_comments(body)
    tags: dict[str, None] = dict.fromkeys(matter.tags)

    def part(text: str) -> str:
        if not _HEADING.match(text) and len(tags) < MAX_TAGS:
            tags.update(dict.fromkeys(found[1].strip("/-") for found in _TAG.finditer(text)))
        return _BLOCK_NAME.sub("", text)

    body, losses = converted(entry, outside_code(body, part), words_first=False)
    # Vaults may also be set to Markdown's links, by the shortest path that is clear.
    body = anywhere(entry, body)
    matter = replace(matter, tags=tuple(tag for tag in tags if tag))
    made = document(entry, source, matter, body, Kind.WRITEUP)
    comments = [Loss(LossKind.COMMENT, "%% comments %%", hidden)] if hidden else []
    yield replace(made, losses=(*made.losses, *losses, *comments))


def is_vault(export: Export) -> bool:
    """Whether Obsidian keeps its settings in it."""
    return export.keeps(".obsidian")


def _without_comments(body: str) -> tuple[str, int]:
    """Without what its author sees alone while editing: between two ``%%``, blocks of lines and
    within a line."""
    kept: list[str] = []
    held: list[str] = []
    hidden = 0
    for line in body.splitlines(keepends=True):
        if line.strip() == "%%":
            if held:
                held, hidden = [], hidden + 1
            else:
                held = [line]
        elif held:
            held.append(line)
        else:
            kept.append(line)
    # One that is never closed is none.
    text = "".join((*kept, *held))

    def drop(part: str) -> str:
        nonlocal hidden
        made, count = re.subn(r"%%[^%\n]+%%", "", part)
        hidden += count
        return made

    return (outside_code(text, drop) if "%%" in text else text), hidden
