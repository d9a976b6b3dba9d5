"""OpenDocument texts (.odt), as LibreOffice and others write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from knowledge.exports import Entry, Refused
from knowledge.readers import _office
from knowledge.readers._attachments import embedded
from knowledge.readers._claims import Claim
from knowledge.readers._frontmatter import moment
from knowledge.readers._html import soup, to_markdown
from knowledge.readers._office import Told
from knowledge.readers._package import Package, properties
from knowledge.types import Attachment, Loss, LossKind, SourceDocument

DESCRIPTION = "OpenDocument texts (.odt), with their author and dates"

MAIN = "content.xml"
MAX_REPEAT = 1_000

_MIMETYPE = b"application/vnd.oasis.opendocument.text"
_HEADINGS = 6
_CODE = re.compile(r"preformatted|source.?code|code.?block|quell.?text", re.IGNORECASE)
_ITEM = re.compile(r"\A\s*<p>((?:(?!</p>).)*)</p>(?=\s*(?:<[uo]l>|\Z))", re.DOTALL)
_TITLE = re.compile(r"(?:^|-)title$", re.IGNORECASE)
# What only editing programs look at.
_UNSEEN = frozenset(
    (
        *("tracked-changes", "sequence-decls", "forms", "variable-decls", "user-field-decls"),
        *("soft-page-break", "bookmark", "bookmark-start", "bookmark-end", "title", "desc"),
        *("annotation-end", "reference-mark", "change", "change-start", "change-end"),
        *("table-column", "table-of-content", "alphabetical-index", "event-listeners"),
    )
)


def claims(entry: Entry) -> Claim:
    """Any ``.odt`` file; what is none inside is refused by ``read`` with the reason."""
    return _office.claim(entry, ".odt", b"PK\x03\x04")


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one document."""
    yield _office.document(entry, source, decode(entry.read()))


def decode(data: bytes) -> Told:
    """What a text says. Raises Refused with the reason."""
    package = Package(data, "an OpenDocument text", MAIN)
    kind = package.read("mimetype")
    if kind is not None and not kind.strip().startswith(_MIMETYPE):
        raise Refused("another kind of OpenDocument file; save it as a text (.odt)")
    tree = ElementTree.fromstring(package.read(MAIN) or b"", forbid_dtd=True)
    body = next((e for e in tree.iter() if _local(e) == "text" and _is_office(e)), None)
    if body is None:
        raise Refused("not an OpenDocument text: it has no body; save it anew")
    named = package.read("styles.xml")
    more = [ElementTree.fromstring(named, forbid_dtd=True)] if named else []
    written = _Written(package, _Styles(*more, tree))
    html = re.sub(r"</pre>\s*<pre>", "\n", written.inside(body))
    markdown = to_markdown(soup(html)) if re.search(r">[^<>]*\S", html) else ""
    if not markdown.strip():
        raise Refused("there is no text in it; a scan has to be put through text recognition")
    about = properties(package.read("meta.xml"))
    created = moment(about.get("creation-date"))
    updated = moment(about.get("date")) or created
    author = about.get("initial-creator")
    return Told(
        markdown,
        _office.title(about.get("title")),
        _office.makers(
            author or about.get("creator"),
            about.get("creator") if author else None,
            created,
            updated,
        ),
        _office.tags(about.get("keyword")),
        created,
        updated,
        (
            *written.losses,
            *(Loss(kind, what, n) for (kind, what), n in sorted(written.lost.items())),
        ),
        tuple(written.pictures.values()),
    )


