"""``entities.xml`` of a Confluence export: one object after the other, in bounded memory.

The file is a dump of Hibernate objects of up to some gigabytes. Confluence writes into it what no
XML may hold (control characters pasted from elsewhere), so the bytes are filtered on their way;
and it breaks a CDATA end inside a body with a blank (``]] >``), which is undone when a body is
read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from knowledge.exports import Entry, Refused
from knowledge.streams import Stream

ROOT = "hibernate-generic"
_BLOCK = 1 << 18
_MAX_TOKEN = 32 << 20
_HELD = 12
# Control characters, the halves of surrogate pairs and the two last code points, in UTF-8.
_ILLEGAL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xed[\xa0-\xbf][\x80-\xbf]|\xef\xbf[\xbe\xbf]"
    rb"|&#0*(?:[0-8]|1[1-24-9]|2\d|3[01]|x0*(?:[0-8]|[bceBCE]|[fF]|1[0-9a-fA-F]));"
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class Thing:
    """One object: its class and id, its plain properties, the ids that its properties and
    collections refer to. ``oversize`` when a text of it was larger than a page may be."""

    kind: str
    id: str = ""
    text: dict[str, str] = field(default_factory=dict)
    one: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)
    oversize: bool = False

    def get(self, *names: str) -> str:
        """The first of these properties that says something."""
        return next((self.text[name] for name in names if self.text.get(name)), "")

    def ref(self, *names: str) -> str:
        """The id that the first of these properties refers to, or the number in its text."""
        return next(
            (i for name in names if (i := self.one.get(name) or self.text.get(name, ""))), ""
        )


def looks_like(head: bytes) -> bool:
    """Whether a file starts like one."""
    return b"<" + ROOT.encode() in head


def things(entry: Entry, limit: int) -> Iterator[Thing]:
    """Every object of the file; texts beyond ``limit`` characters are left out.

    Raises Refused where the file is damaged: what is missing at its end may be who may read.
    """
    target = _Target(limit)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        with entry.open(dump=True) as stream:
            for block in _legal(stream):
                parser.feed(block)
                target.fed += len(block)
                if target.fed > _MAX_TOKEN:
                    raise Refused(f"{entry.name} holds a tag of many megabytes; export it again")
                yield from target.taken()
        parser.close()
    except DefusedXmlException as error:
        raise Refused(
            f"{entry.name} declares XML entities or a document type, as no export does"
        ) from error
    except (ParseError, LookupError, ValueError) as error:
        raise Refused(
            f"{entry.name} is damaged or incomplete ({_one_line(error)}); export the space again"
        ) from error
    yield from target.taken()
    if not target.rooted:
        raise Refused(f"{entry.name} holds no Confluence export")


def _legal(stream: Stream) -> Iterator[bytes]:
    """The bytes without what XML forbids; a reference may straddle two blocks."""
    block = stream.read(_BLOCK)
    if block.startswith(_UTF16):
        while block:
            yield block
            block = stream.read(_BLOCK)
        return
    held = b""
    while block:
        block = held + block
        at = max(block.rfind(b"&", -_HELD), block.rfind(b"\xed", -2), block.rfind(b"\xef", -2))
        block, held = (block[:at], block[at:]) if at >= 0 else (block, b"")
        yield _ILLEGAL.sub(b"", block)
        block = stream.read(_BLOCK)
    yield _ILLEGAL.sub(b"", held)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


class _Target:
    """Builds objects out of tags. It knows the few shapes there are and passes over others."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._done: list[Thing] = []
        self._stack: list[tuple[str, dict[str, str]]] = []
        self._thing: Thing | None = None
        self._words: list[str] = []
        self._size = 0
        self.rooted = False
        self.fed = 0

    def taken(self) -> list[Thing]:
        """The objects since the last time."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.fed = 0
        self._stack.append((tag, attributes))
        depth = len(self._stack)
        if depth == 1:
            self.rooted = tag == ROOT
            if not self.rooted:
                raise ValueError(f"it is {tag[:40]}, not {ROOT}")
        elif depth == 2:
            self._thing = Thing(attributes.get("class", "")) if tag == "object" else None
        self._words, self._size = [], 0

    def data(self, words: str) -> None:
        self.fed = 0
        if self._thing is None:
            return
        self._size += len(words)
        if self._size <= self._limit:
            self._words.append(words)
        else:
            self._words = []
            self._thing.oversize = True

    def end(self, tag: str) -> None:
        self.fed = 0
        _, attributes = self._stack.pop()
        depth, thing = len(self._stack), self._thing
        words, self._words = "".join(self._words), []
        if thing is None:
            return
        if depth == 1:
            self._done.append(thing)
            self._thing = None
        elif depth == 2 and tag == "id":
            thing.id = words.strip()
        elif depth == 2 and tag == "property":
            name = attributes.get("name", "")
            if name not in thing.one:
                thing.text[name] = words if name in ("body", "content") else words.strip()
        elif depth == 2 and tag == "collection":
            thing.many.setdefault(attributes.get("name", ""), [])
        elif tag == "id" and depth in (3, 4):
            outer, named = self._stack[2]
            if outer == "property" and depth == 3:
                thing.one[named.get("name", "")] = words.strip()
            elif outer == "collection" and depth == 4:
                thing.many.setdefault(named.get("name", ""), []).append(words.strip())

    def close(self) -> Any:
        return None
