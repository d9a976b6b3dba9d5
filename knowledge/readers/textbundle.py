"""TextBundle: a text with its pictures, as a folder (.textbundle) or a zip of one (.textpack).

Bear, Ulysses, iA Writer and others write it; "Ulysses Export.zip" is a zip of such folders.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from knowledge.archives import DAMAGED, MB, Archive, Limits, Member
from knowledge.errors import UnreadableExport
from knowledge.exports import Entry, Export, Refused, decode
from knowledge.markdown import hrefs
from knowledge.readers import _frontmatter
from knowledge.readers._attachments import embedded
from knowledge.readers._claims import Claim
from knowledge.readers._text import headings
from knowledge.readers._writeups import document
from knowledge.types import Attachment, Kind, Loss, LossKind, ReadFailure, SourceDocument

DESCRIPTION = "TextBundle folders (.textbundle) and TextPacks (.textpack)"

LIMITS = Limits(archive=50 * MB, expanded=100 * MB, entries=5_000)

_TEXT = re.compile(r"text\.(?:md|markdown|mdown|mkd|txt|text)", re.IGNORECASE)
_BUNDLE = re.compile(r"(?:.*/)?([^/]+)\.textbundle/([^/]+)", re.IGNORECASE)


def claims(entry: Entry) -> Claim:
    """The text and the description of a bundle, and any TextPack."""
    if entry.suffix == ".textpack":
        return Claim.NAME
    called, name = _place(entry)
    own = called and (_TEXT.fullmatch(name) or name.lower() == "info.json")
    return Claim.DECLARED if own else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The text as one document. Its description says nothing of it that a reader asks for."""
    if entry.suffix == ".textpack":
        yield _unpacked(entry, source)
    elif entry.suffix != ".json":
        yield _made(entry, source, entry.text(), _place(entry)[0] or entry.name)


def _place(entry: Entry) -> tuple[str, str]:
    """What the bundle is called that a file lies in, blank for none, and the file in it."""
    if found := _BUNDLE.fullmatch(entry.name):
        return found[1], found[2]
    whole = re.fullmatch(r"(.+)\.textbundle(?:\.zip)?", entry.shared(_name), re.IGNORECASE)
    return (whole[1] if whole else ""), entry.name


def _name(export: Export) -> str:
    return export.name


def _made(entry: Entry, source: str, text: str, called: str) -> SourceDocument:
    matter, body = _frontmatter.parse(text)
    first = next((h.text for h in headings(body) if h.level == 1 and h.text), None)
    # "text.md" is no name, but the bundle's is its author's.
    title = matter.title or first or called
    return document(entry, source, replace(matter, title=title), body, matter.kind or Kind.WRITEUP)


def _unpacked(entry: Entry, source: str) -> SourceDocument:
    data = entry.read()
    try:
        archive = Archive(data, LIMITS, "it")
    except UnreadableExport as error:
        raise Refused(str(error)) from error
    members = {m.name: m for m in archive.members if isinstance(m, Member)}
    if sum(member.size for member in members.values()) > LIMITS.expanded:
        raise Refused(f"unpacks to more than {LIMITS.expanded // MB} MB; make it smaller")
    found = [n for n in members if n.count("/") < 2 and _TEXT.fullmatch(posixpath.basename(n))]
    if not found:
        reasons = [m.reason for m in archive.members if isinstance(m, ReadFailure)]
        raise Refused(f"not a TextPack: no text in it{f' ({reasons[0]})' if reasons else ''}")
    name = min(found, key=lambda one: (one.count("/"), one))
    made = _made(entry, source, decode(_bytes(entry, archive, members[name])), _called(name, entry))
    attachments: list[Attachment] = []
    losses: list[Loss] = []
    for href in dict.fromkeys(hrefs(made.body)):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(href)))
        if path in members and path != name:
            try:
                content = _bytes(entry, archive, members[path])
                attachments.append(embedded(content, href, posixpath.basename(path)))
            except Refused as refusal:
                losses.append(Loss(LossKind.ATTACHMENT, f"{path}: {refusal}"))
    # What lies beside the pack is not what its text refers to.
    return replace(made, links=(), attachments=tuple(attachments), losses=tuple(losses))


def _bytes(entry: Entry, archive: Archive, member: Member) -> bytes:
    try:
        with archive.opener(member)() as stream:
            data = stream.read(member.size + 1)
    except (*DAMAGED, OSError) as error:
        raise Refused(f"damaged in the archive ({error}); export it again") from error
    entry.spend(len(data))
    return data


def _called(name: str, entry: Entry) -> str:
    bundle = _BUNDLE.fullmatch(name)
    return bundle[1] if bundle else posixpath.basename(entry.name).removesuffix(entry.suffix)
