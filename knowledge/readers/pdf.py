"""PDF files, text by page. Pictures of text (scans) are not read."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from knowledge.archives import MB
from knowledge.exports import Entry, Refused
from knowledge.readers import _office
from knowledge.readers._claims import Claim
from knowledge.readers._office import Told, escaped, within
from knowledge.readers._text import cut
from knowledge.types import Role, SourceDocument

if TYPE_CHECKING:
    from pypdf import PdfReader

DESCRIPTION = "PDF files with text in them, page by page"

MAX_PAGES = 1_500
MAX_CONTENT = 60 * MB
MAX_PAGE_CONTENT = 8 * MB
MAX_OUTLINE = 5_000

FURNITURE_SHARE = 0.4
"""Of the pages; what stands at the top or bottom of so many is no text."""

_RADICAL = re.compile("([\u2e80-\u2fdf\uf900-\ufaff])(?=(.))")
_MAGIC = b"%PDF-"
# Readers accept what stands before it within the first kilobyte.
_ANYWHERE = 1024
_SCAN_WORDS = 3
_BROKEN = (
    *(KeyError, ValueError, TypeError, AttributeError, IndexError),
    *(AssertionError, NotImplementedError, OverflowError, ZeroDivisionError, OSError, EOFError),
)
_log = logging.getLogger(__name__)
logging.getLogger("pypdf").setLevel(logging.ERROR)


def claims(entry: Entry) -> Claim:
    """Any ``.pdf`` file; what is none inside is refused by ``read`` with the reason."""
    return _office.claim(entry, ".pdf", _MAGIC, anywhere=_ANYWHERE)


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one document."""
    yield _office.document(entry, source, decode(entry.read()))


