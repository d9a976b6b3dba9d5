"""Word documents (.docx)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from knowledge.archives import DAMAGED
from knowledge.exports import Entry, Refused
from knowledge.readers import _office
from knowledge.readers._attachments import embedded
from knowledge.readers._claims import Claim
from knowledge.readers._frontmatter import moment
from knowledge.readers._html import soup, to_markdown
from knowledge.readers._office import Told
from knowledge.readers._package import Package, properties
from knowledge.types import Attachment, Loss, LossKind, SourceDocument

DESCRIPTION = "Word documents (.docx), with their author and dates"

WHAT = "a Word document"
MAIN = "word/document.xml"

# A document's own title stands above its first headings.
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='HTML Preformatted'] => pre:separator('\\n')
p[style-name='Source Code'] => pre:separator('\\n')
p[style-name='Code'] => pre:separator('\\n')
p[style-name='Plain Text'] => pre:separator('\\n')
p[style-name='Quote'] => blockquote:fresh
p[style-name='Intense Quote'] => blockquote:fresh
r[style-name='HTML Code'] => code
r[style-name='Verbatim Char'] => code
"""
_SUFFIXES = {"jpeg": "jpg", "svg+xml": "svg", "x-emf": "emf", "x-wmf": "wmf"}
_UNREAD = re.compile(r"An unrecognised element was ignored: (?:\{[^}]*\})?(\S+)")
# Where a window scrolled, and what was spelled wrong, is nothing that a reader misses.
_NOTHING = re.compile(
    r"office-word:.*|w14:.*|w15:.*|w:(?:proofErr|lastRenderedPageBreak|permStart|permEnd|smartTagPr"
    r"|moveFromRange\w+|moveToRange\w+|customXml\w+Range\w+)"
)


def claims(entry: Entry) -> Claim:
    """Any ``.docx`` file; what is none inside is refused by ``read`` with the reason."""
    return _office.claim(entry, ".docx", b"PK\x03\x04")


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one document."""
    yield _office.document(entry, source, decode(entry.read()))


def decode(data: bytes) -> Told:
    """What a Word document says. Raises Refused with the reason."""
    package = Package(data, WHAT, MAIN)
    pictures = _Pictures()
    html, messages = html_of(data, pictures)
    body = markdown_of(html)
    if not body.strip():
        raise Refused("there is no text in it; a scan has to be put through text recognition")
    about = properties(package.read("docProps/core.xml"))
    created, updated = moment(about.get("created")), moment(about.get("modified"))
    comments = Counter(
        f"comments by {who}" for who in _comment_authors(package.read("word/comments.xml"))
    )
    return Told(
        body,
        _office.title(about.get("title")),
        _office.makers(about.get("creator"), about.get("lastModifiedBy"), created, updated),
        _office.tags(about.get("keywords")),
        created,
        updated,
        (
            *pictures.losses,
            *(Loss(LossKind.FORMATTING, what, n) for what, n in _unread(messages).items()),
            *(Loss(LossKind.COMMENT, what, n) for what, n in sorted(comments.items())),
        ),
        tuple(pictures.found.values()),
    )


def html_of(data: bytes, pictures: _Pictures | None = None) -> tuple[str, list[str]]:
    """A checked document as HTML, and what the library says about it."""
    import mammoth

    pictures = pictures or _Pictures()
    try:
        result = mammoth.convert_to_html(
            BytesIO(data),
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=mammoth.images.img_element(pictures),
        )
    except RecursionError as error:
        raise Refused("nests too deeply; simplify it or save it as another format") from error
    except (*DAMAGED, KeyError, ValueError, AttributeError, IndexError, TypeError) as error:
        # The library takes the parts' relations at their word.
        raise Refused("damaged inside; open it in Word and save it again") from error
    return result.value, [message.message for message in result.messages]


def markdown_of(html: str) -> str:
    """What the library made of a document, as Markdown; blank without text."""
    tree = soup(html)
    for note in tree.select('a[href^="#footnote-"], a[href^="#endnote-"]'):
        # A place in the page that no renderer of Markdown keeps.
        note.replace_with("" if "-ref-" in str(note["href"]) else note.get_text())
    return to_markdown(tree) if tree.get_text(strip=True) else ""


class _Pictures:
    """Takes the pictures out of a document, each under a name of its own."""

    def __init__(self) -> None:
        self.found: dict[str, Attachment] = {}
        self.losses: list[Loss] = []

    def __call__(self, image: Any) -> dict[str, str]:
        kind = str(image.content_type or "").rpartition("/")[2]
        try:
            with image.open() as stream:
                data = stream.read()
        except (*DAMAGED, KeyError, OSError, ValueError) as error:
            self.losses.append(Loss(LossKind.ATTACHMENT, f"a picture ({kind}): {error}"))
            return {"src": ""}
        made = embedded(data, "", "")
        href = next((h for h, one in self.found.items() if one.digest == made.digest), None)
        if href is None:
            href = f"media/image{len(self.found) + 1}.{_SUFFIXES.get(kind, kind) or 'bin'}"
            self.found[href] = embedded(data, href, href.rpartition("/")[2])
        return {"src": href}


def _unread(messages: list[str]) -> Counter[str]:
    found = (match[1] for one in messages if (match := _UNREAD.match(one)))
    return Counter(name for name in found if not _NOTHING.fullmatch(name))


def _comment_authors(xml: bytes | None) -> list[str]:
    if not xml:
        return []
    text = xml.decode("utf-8", "replace")
    found = re.findall(r"<w:comment\b[^<>]*?\bw:author=\"([^\"<>]{0,200})\"", text)
    return [" ".join(name.split()) or "somebody" for name in found]
