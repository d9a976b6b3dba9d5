"""Wikis of GitHub and GitLab: checkouts of their git repositories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from knowledge.exports import Entry, Export
from knowledge.readers import _frontmatter
from knowledge.readers._claims import Claim
from knowledge.readers._wikilinks import PAGES, anywhere, converted
from knowledge.readers._writeups import document
from knowledge.types import Kind, SourceDocument

DESCRIPTION = "GitHub and GitLab wikis: a checkout of their git repository"

_AROUND = ("_sidebar", "_footer", "_header")


def claims(entry: Entry) -> Claim:
    """A page of a folder that has a home page and what stands around pages."""
    if entry.suffix not in PAGES or not entry.shared(_is_wiki):
        return Claim.NO
    if _is_around(entry.name):
        return Claim.DECLARED
    matter, _ = _frontmatter.parse(entry.text())
    return Claim.CONTENT if matter.kind in (None, Kind.WRITEUP) else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The page as one document. What stands around every page is none: it only leads to them."""
    if _is_around(entry.name):
        return
    matter, body = _frontmatter.parse(entry.text())
    body, losses = converted(entry, body, words_first=True)
    # Pages are one flat space there: a link needs neither folder nor suffix.
    body = anywhere(entry, body, suffixes=PAGES)
    made = document(entry, source, replace(matter, title=matter.title or _title(entry)), body,
                    Kind.WRITEUP)  # fmt: skip
    yield replace(made, losses=(*made.losses, *losses))


def _title(entry: Entry) -> str:
    """A page's title is its file's name there, whatever its text begins with."""
    stem = entry.name.rpartition("/")[2].removesuffix(entry.suffix)
    return re.sub(r"-+", " ", stem).strip() or stem


def _is_around(name: str) -> bool:
    return name.rpartition("/")[2].rpartition(".")[0].lower() in _AROUND


def _is_wiki(export: Export) -> bool:
    entries = [entry.name for entry in export.entries() if isinstance(entry, Entry)]
    tops = {name.partition("/")[0] for name in entries}
    root = f"{next(iter(tops))}/" if len(tops) == 1 and "/" in entries[0] else ""
    pages = {n[len(root) :].lower() for n in entries if n.startswith(root)}
    home = any(f"home{suffix}" in pages for suffix in PAGES)
    around = any(f"{name}{suffix}" in pages for name in _AROUND for suffix in PAGES)
    called = re.search(r"[.-]wiki$", export.name.removesuffix(".zip"), re.IGNORECASE)
    return home and (around or called is not None) and not export.keeps(".obsidian")
