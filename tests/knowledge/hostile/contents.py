"""Good archives with files that attack whatever reads them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.knowledge.hostile.case import KEPT, Case, beside, heavy, survived
from tests.knowledge.hostile.rawzip import DEFLATED, Part, attack, build

SAMPLES = Path(__file__).parents[3] / "data" / "samples" / "formats"
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY l "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)).replace("&l0;", "&l;")
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'
QUADRATIC = f'<!DOCTYPE x [<!ENTITY l9 "{"a" * 50_000}">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
PARAMETER = '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>'
TYPES = {
    "grows like laughter": LAUGHS,
    "reads a file": OUTSIDE,
    "grows with its square": QUADRATIC,
    "is fetched": REMOTE,
    "takes its parts from a file": PARAMETER,
}
_OFFICE = {
    "docx": ("docx/feeder-inspection.docx", "word/document.xml"),
    "pptx": ("pptx/protection-relays.pptx", "ppt/slides/slide1.xml"),
    "odt": ("odt/ice-detector.odt", "content.xml"),
}


def cases() -> Iterator[tuple[str, Case]]:
    """(what it is called, the case)."""
    yield from _office()
    yield from _xml()
    yield from _trees()
    yield from _long()
    yield from _packed_streams()


def _with(name: str, data: bytes, *also: str, **more: object) -> Case:
    build = lambda _: attack(Part(name.encode(), data, DEFLATED))  # noqa: E731
    return survived(build, *also, **more)  # type: ignore[arg-type]


def _office() -> Iterator[tuple[str, Case]]:
    for suffix, (sample, main) in _OFFICE.items():
        for what, changed in {
            "with 30 MB of spaces": lambda xml: xml.replace(b">", b">" + b" " * 30_000_000, 1),
            "with 400,000 elements": lambda xml: xml[:-20] + b"<a/>" * 400_000 + xml[-20:],
            "with 5,000 elements in each other": lambda xml: b"<a>" * 5000 + b"</a>" * 5000,
            "whose text is missing": lambda xml: None,
            "whose text is cut": lambda xml: xml[: len(xml) // 2],
            "whose text is noise": lambda xml: bytes(range(256)) * 9,
            **{
                f"whose text {how}": lambda xml, d=kind: _typed(xml, d)
                for how, kind in TYPES.items()
            },
        }.items():
            yield (
                f"a {suffix} {what}",
                survived(
                    lambda _, s=sample, m=main, c=changed, x=suffix: attack(
                        Part(f"a.{x}".encode(), repacked(SAMPLES / s, {m: c}))
                    ),
                    refused=1,
                ),
            )
        whole = (SAMPLES / sample).read_bytes()
        yield f"a {suffix} that is cut", _with(f"a.{suffix}", whole[:-40], refused=1)
        yield f"a {suffix} of noise", _with(f"a.{suffix}", b"PK\x03\x04" + b"\xff" * 99, refused=1)
        ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
        yield f"a {suffix} with a password", _with(f"a.{suffix}", ole, refused=1)
    yield (
        "a docx whose picture lies elsewhere",
        survived(
            lambda _: attack(
                Part(
                    b"a.docx",
                    repacked(
                        SAMPLES / _OFFICE["docx"][0],
                        {
                            "word/_rels/document.xml.rels": lambda xml: xml.replace(
                                b'Target="media/', b'Target="../../../../../etc/'
                            ).replace(b"</Relationships>", _ELSEWHERE + b"</Relationships>")
                        },
                    ),
                )
            ),
            "a.docx",
        ),
    )


_ELSEWHERE = (
    b'<Relationship Id="rIdX" TargetMode="External" Target="file:///etc/passwd" Type="http://'
    b'schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>'
)


def _typed(xml: bytes, kind: str) -> bytes:
    """With a document type, and an entity of it in the text."""
    head, mark, rest = xml.partition(b"?>")
    return head + mark + kind.encode() + rest.replace(b"><", b">&l9;<", 1)


def repacked(path: Path, changes: dict[str, object]) -> bytes:
    """A package with some of its parts changed, or left out where that gives None."""
    parts = []
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            data: bytes | None = package.read(name)
            if name in changes:
                data = changes[name](data)  # type: ignore[operator]
            if data is not None:
                parts.append(Part(name.encode(), data, DEFLATED))
    return build(parts)


_ROOTS = {
    "entities.xml": b"<hibernate-generic><object class='Page'><id name='id'>1</id>&l9;</object>"
    b"</hibernate-generic>",
    "wiki.xml": b"<mediawiki><page><title>A&l9;</title></page></mediawiki>",
    "notes.enex": b"<en-export><note><title>A&l9;</title><content>B</content></note></en-export>",
    "page.xhtml": b"<html><body><h1>A&l9;</h1><p>B</p></body></html>",
    "picture.svg": b"<svg><text>&l9;</text></svg>",
    "outline.opml": b"<opml><body><outline text='&l9;'/></body></opml>",
}


def _xml() -> Iterator[tuple[str, Case]]:
    for name, root in _ROOTS.items():
        for how, kind in TYPES.items():
            data = b'<?xml version="1.0"?>' + kind.encode() + root
            # Whether it is refused or read as what it says, nothing may come of its entities.
            built = lambda _, n=name, d=data: attack(Part(n.encode(), d, DEFLATED))  # noqa: E731
            # Confluence's is an export of its own, in which the good page is a stranger.
            known = name == "entities.xml" and Case(built, documents=frozenset({KEPT}), either=True)
            yield f"{name} whose type {how}", known or beside(built)


def _trees() -> Iterator[tuple[str, Case]]:
    deep = 20_000
    front = "---\na: &a [x, x]\n" + "".join(
        f"{c}: &{c} [{','.join([f'*{p}'] * 9)}]\n"
        for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for name, text in [
        ("deep.html", "<div>" * deep + "deep"),
        ("tables.html", "<table><tr><td>" * deep + "deep"),
        ("formatted.html", "<b><i><a>" * deep + "deep"),
        ("attributes.html", "<p " + " ".join(f"a{n}=b" for n in range(deep)) + ">text"),
        ("open.html", "<p><" * deep + "text"),
        ("lists.html", "<ul><li>" * deep + "deep"),
        ("entities.html", "<p>" + "&amp" * 100_000),
        ("quotes.md", "> " * deep + "deep"),
        ("lists.md", "\n".join("  " * n + "- item" for n in range(1500))),
        ("brackets.md", "[" * deep),
        ("links.md", "[a](" * deep),
        ("stars.md", "*a **b " * deep),
        ("ticks.md", " ".join("`" * n for n in range(1, 700))),
        ("laughs.md", front + "---\n# Laughs\n\nText.\n"),
        ("deep yaml.md", "---\na: " + "[" * deep + "\n---\n# Deep\n\nText.\n"),
        ("tag.md", "---\na: !!python/object/apply:os.system ['touch up']\n---\nText.\n"),
        ("deep.json", "[" * 200_000),
        ("deep objects.json", '{"a":' * 200_000),
        ("number.json", "9" * 200_000),
        ("float.json", '[{"start": 1e999, "end": NaN, "text": "x"}]'),
        ("deep.jsonl", "[" * 100_000 + "\n"),
        ("late.vtt", "WEBVTT\n\n99999999999999:00:00.000 --> 00:00:01.000\ntext\n"),
        ("back.srt", "1\n00:00:09,000 --> 00:00:01,000\ntext\n"),
        ("tags.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<v A><c>" * deep),
        ("many.eml", _mail(400)),
        ("head.eml", "From: a@example.org\n" + "X: y\n" * 100_000 + "\ntext"),
        ("encoded.eml", "Subject: " + "=?utf-8?q?a?= " * 20_000 + "\nFrom: a\n\ntext"),
    ]:
        yield (
            f"{name}",
            beside(lambda _, n=name, t=text: attack(Part(n.encode(), t.encode(), DEFLATED))),
        )
    yield "notion.csv", _any("A,B\n" + '"' * 100_001, "Log 4f0c2a6e9b1d4c7a8e3f5b6d7c8e9f01.csv")


_LONG = {
    "long.html": lambda: _numbered("<p>line %d of <b>all</b> that is written by hand %d</p>\n"),
    "long attributes.html": lambda: "<p " + _numbered("a%d='%d' ") + ">text",
    "long.md": lambda: _numbered("line %d of all that is written by hand %d\n\n"),
    "long.txt": lambda: _numbered("Ada Field: line %d of all that is said %d\n\n"),
    "long.json": lambda: f"[{_numbered('[%d,%d],')}0]",
    "long.jsonl": lambda: _numbered('{"_id":"%d","text":"%d"}\n'),
    "long.csv": lambda: _numbered("%d,%d\n"),
    "long.vtt": lambda: "WEBVTT\n\n" + _numbered("00:01.000 --> 00:02.000\n%d and %d\n\n"),
    "long.eml": lambda: "Subject: long\n\n" + _numbered("line %d and %d\n"),
}


def _numbered(line: str) -> str:
    """A very long page, packed less than a bomb is. (A text takes ten times its size.)"""
    lines, left = [], 15_000_000
    number = 0
    while left > 0:
        lines.append(line % (number, number * 7919 % 10_007))
        left -= len(lines[-1])
        number += 1
    return "".join(lines)


def _long() -> Iterator[tuple[str, Case]]:
    for name, text in _LONG.items():
        made = lambda _, n=name, t=text: attack(Part(n.encode(), t().encode(), DEFLATED))  # noqa: E731
        yield name, heavy(beside(made))


def _any(text: str, name: str) -> Case:
    return beside(lambda _: attack(Part(name.encode(), text.encode(), DEFLATED)))


def _mail(depth: int) -> str:
    head = "From: a@example.org\nSubject: deep\n"
    body = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth)
    )
    return head + body + "Content-Type: text/plain\n\ntext\n"


def _packed_streams() -> Iterator[tuple[str, Case]]:
    for what, stream, filters in [
        ("of 200 MB", _bomb, b"/FlateDecode"),
        (
            "of 200 MB, packed twice",
            lambda: zlib.compress(_bomb(), 9),
            b"[/FlateDecode /FlateDecode]",
        ),
        ("of noise", lambda: b"\xff" * 500, b"/FlateDecode"),
        ("packed forty times", lambda: b"x", b"[" + b"/FlateDecode " * 40 + b"]"),
    ]:
        yield (
            f"a PDF with a stream {what}",
            survived(
                lambda _, s=stream, f=filters: attack(Part(b"a.pdf", _pdf(s(), f), DEFLATED)),
                refused=1,
            ),
        )
    for what, data in {
        "whose pages are each other's": _pdf(b"", b"null", kids=b"[2 0 R 2 0 R]"),
        "of a billion pages": _pdf(b"", b"null", count=b"1000000000"),
        "that is cut": _pdf(b"x", b"null")[:200],
        "of brackets": b"%PDF-1.7\n" + b"[" * 100_000 + b"<<" * 100_000,
    }.items():
        yield f"a PDF {what}", _with("a.pdf", data, refused=1)


@cache
def _bomb() -> bytes:
    return zlib.compress(bytes(200_000_000), 9)


def _pdf(stream: bytes, filters: bytes, kids: bytes = b"[3 0 R]", count: bytes = b"1") -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids %s/Count %s>>" % (kids, count),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter %s>>stream\n%s\nendstream" % (len(stream), filters, stream),
    ]
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)
