"""Outline's Markdown exports: a folder a collection, with ``uploads`` beside the documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from knowledge.exports import Entry, Export
from knowledge.readers import _frontmatter
from knowledge.readers._claims import Claim
from knowledge.readers._wikilinks import outside_code
from knowledge.readers._writeups import document
from knowledge.types import Kind, Loss, LossKind, SourceDocument

DESCRIPTION = "Outline's Markdown exports: collections, nested documents and uploads"

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UPLOADS = re.compile(rf"(?:^|/)(?:uploads|public|private)/{_UUID}/{_UUID}/", re.IGNORECASE)
_MENTION = re.compile(
    rf"@\[([^\[\]\n]{{1,200}})\]\(mention://{_UUID}/(\w+)/({_UUID})\)", re.IGNORECASE
)
_NOTICE = re.compile(r":::\s*(info|tip|warning|success)?\s*$", re.IGNORECASE)
_SIZED = re.compile(r"(!\[[^\[\]\n]*\]\([^\s()]+)\s+\"(?:[^\"\n]*\s)?=\d*x\d*\"\)")


def claims(entry: Entry) -> Claim:
    """A page of an export with uploads, or one with what only Outline writes."""
    if entry.suffix != ".md":
        return Claim.NO
    matter, body = _frontmatter.parse(entry.text())
    if matter.kind not in (None, Kind.WRITEUP):
        return Claim.NO
    own = "mention://" in body and _MENTION.search(body) is not None
    return Claim.CONTENT if own or _root(entry) is not None else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The document, tagged with its collection."""
    matter, body = _frontmatter.parse(entry.text())
    mentioned: list[str] = []

    def mention(found: re.Match[str]) -> str:
        if found[2].lower() != "user":
            mentioned.append(found[1])
        return f"@{found[1]}" if found[2].lower() == "user" else found[1]

    def part(text: str) -> str:
        return _SIZED.sub(r"\1)", _MENTION.sub(mention, text))

    body = outside_code(_notices(body), part)
    collection, slash, _ = entry.name.removeprefix(_root(entry) or "").partition("/")
    tags = (*matter.tags, *((collection,) if slash else ()))
    made = document(
        entry, source, replace(matter, tags=tuple(dict.fromkeys(tags))), body, Kind.WRITEUP
    )
    # Which document of the export it is, only Outline's own ids tell.
    lost = [Loss(LossKind.LINK, f"mention of {words}") for words in dict.fromkeys(mentioned)]
    yield replace(made, losses=(*made.losses, *lost))


def _notices(body: str) -> str:
    """Notices as quotes, and empty paragraphs, written as lone backslashes, as blank lines."""
    made: list[str] = []
    fence = quoted = False
    for line in body.splitlines(keepends=True):
        if line.lstrip().startswith(("```", "~~~")):
            fence = not fence
        notice = None if fence else _NOTICE.match(line.strip())
        if notice and (notice[1] or quoted):
            quoted = bool(notice[1])
            if notice[1]:
                made.append(f"> **{notice[1].capitalize()}:**\n>\n")
        elif not fence and line.strip() == "\\":
            made.append("\n")
        else:
            made.append(f"> {line}" if quoted else line)
    return "".join(made)


def _root(entry: Entry) -> str | None:
    """The folder of collections that it lies in; None for one without."""
    found = [root for root in entry.shared(_roots) if entry.name.startswith(root)]
    return min(found, key=len, default=None)


def _roots(export: Export) -> frozenset[str]:
    """The folders of collections that have uploads: all that lies there is of the same export."""
    found = (_UPLOADS.search(e.name) for e in export.entries() if isinstance(e, Entry))
    collections = {one.string[: one.start()] for one in found if one}
    return frozenset(re.sub(r"[^/]*$", "", collection) for collection in collections)
