"""Word, PowerPoint, PDF, OpenDocument and mail, also as attachments of other documents."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import docx as python_docx
import pptx as python_pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pypdf import PdfWriter

from knowledge.exports import Refused
from knowledge.readers import _office, _package, docx, eml, odt, pdf, pptx
from knowledge.types import Contributor, LossKind, Role, SourceDocument
from tests.knowledge.readers.support import read, refusal

SAMPLES = Path(__file__).parents[3] / "data" / "samples" / "formats"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


WORD = "docx/feeder-inspection.docx"
SLIDES = "pptx/protection-relays.pptx"
PAPER = "pdf/cable-joints.pdf"
TEXT = "odt/ice-detector.odt"
MAIL = "eml/which-fuse.eml"


@cache
def elements(many: int) -> bytes:
    """XML of so many pieces, which hardly shrinks when it is packed."""
    return b"<a>" + b"".join(b"<b%x/>" % (n * n) for n in range(many)) + b"</a>"


@cache
def attributes(many: int) -> bytes:
    """XML of one element with so many attributes."""
    return b"<a " + b" ".join(b"b%d=''" % n for n in range(many)) + b"/>"


def changed(name: str, **parts: bytes | None) -> bytes:
    """A sample package with parts replaced or added (``__`` is a slash, ``_`` a dot), or gone."""
    given = {key.replace("__", "/").replace("_", "."): data for key, data in parts.items()}
    made = io.BytesIO()
    with zipfile.ZipFile(SAMPLES / name) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.namelist():
            if entry not in given:
                new.writestr(entry, old.read(entry), zipfile.ZIP_DEFLATED)
        for entry, data in given.items():
            if data is not None:
                new.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (WORD, ["## Before take-off", "1. Ask the control room", "| Finding | Class | Deadline |"]),
        (SLIDES, ["## Settings to check", "  - Reclosing dead time", "**Notes:** Show the fault"]),
        (PAPER, ["## Page 1", "measure the insulation before", "- Below 1,000 megohm"]),
        (TEXT, ["# Reading the ice detector", "**accretion**", "| below 2 mm | wet |"]),
        (MAIL, ["Take the 16 A fuse", "> Which fuse do we put"]),
    ],
)
def test_the_text_of_each_format(name: str, words: list[str]) -> None:
    text = _office.text_of(f"attached/{name.upper()}", sample(name))

    assert [word for word in words if word not in text] == []


def test_the_text_of_anything_else_is_refused() -> None:
    for name in ("table.xlsx", "no-suffix", "a.doc"):
        with pytest.raises(Refused, match="no office format"):
            _office.text_of(name, b"x")


def test_people_and_dates_come_from_what_the_file_says_about_itself(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {name: sample(name) for name in (WORD, SLIDES, PAPER, TEXT)}

    found = {d.external_id: d for d in read(tmp_path, files) if isinstance(d, SourceDocument)}

    assert {name: [(c.name, c.role) for c in d.contributors] for name, d in found.items()} == {
        WORD: [("Ines Halvorsen", Role.AUTHOR), ("Rafael Okoro", Role.EDITOR)],
        SLIDES: [("Tomasz Villareal", Role.AUTHOR)],
        PAPER: [("Rafael Okoro", Role.AUTHOR)],
        TEXT: [("Noor Lindqvist", Role.AUTHOR), ("Ines Halvorsen", Role.EDITOR)],
    }
    assert {name: d.tags for name, d in found.items()} == {
        WORD: ("drones", "inspection"),
        SLIDES: (),
        PAPER: ("cables", "joints"),
        TEXT: ("ice", "weather"),
    }
    assert found[PAPER].created_at == datetime(2024, 9, 18, 8, 15, tzinfo=UTC)
    assert found[WORD].updated_at == datetime(2025, 4, 1, 16, 30, tzinfo=UTC)
    assert found[TEXT].updated_at == datetime(2025, 2, 20, 11, 5, tzinfo=UTC)
    for name in (WORD, SLIDES, TEXT):
        (picture,) = found[name].attachments
        assert f"]({picture.href})" in found[name].body
        assert picture.data is not None
        assert picture.data.startswith(b"\x89PNG")


@pytest.mark.parametrize("name", [WORD, SLIDES, TEXT])
@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"extra_xml": b"<a>" * 300 + b"</a>" * 300}, "nests too deeply"),
        ({"extra_xml": elements}, "holds more than 300,000 pieces"),
        ({"extra_xml": attributes}, "300,0"),
        ({"extra_xml": b"<a>" + b" " * 9_000_000 + b"</a>"}, "expands to more than 100 times"),
        ({"extra_xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "declares entities"),
        ({"extra_xml": b"<a><b></a>"}, "extra.xml in it is damaged XML"),
        ({"word__document_xml": None, "ppt__presentation_xml": None, "content_xml": None}, "missi"),
    ],
)
def test_packages_that_would_do_harm(name: str, parts: dict[str, Any], reason: str) -> None:
    made = {key: part(300_000) if callable(part) else part for key, part in parts.items()}
    with pytest.raises(Refused, match=reason):
        _office.text_of(name, changed(name, **made))


def test_a_package_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_package, "MAX_XML", 10_000)
    with pytest.raises(Refused, match="text and layout"):
        docx.decode(sample(WORD))
    noise = bytes(range(256)) * 500
    monkeypatch.setattr(_package, "LIMITS", _package.Limits(expanded=100_000))
    with pytest.raises(Refused, match="unpacks to more than"):
        odt.decode(changed(TEXT, Pictures__more_png=noise))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected by a password"),
        ("a.docx", b"Dear all, ...", "not a Word document: it does not begin like one"),
        ("a.docx", b"PK\x03\x04", "not a complete zip archive"),
        ("a.pptx", sample(WORD), "ppt/presentation.xml is missing"),
        (
            "a.odt",
            changed(TEXT, mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
            "kind",
        ),
        ("a.pdf", b"<html>", "not a PDF"),
        ("a.pdf", b"%PDF-1.4\n", "damaged"),
        ("a.eml", b"Dear all,\n\nwhat now?\n", "not a mail message"),
        ("a.eml", b"From: mia@fennmoor.example\n\n \n", "no text in it"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    assert reason in refusal(tmp_path, name, data)


def word(document: object) -> bytes:
    made = io.BytesIO()
    document.save(made)  # type: ignore[attr-defined]
    return made.getvalue()


def test_word_without_words() -> None:
    with pytest.raises(Refused, match="no text in it"):
        docx.decode(word(python_docx.Document()))


def test_word_styles_links_comments_and_junk_metadata() -> None:
    made = python_docx.Document()
    made.core_properties.title = "Microsoft Word - Document1.docx"
    made.core_properties.author = "python-docx"
    made.add_heading("Runbook", 0)
    made.add_paragraph("Stop the < pump >.", style="Intense Quote")
    paragraph = made.add_paragraph("Ask twice.")
    made.add_comment(paragraph.runs, text="Why?", author="Mia Chen")

    told = docx.decode(word(made))

    assert told.title is None
    assert told.people == ()
    assert told.body.startswith("# Runbook\n\n> Stop the ")
    assert "Ask twice." in told.body
    assert "Why?" not in told.body
    assert [(loss.kind, loss.what, loss.count) for loss in told.losses] == [
        (LossKind.COMMENT, "comments by Mia Chen", 1)
    ]


def test_word_footnotes_lead_nowhere_but_are_there() -> None:
    html = (
        '<p>Twice<sup><a href="#footnote-1" id="footnote-ref-1">[1]</a></sup>.</p>'
        '<ol><li id="footnote-1"><p>Once. <a href="#footnote-ref-1">↑</a></p></li></ol>'
    )

    assert docx.markdown_of(html) == "Twice[1].\n\n1. Once.\n"


def test_a_presentation_without_words_and_one_with_a_chart() -> None:
    made = python_pptx.Presentation()
    made.slides.add_slide(made.slide_layouts[6])
    with pytest.raises(Refused, match="no text on its slides"):
        pptx.decode(word(made))

    data = CategoryChartData()
    data.categories = ["May", "June"]
    data.add_series("Trips", (1, 2))
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = "Trips *per* month"
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, 900, 900, data)
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 90, 90).text_frame.text = "1. In a group"

    told = pptx.decode(word(made))

    assert told.title == "Trips *per* month"
    assert "Slide 1" not in told.body
    assert r"## Trips \*per\* month" in told.body
    assert "1\\. In a group" in told.body
    assert [(loss.kind, loss.what) for loss in told.losses] == [(LossKind.EMBED, "a chart")]


def test_protected_and_scanned_paper() -> None:
    protected = PdfWriter(clone_from=SAMPLES / PAPER)
    protected.encrypt("secret", algorithm="RC4-128")
    with pytest.raises(Refused, match="protected by a password"):
        pdf.decode(written(protected))
    opened = PdfWriter(clone_from=SAMPLES / PAPER)
    opened.encrypt("", "owner", algorithm="RC4-128")
    assert "warm air" in pdf.decode(written(opened)).body
    blank = PdfWriter()
    blank.add_blank_page(100, 100)
    with pytest.raises(Refused, match="text recognition"):
        pdf.decode(written(blank))


def written(writer: PdfWriter) -> bytes:
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def test_paper_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 1)
    with pytest.raises(Refused, match="more than 1 pages"):
        pdf.decode(sample(PAPER))
    monkeypatch.undo()
    monkeypatch.setattr(pdf, "MAX_PAGE_CONTENT", 10)
    with pytest.raises(Refused, match="a page is made of more"):
        pdf.decode(sample(PAPER))
    monkeypatch.undo()
    monkeypatch.setattr(pdf, "MAX_CONTENT", 10)
    with pytest.raises(Refused, match="unpacks to more"):
        pdf.decode(sample(PAPER))


def mail(*headers: str, body: str = "Words.") -> bytes:
    return (
        "\n".join(("From: Mia Chen <mia@fennmoor.example>", *headers)) + f"\n\n{body}\n"
    ).encode()


def test_mail_headers() -> None:
    told = eml.decode(
        mail("Subject: AW: Re: =?utf-8?q?K=C3=BChlung?=", "Date: Mon, 6 May 2024 10:00:00 -0000")
    )

    assert told.title == "Kühlung"
    assert told.created_at == told.updated_at == datetime(2024, 5, 6, 10, tzinfo=UTC)
    assert told.people == (
        Contributor("Mia Chen", Role.AUTHOR, "mia@fennmoor.example", at=told.created_at),
    )


def test_mail_of_html_shows_its_pictures() -> None:
    told = eml.decode(
        mail(
            "MIME-Version: 1.0",
            "Content-Type: multipart/related; boundary=x",
            body=(
                "--x\nContent-Type: text/html\n\n<h1>Valve</h1><script>x()</script>"
                '<p>It <b>sticks</b> <img src="cid:v1@f" alt="valve"></p>\n'
                "--x\nContent-Type: image/png\nContent-ID: <v1@f>\n"
                "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"
                "--x\nContent-Type: message/rfc822\n\nSubject: inner\n\nx\n--x--"
            ),
        )
    )

    assert told.body == "# Valve\n\nIt **sticks** ![valve](cid:v1@f)\n"
    assert [(a.href, a.data) for a in told.attachments] == [("cid:v1@f", b"\x89PNG\r\n\x1a\n")]
    assert [loss.kind for loss in told.losses] == [LossKind.ATTACHMENT]


def test_mail_in_unknown_words() -> None:
    told = eml.decode(
        mail("Content-Type: text/plain; charset=klingon", "Date: yesterday", body="Heat.\n-- \nMia")
    )

    assert told.body == "Heat.\n"
    assert told.created_at is None


def test_odd_names() -> None:
    assert _office.people("Mia Chen; ole@fennmoor.example; Windows User", Role.AUTHOR) == [
        Contributor("Mia Chen", Role.AUTHOR),
        Contributor("ole@fennmoor.example", Role.AUTHOR, "ole@fennmoor.example"),
    ]
    assert _office.title("PowerPoint Presentation") is None
    assert _office.title("Presentation of relays") == "Presentation of relays"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("junk", [b"<", b"a: b\n", b"[](", b"> ", b"=?utf-8?q?"])
def test_mail_of_junk_takes_linear_time(junk: bytes) -> None:
    told = eml.decode(b"Subject: x\nContent-Type: text/plain\n\n" + junk * 100_000)

    assert re.search(rb"\S", told.body.encode())


OPEN_DOCUMENT = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
)


def open_document(body: str, styles: str = "", **parts: bytes) -> str:
    content = (
        f"<office:document-content {OPEN_DOCUMENT}><office:body><office:text>{body}"
        "</office:text></office:body></office:document-content>"
    )
    named = f"<office:document-styles {OPEN_DOCUMENT}>{styles}</office:document-styles>"
    return odt.decode(
        changed(TEXT, content_xml=content.encode(), styles_xml=named.encode(), **parts)
    ).body


def test_styles_that_an_open_document_builds_on() -> None:
    styles = (
        '<style:style style:name="Strong" style:family="text">'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
        '<style:style style:name="T2" style:family="text" style:parent-style-name="Strong">'
        '<style:text-properties fo:font-style="italic"/></style:style>'
        '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title">'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
        '<style:style style:name="P2" style:parent-style-name="Preformatted_20_Text"/>'
        '<style:style style:name="Round" style:parent-style-name="Round"/>'
        '<text:list-style style:name="L1"><text:list-level-style-number/></text:list-style>'
    )
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
    inner = f"<text:list>{item.format('b', '')}</text:list>"

    body = open_document(
        '<text:p text:style-name="P1">The title</text:p>'
        '<text:p text:style-name="Round">a <text:span text:style-name="T2">b</text:span></text:p>'
        '<text:p text:style-name="P2">c<text:s text:c="3"/>d</text:p><text:p text:style-name="P2">'
        f'e</text:p><text:list text:style-name="L1">{item.format("a", inner)}</text:list>',
        styles,
        Configurations2__empty_xml=b"",
    )

    assert body == "# The title\n\na ***b***\n\n```\nc   d\ne\n```\n\n1. a\n   1. b\n"


@pytest.mark.parametrize("depth", [60, 190])
def test_an_open_document_that_nests(depth: int) -> None:
    nested = "<text:span>" * depth + "deep" + "</text:span>" * depth

    assert open_document(f"<text:p>{nested}</text:p>") == "deep\n"


def test_running_titles_of_paper_are_left_out() -> None:
    pages = [f"The manual\nWords of page {n}.\n\nMore.\n{n}" for n in range(1, 6)]

    assert pdf._without_furniture(pages) == [
        "The manual\n\nWords of page 1.\n\nMore.",
        *(f"Words of page {n}.\n\nMore." for n in range(2, 6)),
    ]
    assert pdf._without_furniture(pages[:2]) == [
        f"The manual\n\nWords of page {n}.\n\nMore.\n\n{n}" for n in (1, 2)
    ]


def test_signs_that_paper_names_twice() -> None:
    assert pdf._undoubled("\u2f42\u6587\u2f00\u4e00\u4e2a\u2f42") == "\u6587\u4e00\u4e2a\u2f42"
