"""MediaWiki's XML dumps, page by page: no tree is ever built, whatever their size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers.expat import XMLParserType
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_string_interning
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from knowledge.exports import Entry, Refused
from knowledge.readers._mediawiki_people import Survival, person
from knowledge.readers._packed import unpacked
from knowledge.types import Contributor

_BLOCK = 1 << 18
_DEEPEST = 40
_SHORT = 2000
_HEAD = 4096
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:mediawiki[\s>]|!DOCTYPE\s+mediawiki)",
    re.S,
)
_FIELDS = frozenset("title ns id parentid timestamp username text sitename base namespace".split())


@dataclass(slots=True)
class Site:
    """What a dump says about its wiki."""

    name: str = ""
    base: str = ""
    namespaces: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Page:
    """A page of a dump: its latest text, and what its revisions tell of people and times."""

    title: str = ""
    namespace: int = 0
    id: str = ""
    redirect: str = ""
    text: str = ""
    contributors: tuple[Contributor, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    problem: str = ""


def is_dump(entry: Entry) -> bool:
    """Whether a file is a dump, by its content, compressed or not."""
    head = b""
    try:
        with unpacked(entry, counted=False) as stream:
            while len(head) < _HEAD and (more := stream.read(_HEAD - len(head))):
                head += more
    except Refused:
        pass  # a damaged dump is one too
    return _ROOT.match(head) is not None


def pages(entry: Entry, site: Site, *, texts: bool = True) -> Iterator[Page]:
    """Every page, in the order of the dump; without ``texts`` only what it is called.

    Fills ``site`` before the first. Raises Refused where the dump is damaged.
    """
    handler = _Handler(site, entry.limits.page if texts else 0)
    parser = _Parser(forbid_dtd=True)
    # Else every name that a hostile file invents would be kept.
    parser.setFeature(feature_string_interning, False)
    parser.setContentHandler(handler)
    try:
        with unpacked(entry, counted=texts) as stream:
            while data := stream.read(_BLOCK):
                parser.feed(data)
                yield from handler.taken()
            parser.close()
            yield from handler.taken()
    except DefusedXmlException as error:
        raise Refused("declares entities or a document type, which no dump does") from error
    except SAXException as error:
        yield from handler.taken()
        shown = " ".join(str(error.getMessage()).split())
        after = f' after the page "{handler.last}"' if handler.last else ""
        raise Refused(f"damaged{after} ({shown}); export it again") from error


class _Parser(DefusedExpatParser):
    _parser: XMLParserType

    def reset(self) -> None:
        super().reset()
        # Else each line of a text is a call of its own.
        self._parser.buffer_text = True
        self._parser.buffer_size = _BLOCK


class _Handler(ContentHandler):
    def __init__(self, site: Site, page_limit: int) -> None:
        super().__init__()
        self.last = ""
        self._site = site
        self._limit = page_limit
        self._path: list[str] = []
        self._field = ""
        self._parts: list[str] = []
        self._size = 0
        self._page: Page | None = None
        self._revision: dict[str, str] = {}
        self._survival = Survival()
        self._latest = ""
        self._key = 0
        self._done: list[Page] = []

    def taken(self) -> list[Page]:
        done, self._done = self._done, []
        return done

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if not self._path and name != "mediawiki":
            raise Refused("no dump of a MediaWiki")
        if len(self._path) >= _DEEPEST:
            raise Refused("its XML nests too deeply for a dump")
        self._path.append(name)
        if name == "page":
            self._page = Page()
            self._survival, self._latest = Survival(), ""
        elif name == "revision":
            self._revision = {}
        elif name == "redirect" and self._page is not None:
            self._page.redirect = attrs.get("title", "")[:_SHORT]
        elif name == "namespace":
            key = attrs.get("key", "")
            self._key = int(key) if re.fullmatch(r"-?[0-9]{1,6}", key) else 0
        self._field = name if name in _FIELDS else ""
        self._parts, self._size = [], 0

    def characters(self, content: str) -> None:
        if not self._field:
            return
        self._size += len(content)
        if self._size <= (self._limit if self._field == "text" else _SHORT):
            self._parts.append(content)

    def endElement(self, name: str) -> None:
        self._path.pop()
        if name == self._field:
            value = "".join(self._parts)
            self._ended(name, value if name == "text" else value.strip())
        elif name == "revision":
            self._revised()
        elif name == "page" and self._page is not None:
            self._finished(self._page)
        self._field, self._parts = "", []

    def _ended(self, name: str, value: str) -> None:
        parent = self._path[-1] if self._path else ""
        if name == "namespace":
            self._site.namespaces[self._key] = value
        elif name == "sitename":
            self._site.name = value
        elif name == "base":
            self._site.base = value
        elif self._page is None:
            return
        elif parent == "page" and name == "title":
            self._page.title = value
        elif parent == "page" and name == "ns":
            self._page.namespace = int(value) if re.fullmatch(r"-?[0-9]{1,6}", value) else 0
        elif parent == "page" and name == "id":
            self._page.id = value
        elif parent in ("revision", "contributor") and self._limit:
            if name == "text" and self._size > self._limit:
                limit = self._limit // 1_000_000
                self._page.problem = f"larger than {limit:,} MB; split it" if limit else "too large"
                return
            self._revision[f"{parent}.{name}" if name == "id" else name] = value

    def _revised(self) -> None:
        page, revision = self._page, self._revision
        if page is None or not self._limit:
            return
        text, at = revision.get("text", ""), _time(revision.get("timestamp", ""))
        who = person(revision.get("username", ""))
        follows = revision.get("parentid", "0") != "0"
        self._survival.revision(text, who, at, follows=follows)
        if at is not None:
            page.created_at = min(page.created_at or at, at)
        if at is None or page.updated_at is None or at >= page.updated_at:
            page.updated_at = at or page.updated_at
            self._latest = text
        self._revision = {}

    def _finished(self, page: Page) -> None:
        if self._limit:
            page.text = self._latest
            page.contributors = self._survival.contributors(page.text)
        self.last = page.title
        self._done.append(page)
        self._page, self._latest, self._survival = None, "", Survival()


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