class _Written:
    """The text as HTML, and what is found on the way."""

    def __init__(self, package: Package, styles: _Styles) -> None:
        self.pictures: dict[str, Attachment] = {}
        self.losses: list[Loss] = []
        self.lost: Counter[tuple[LossKind, str]] = Counter()
        self._package = package
        self._styles = styles
        self._listed: list[str] = []

    def inside(self, element: Element) -> str:
        """What an element holds."""
        parts = [escape(element.text or "")]
        for child in element:
            parts += (self._one(child), escape(child.tail or ""))
        return "".join(parts)

    def _one(self, element: Element) -> str:
        name = _local(element)
        if name in _UNSEEN:
            return ""
        if name == "annotation":
            who = next((e.text for e in element if _local(e) == "creator"), None)
            self.lost[LossKind.COMMENT, f"comments by {who or 'somebody'}"] += 1
            return ""
        if name == "s":
            return " " * _count(element, "c")
        if name in ("tab", "line-break"):
            return " " if name == "tab" else "<br>"
        if name == "image":
            return self._picture(element)
        if name == "object":
            self.lost[LossKind.EMBED, "an embedded object"] += 1
            return ""
        if name == "list":
            told = self._styles.list_tag(_attribute(element, "style-name"))
            # A list within one goes on as it does, if nothing is said.
            self._listed.append(told or (self._listed or ["ul"])[-1])
            html = self.inside(element)
            tag = self._listed.pop()
            return f"<{tag}>{html}</{tag}>"
        return self._wrapped(name, element, self.inside(element))

    def _wrapped(self, name: str, element: Element, html: str) -> str:
        if name == "h":
            level = min(_count(element, "outline-level"), _HEADINGS)
            return f"<h{level}>{html}</h{level}>"
        if name == "p":
            return self._paragraph(element, html)
        if name == "span":
            for tag in reversed(self._styles.tags(_attribute(element, "style-name"))):
                html = f"<{tag}>{html}</{tag}>"
            return html
        if name == "a":
            return f'<a href="{escape(_attribute(element, "href"))}">{html}</a>'
        if name in ("list-item", "list-header"):
            # Paragraphs of one make a list of loose items in Markdown.
            return f"<li>{_ITEM.sub(lambda found: found[1], html, count=1)}</li>"
        if name == "note":
            words = next((e for e in element if _local(e) == "note-body"), None)
            return (
                f" ({soup(self.inside(words)).get_text(' ', strip=True)})"
                if words is not None
                else ""
            )
        return self._tabular(name, element, html)

    def _tabular(self, name: str, element: Element, html: str) -> str:
        if name == "table":
            return f"<table>{html}</table>"
        if name == "table-row":
            return f"<tr>{html}</tr>"
        if name in ("table-cell", "covered-table-cell"):
            # Spread sheets fill the rest of a row with one cell of a thousand columns.
            return f"<td>{html}</td>" * (_count(element, "number-columns-repeated") if html else 1)
        return html

    def _paragraph(self, element: Element, html: str) -> str:
        style = _attribute(element, "style-name")
        if self._styles.is_code(style):
            return f"<pre>{html}</pre>"
        if self._styles.is_title(style):
            return f"<h1>{html}</h1>"
        return f"<p>{html}</p>"

    def _picture(self, element: Element) -> str:
        href = _attribute(element, "href").removeprefix("./")
        if "://" in href or not href:
            self.lost[LossKind.EMBED, "a picture elsewhere"] += bool(href)
            return ""
        if href not in self.pictures:
            data = self._package.read(href)
            if data is None:
                self.losses.append(Loss(LossKind.ATTACHMENT, f"{href}: missing in the file"))
                return ""
            self.pictures[href] = embedded(data, href, href.rpartition("/")[2])
        return f'<img src="{escape(href)}" alt="">'


class _Styles:
    """What the text's own styles and those that they build on mean."""

    def __init__(self, *trees: Element) -> None:
        self._parents: dict[str, str] = {}
        self._tags: dict[str, tuple[str, ...]] = {}
        self._lists: dict[str, str] = {}
        for style in (one for tree in trees for one in tree.iter()):
            name = _attribute(style, "name")
            if _local(style) == "list-style":
                first = next(iter(style), None)
                numbered = first is not None and _local(first) == "list-level-style-number"
                self._lists[name] = "ol" if numbered else "ul"
            elif _local(style) == "style":
                self._parents[name] = _attribute(style, "parent-style-name")
                self._tags[name] = tuple(_tags(style))

    def list_tag(self, name: str) -> str | None:
        """How a style lists; None for one that says nothing."""
        return self._lists.get(name)

    def tags(self, name: str) -> tuple[str, ...]:
        """The tags of a style for words."""
        found = (tag for one in self._line(name) for tag in self._tags.get(one, ()))
        return tuple(dict.fromkeys(found))

    def is_code(self, name: str) -> bool:
        """Whether a paragraph's style is one for code."""
        return any(_CODE.search(one) for one in self._line(name))

    def is_title(self, name: str) -> bool:
        """Whether it is that of the document's title."""
        return any(_TITLE.search(one) for one in self._line(name))

    def _line(self, name: str) -> list[str]:
        line: list[str] = []
        while name and name not in line:
            line.append(name)
            name = self._parents.get(name, "")
        return line


def _tags(style: Element) -> Iterator[str]:
    about = {_local_name(k): v for e in style for k, v in e.attrib.items()}
    if _attribute(style, "family") != "text":
        return
    if about.get("font-weight") == "bold":
        yield "strong"
    if about.get("font-style") == "italic":
        yield "em"
    if about.get("text-line-through-style", "none") != "none":
        yield "del"


def _count(element: Element, attribute: str) -> int:
    written = _attribute(element, attribute)
    return max(1, min(int(written), MAX_REPEAT)) if written.isdecimal() and len(written) < 9 else 1


def _attribute(element: Element, name: str) -> str:
    return next((v for k, v in element.attrib.items() if _local_name(k) == name), "")


def _local(element: Element) -> str:
    return _local_name(element.tag)


def _local_name(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _is_office(element: Element) -> bool:
    return ":office:" in str(element.tag)
