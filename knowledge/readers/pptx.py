"""PowerPoint presentations (.pptx): a heading a slide, with tables, pictures and notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from lxml.etree import LxmlError

from knowledge.archives import DAMAGED
from knowledge.exports import Entry, Refused
from knowledge.readers import _office
from knowledge.readers._attachments import embedded
from knowledge.readers._claims import Claim
from knowledge.readers._frontmatter import moment
from knowledge.readers._office import Told, escaped, within
from knowledge.readers._package import Package, properties
from knowledge.types import Attachment, Loss, LossKind, SourceDocument

DESCRIPTION = "PowerPoint presentations (.pptx), slide by slide, with speaker notes"

MAX_SLIDES = 2_000
# Kinds of placeholders that repeat on every slide: date, footer, slide number.
_FURNITURE = frozenset((13, 15, 16))
_DRAWN = {"chart": "a chart", "diagram": "SmartArt", "oleObject": "an embedded object"}
# What PowerPoint says of a picture to which nobody has given words.
_FILE = re.compile(r"^[^/\\]*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg)$", re.IGNORECASE)
_DAMAGE = (
    *(*DAMAGED, LxmlError, KeyError, ValueError),
    *(AttributeError, IndexError, TypeError, AssertionError),
)


def claims(entry: Entry) -> Claim:
    """Any ``.pptx`` file; what is none inside is refused by ``read`` with the reason."""
    return _office.claim(entry, ".pptx", b"PK\x03\x04")


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one document."""
    yield _office.document(entry, source, decode(entry.read()))


def decode(data: bytes) -> Told:
    """What a presentation says. Raises Refused with the reason."""
    # Here, as in the other readers of office files: every reading process starts the faster.
    import pptx
    from pptx.exc import PythonPptxError

    package = Package(data, "a PowerPoint presentation", "ppt/presentation.xml")
    written = _Written()
    try:
        slides = list(pptx.Presentation(BytesIO(data)).slides)
        if len(slides) > MAX_SLIDES:
            raise Refused(f"holds more than {MAX_SLIDES:,} slides; split it")
        for number, slide in enumerate(slides, 1):
            written.slide(slide, number)
    except Refused:
        raise
    except RecursionError as error:
        raise Refused("nests too deeply; simplify it or save it as another format") from error
    except (*_DAMAGE, PythonPptxError) as error:
        # The library takes the parts' relations at their word.
        raise Refused("damaged inside; open it in PowerPoint and save it again") from error
    if not written.words:
        raise Refused("there is no text on its slides; pictures of text are not read")
    about = properties(package.read("docProps/core.xml"))
    created, updated = moment(about.get("created")), moment(about.get("modified"))
    return Told(
        "\n\n".join(written.parts) + "\n",
        _office.title(about.get("title")) or written.title,
        _office.makers(about.get("creator"), about.get("lastModifiedBy"), created, updated),
        _office.tags(about.get("keywords")),
        created,
        updated,
        tuple(Loss(LossKind.EMBED, what, n) for what, n in written.lost.items()),
        tuple(written.pictures.values()),
    )


class _Written:
    """Slides as Markdown, and what is found on the way."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lost: Counter[str] = Counter()
        self.pictures: dict[str, Attachment] = {}
        self.title: str | None = None
        self.words = False

    def slide(self, slide: Any, number: int) -> None:
        title = slide.shapes.title
        called = " ".join(title.text_frame.text.split()) if title is not None else ""
        self.title = self.title or called or None
        self.words = self.words or bool(called)
        before = len(self.parts)
        for shape in slide.shapes:
            if title is None or shape.shape_id != title.shape_id:
                self._shape(shape)
        frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if frame is not None and (notes := _paragraphs(frame.paragraphs, bullets=False)):
            self._say("**Notes:** " + "\n\n".join(notes))
        if called or len(self.parts) > before:
            self.parts.insert(before, f"## {within(called) or f'Slide {number}'}")

    def _say(self, text: str) -> None:
        self.parts.append(text)
        self.words = True

    def _shape(self, shape: Any) -> None:
        if shape.is_placeholder and int(shape.placeholder_format.type or 0) in _FURNITURE:
            return
        if hasattr(shape, "shapes"):
            for inner in shape.shapes:
                self._shape(inner)
        elif getattr(shape, "has_table", False):
            self._say(_table(shape.table))
        elif hasattr(shape, "image"):
            self._picture(shape)
        elif shape.has_text_frame:
            bullets = shape.is_placeholder and len(shape.text_frame.paragraphs) > 1
            if lines := _paragraphs(shape.text_frame.paragraphs, bullets=bullets):
                self._say(("\n" if bullets else "\n\n").join(lines))
        elif kind := next(
            (k for k in _DRAWN if shape._element.xpath(f".//*[contains(@uri,'{k}')]")), None
        ):
            self.lost[_DRAWN[kind]] += 1
            if kind == "chart" and shape.has_chart and shape.chart.has_title:
                self._say(f"Chart: {escaped(shape.chart.chart_title.text_frame.text)}")

    def _picture(self, shape: Any) -> None:
        image = shape.image
        told = shape._element.xpath("./p:nvPicPr/p:cNvPr/@descr")
        alt = _FILE.sub("", " ".join("".join(told).split()))
        href = next((h for h, one in self.pictures.items() if one.data == image.blob), None)
        if href is None:
            href = f"media/image{len(self.pictures) + 1}.{image.ext}"
            self.pictures[href] = embedded(image.blob, href, href.rpartition("/")[2])
        self.parts.append(f"![{escaped(alt)}]({href})")


def _paragraphs(paragraphs: Iterable[Any], *, bullets: bool) -> list[str]:
    lines: list[str] = []
    for paragraph in paragraphs:
        runs = "".join(_run(run) for run in paragraph.runs) or escaped(paragraph.text)
        if words := " ".join(runs.split()):
            lines.append(f"{'  ' * paragraph.level}- {words}" if bullets else words)
    return lines


def _run(run: Any) -> str:
    words = escaped(run.text)
    if not words:
        return run.text and " "
    head = " " if run.text[0].isspace() else ""
    tail = " " if run.text[-1].isspace() else ""
    address = run.hyperlink.address
    if address and not re.search(r"[\s<>()]", address):
        words = f"[{words}]({address})"
    return f"{head}{words}{tail}"


def _table(table: Any) -> str:
    rows = [[within(cell.text_frame.text, table=True) for cell in row.cells] for row in table.rows]
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
