"""Evernote notebooks (.enex): each note a document, read one by one.

An .enex declares Evernote's own DTD. The declaration is taken away unread, and any other refuses
the file: no DTD is ever looked at.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, ElementTree

from knowledge.archives import MB
from knowledge.exports import Entry, Refused
from knowledge.readers import _office
from knowledge.readers._claims import Claim
from knowledge.readers._enml import Resource, to_markdown
from knowledge.readers._text import cut, opening, plain
from knowledge.streams import Stream
from knowledge.types import Kind, ReadFailure, Role, SourceDocument

DESCRIPTION = "Evernote notebooks (.enex), note by note"

MAX_NOTE = 100 * MB
MAX_RESOURCE = 50 * MB

_BLOCK = 1 << 16
_DOCTYPE = re.compile(rb'<!DOCTYPE\s+en-export\s+(?:SYSTEM|PUBLIC\s+"[^"\[\]]*")\s+"[^"\[\]]*"\s*>')
_TIME = "%Y%m%dT%H%M%SZ"

Item = SourceDocument | ReadFailure


def claims(entry: Entry) -> Claim:
    """Any ``.enex`` file; one that is broken is refused by ``read`` with the reason."""
    return Claim.NAME if entry.suffix == ".enex" else Claim.NO


def read(entry: Entry, source: str) -> Iterator[Item]:
    """Its notes. Of a broken file those come out that stand above the break."""
    try:
        yield from _read(entry, source)
    except Refused as refusal:
        yield ReadFailure(entry.name, str(refusal), rest_lost=True)


def _read(entry: Entry, source: str) -> Iterator[Item]:
    known: dict[str, str] | None = None
    taken: set[str] = set()
    with _notes(entry) as notes:
        for note in notes:
            key = _key(entry, note, taken)
            if known is None and "evernote:///" in (note.findtext("content") or ""):
                known = _titles(entry)
            try:
                yield _document(note, key, source, known or {})
            except Refused as refusal:
                yield ReadFailure(key, str(refusal))
            note.clear()
    if not taken:
        raise Refused("holds no notes; export the notebook again")


def _document(note: Element, key: str, source: str, known: dict[str, str]) -> SourceDocument:
    resources = {made.digest: made for one in note.iter("resource") if (made := _resource(one))}
    tasks = [(t.findtext("title") or "", t.findtext("taskStatus") or "") for t in note.iter("task")]
    told = to_markdown(note.findtext("content") or "", resources, tasks, known)
    created, updated = _moment(note.findtext("created")), _moment(note.findtext("updated"))
    title = cut(note.findtext("title") or "")
    about = note.find("note-attributes")
    author = about.findtext("author") if about is not None else None
    url = about.findtext("source-url") if about is not None else None
    return SourceDocument(
        source=source,
        external_id=key,
        title=title or cut(plain(opening(told.body))) or "Untitled",
        body=told.body,
        kind=Kind.WRITEUP,
        url=url if url and re.match(r"https?://\S+$", url) else None,
        contributors=tuple(_office.people(author, Role.AUTHOR, created)),
        tags=tuple(dict.fromkeys(tag for one in note.iter("tag") if (tag := cut(one.text or "")))),
        created_at=created,
        updated_at=updated or created,
        links=told.links,
        attachments=told.attachments,
        losses=told.losses,
    )


def _key(entry: Entry, note: Element, taken: set[str]) -> str:
    """What stays when a note's title changes: when it was made. Exports hold no ids."""
    made = (note.findtext("created") or "").strip() or cut(note.findtext("title") or "") or "note"
    key, number = f"{entry.name}/{made}", 1
    while key in taken:
        number += 1
        key = f"{entry.name}/{made}-{number}"
    taken.add(key)
    return key


def _titles(entry: Entry) -> dict[str, str]:
    """Which note a title means: links name notes by ids that no export tells."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    with _notes(entry) as notes:
        for note in notes:
            title = " ".join((note.findtext("title") or "").split()).casefold()
            found.setdefault(title, _key(entry, note, taken))
            note.clear()
    return found


def _resource(element: Element) -> Resource | None:
    data = element.find("data")
    if data is None or data.get("encoding", "base64") != "base64":
        return None
    name = cut(element.findtext("resource-attributes/file-name") or "")
    kind = (element.findtext("mime") or "").strip().lower()
    if len(data.text or "") * 3 // 4 > MAX_RESOURCE:
        return Resource.lost(name, kind, element.findtext("recognition") or "")
    try:
        content = base64.b64decode("".join((data.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return Resource.of(content, name, kind)


@contextmanager
def _notes(entry: Entry) -> Iterator[Iterator[Element]]:
    with entry.open(dump=True) as stream:
        yield _parsed(_Source(stream))


def _parsed(source: _Source) -> Iterator[Element]:
    try:
        root: Element | None = None
        for event, element in ElementTree.iterparse(
            source, events=("start", "end"), forbid_dtd=True
        ):
            if root is None:
                root = element
                if element.tag != "en-export":
                    raise Refused("not an export of Evernote: it does not begin with en-export")
            if event == "end" and element.tag == "note":
                source.passed = 0
                yield element
                root.clear()
    except DefusedXmlException as error:
        raise Refused("declares entities or a DTD of its own; it was made to do harm") from error
    except (ParseError, ValueError, LookupError) as error:
        raise Refused(f"broken XML ({cut(str(error))[:120]}); export the notebook again") from error


class _Source:
    """The file without its declaration, counting what a single note takes."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._head = True
        self.passed = 0

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(_BLOCK)
        if self._head:
            self._head = False
            block = _DOCTYPE.sub(b"", block.lstrip(b"\r\n \t"), count=1)
        self.passed += len(block)
        if self.passed > MAX_NOTE:
            raise Refused(f"a note is larger than {MAX_NOTE // MB} MB; split it")
        return block


def _moment(written: str | None) -> datetime | None:
    try:
        return datetime.strptime((written or "").strip(), _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
