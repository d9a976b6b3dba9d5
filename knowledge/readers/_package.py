"""Zip packages of office programs, checked before any library sees them.

The libraries unpack what they are given and build whole trees of it; so a file that was made to
do harm must not reach them. Only sizes that an archive declares are looked at, for Python's
zipfile never reads more of an entry than that.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException, sax

from knowledge.archives import DAMAGED, MB, Archive, Limits
from knowledge.errors import UnreadableExport
from knowledge.exports import Refused
from knowledge.types import ReadFailure

LIMITS = Limits(archive=50 * MB, expanded=100 * MB, entries=5_000)
MAX_XML = 24 * MB
MAX_PIECES = 300_000
MAX_DEPTH = 200

_XML = (".xml", ".rels", ".vml")
_SIGNATURE = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Package:
    """The parts of a package by their names. ``what`` names the kind of file in messages.

    Raises Refused for what is damaged, protected, or made to do harm.
    """

    def __init__(self, data: bytes, what: str, main: str) -> None:
        if data.startswith(_COMPOUND):
            raise Refused(f"not {what}, or protected by a password; save it anew, without one")
        if not is_package(data):
            raise Refused(f"not {what}: it does not begin like one; save or export it again")
        try:
            archive = Archive(data, LIMITS, "the file")
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (UnreadableExport, *DAMAGED) as error:
            raise Refused(str(error)) from error
        infos = {info.filename: info for info in self._zip.infolist()}
        archive.close()
        for member in archive.members:
            # Pictures and what is embedded are bounded by their sizes; only text is parsed.
            if isinstance(member, ReadFailure) and member.name.endswith(_XML):
                raise Refused(f"{member.name} in it: {member.reason}")
        if sum(info.file_size for info in infos.values()) > LIMITS.expanded:
            raise Refused(f"unpacks to more than {LIMITS.expanded // MB} MB; make it smaller")
        if main not in infos:
            raise Refused(f"not {what}: {main} is missing; save or export it again")
        self.names = tuple(sorted(infos))
        self._infos = infos
        self._check_xml(main)

    def read(self, name: str) -> bytes | None:
        """A part's bytes, None where there is none. Raises Refused when it is damaged."""
        info = self._infos.get(name)
        if info is None:
            return None
        try:
            return self._zip.read(info)
        except DAMAGED as error:
            raise Refused(f"{name} in it is damaged ({error}); save or export it again") from error

    def _check_xml(self, main: str) -> None:
        parts = [name for name in self.names if name.lower().endswith(_XML)]
        if sum(self._infos[name].file_size for name in parts) > MAX_XML:
            raise Refused(f"holds more than {MAX_XML // MB} MB of text and layout; split it")
        counted = _Counter()
        for name in parts:
            # LibreOffice keeps empty files of settings.
            if not (content := self.read(name)) and name != main:
                continue
            try:
                sax.parseString(content or b"", counted, forbid_dtd=True)
            except Refused:
                raise
            except DefusedXmlException as error:
                raise Refused(f"{name} in it declares entities; it was made to do harm") from error
            except (SAXException, ValueError, LookupError) as error:
                raise Refused(f"{name} in it is damaged XML; save or export it again") from error


def is_package(data: bytes) -> bool:
    """Whether bytes begin as a zip does."""
    return data.startswith(_SIGNATURE)


def properties(xml: bytes | None) -> Mapping[str, str]:
    """What a part of metadata says, by the names of its elements without their namespaces."""
    told = _Properties()
    if xml:
        sax.parseString(xml, told, forbid_dtd=True)
    return told.said


class _Counter(ContentHandler):
    """Refuses trees that cost too much to build."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces = 0
        self._depth = 0

    def startDocument(self) -> None:
        self._depth = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._pieces += 1 + len(attrs)
        self._depth += 1
        if self._pieces > MAX_PIECES:
            raise Refused(f"holds more than {MAX_PIECES:,} pieces of text and layout; split it")
        if self._depth > MAX_DEPTH:
            raise Refused("nests too deeply; simplify it or save it as another format")

    def endElement(self, name: str) -> None:
        self._depth -= 1


class _Properties(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self._name = ""
        self._words: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        self._name, self._words = name.rpartition(":")[2], []

    def characters(self, content: str) -> None:
        self._words.append(content)

    def endElement(self, name: str) -> None:
        words = " ".join("".join(self._words).split())
        if self._name and words:
            held = self.said.get(self._name)
            self.said[self._name] = f"{held}; {words}" if held else words
        self._name = ""