def decode(data: bytes) -> Told:
    """What a PDF says. Raises Refused with the reason."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if _MAGIC not in data[: _ANYWHERE + len(_MAGIC)]:
        raise Refused("not a PDF: it does not begin like one; save or export it again")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("protected by a password; save it without one")
        pages = _without_furniture([_text(page, size) for page, size in _contents(reader)])
        outline = _outline(reader)
        about: dict[str, object] = dict(reader.metadata or {})
        told = {key: _string(about.get(f"/{key}")) for key in ("Title", "Author", "Keywords")}
        created = _moment(_string(about.get("/CreationDate")))
        updated = _moment(_string(about.get("/ModDate")))
    except Refused:
        raise
    except (*_BROKEN, PyPdfError, ImportError) as error:
        if isinstance(error, ImportError) or "ependency" in type(error).__name__:
            raise Refused("protected by encryption; save it without protection") from error
        raise Refused(f"damaged ({cut(str(error))[:120]}); save or export it again") from error
    except RecursionError as error:
        raise Refused("nests too deeply; print it to a new PDF") from error
    if sum(len(page.split()) for page in pages) < _SCAN_WORDS:
        raise Refused("there is no text in it, as in a scan; put it through text recognition first")
    return Told(
        _body(pages, outline),
        _office.title(told["Title"]),
        tuple(_office.people(told["Author"], Role.AUTHOR, created)),
        _office.tags(told["Keywords"]),
        created,
        updated,
    )


def _contents(reader: PdfReader) -> Iterator[tuple[Any, int]]:
    """The pages, and how much each is made of. Raises Refused beyond what may be read."""
    if len(reader.pages) > MAX_PAGES:
        raise Refused(f"holds more than {MAX_PAGES:,} pages; split it")
    spent = 0
    for page in reader.pages:
        contents = page.get_contents()
        size = len(contents.get_data()) if contents is not None else 0
        spent += size
        if spent > MAX_CONTENT:
            raise Refused(f"unpacks to more than {MAX_CONTENT // MB} MB of text and drawing")
        yield page, size


def _text(page: Any, size: int) -> str:
    if not size:
        return ""
    if size > MAX_PAGE_CONTENT:
        raise Refused(f"a page is made of more than {MAX_PAGE_CONTENT // MB} MB; simplify it")
    return str(page.extract_text())


def _without_furniture(pages: list[str]) -> list[str]:
    """The pages without what stands at the top or bottom of most of them: running titles, page
    numbers. Where it stands first, a running title is kept."""
    lines = [[" ".join(line.split()) for line in page.splitlines()] for page in pages]
    lines = [[line for line in page if line] or [""] for page in lines]
    around: Counter[str] = Counter()
    for page in lines:
        around.update({_shape(page[0]), _shape(page[-1])})
    repeated = {s for s, n in around.items() if s and n >= max(3, FURNITURE_SHARE * len(pages))}
    seen: set[str] = set()
    made = []
    for text, page in zip(pages, lines, strict=True):
        drop = set()
        for line in (page[0], page[-1]):
            shape = _shape(line)
            if shape in repeated and (shape in seen or not re.search(r"[^\W\d_]", line)):
                drop.add(line)
            seen.add(shape)
        kept = [one for one in text.splitlines() if " ".join(one.split()) not in drop]
        made.append(_paragraphs(_undoubled("\n".join(kept))))
    return made


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)


def _undoubled(text: str) -> str:
    """Without the radicals that fonts name beside the signs they draw: "⽂文" is one sign."""
    return _RADICAL.sub(
        lambda found: "" if unicodedata.normalize("NFKC", found[1]) == found[2] else found[1], text
    )


def _paragraphs(text: str) -> str:
    """Lines as they stand on paper, joined where a sentence goes on in the next."""
    made: list[str] = []
    goes_on = False
    for raw in text.replace("\0", "").splitlines():
        line = " ".join(raw.split())
        if not line:
            goes_on = False
            continue
        bullet = re.match(r"[•◦▪‣●○■□–]\s*", line)
        line = f"- {escaped(line[bullet.end() :])}" if bullet else escaped(line)
        if goes_on and not bullet and _continues(made[-1], line):
            parted = re.search(r"[^\W\d_]-$", made[-1]) and line[0].islower()
            made[-1] = made[-1][:-1] + line if parted else f"{made[-1]} {line}"
        else:
            made.append(line)
        goes_on = True
    return "\n\n".join(made)


def _continues(above: str, line: str) -> bool:
    last = above.rpartition("\n")[2]
    # A short line ends where its author ended it: a heading, an item, a cell.
    return line[0].islower() or (len(last) > 60 and not re.search(r"[.:;!?]$", last))


def _outline(reader: PdfReader) -> dict[int, str]:
    """The first bookmark of each page that has one."""
    found: dict[int, str] = {}
    seen = 0
    try:
        pending: list[Any] = list(reversed(reader.outline))
        while pending and seen < MAX_OUTLINE:
            one, seen = pending.pop(), seen + 1
            if isinstance(one, list):
                pending.extend(reversed(one))
            elif (number := reader.get_destination_page_number(one)) is not None:
                found.setdefault(number, cut(_string(one.title) or ""))
    except (*_BROKEN, RecursionError) as error:
        _log.debug("a PDF's outline is broken", exc_info=error)
    return found


def _body(pages: list[str], outline: dict[int, str]) -> str:
    parts: list[str] = []
    for number, text in enumerate(pages):
        if not text:
            continue
        if len(pages) > 1:
            named = within(outline.get(number, ""))
            parts.append(f"## {named} (page {number + 1})" if named else f"## Page {number + 1}")
        parts.append(text)
    return "\n\n".join(parts) + "\n"


def _string(value: object) -> str | None:
    words = " ".join(str(value).replace("\0", "").split()) if value is not None else ""
    return words.encode("utf-8", "replace").decode() or None


def _moment(written: str | None) -> datetime | None:
    """``D:20240305143000+01'00'`` and its shorter forms; without a zone it is UTC."""
    found = re.match(
        r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?([+-]\d\d)?'?(\d\d)?", written or ""
    )
    if found is None:
        return None
    year, month, day, hour, minute, second, zone, rest = found.groups()
    try:
        at = datetime.fromisoformat(
            f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}"
            f"{zone or '+00'}:{rest or '00'}"
        )
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
