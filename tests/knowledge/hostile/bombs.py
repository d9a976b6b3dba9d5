"""Archives that grow: in bytes, in entries, in archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

from tests.knowledge.hostile.case import GOOD, KEPT, Case, alone, beside, refused, survived
from tests.knowledge.hostile.rawzip import (
    BZIP2,
    DEFLATED,
    LZMA,
    End,
    Part,
    attack,
    build,
    ending64,
    field,
    kept,
    lzma_packed,
    pack,
)

PART = "Export-950ad927-7171-4abf-9001-821e5310d286-Part-{}.zip"
BLOCK = "ExportBlock-950ad927-7171-4abf-9001-821e5310d286.zip"
OTHER = b"# Other\n\nAnother page.\n"
TIMES = "times its size"
WORDS = b"<p>all work and no play </p>\n"
MB = 1_000_000


def cases() -> Iterator[tuple[str, Case]]:
    """(what it is called, the case)."""
    yield from _growing()
    yield from _many()
    yield from _nested()
    yield from _parts()
    yield from _dumps()


@cache
def _zeros(megabytes: int, method: int = DEFLATED) -> bytes:
    return pack(bytes(megabytes * MB), method)


@cache
def _crc(megabytes: int) -> int:
    return zlib.crc32(bytes(megabytes * MB))


def _zero_part(name: str, megabytes: int, method: int = DEFLATED, **changes: object) -> Part:
    part = Part(name.encode(), b"", method, packed=_zeros(megabytes, method), crc=_crc(megabytes))
    return replace(part, **({"size": megabytes * MB} | changes))  # type: ignore[arg-type]


def _growing() -> Iterator[tuple[str, Case]]:
    for name, method in {"deflate": DEFLATED, "bzip2": BZIP2, "LZMA": LZMA}.items():
        for suffix in (".md", ".html"):
            yield (
                f"40 MB of zeros by {name}{suffix}",
                survived(
                    lambda _, m=method, s=suffix: attack(_zero_part(f"a{s}", 40, m)), reason=TIMES
                ),
            )
    for size in (0, 10, 60_000):
        yield (
            f"40 MB that say they are {size}",
            survived(
                lambda _, n=size: attack(replace(_zero_part("a.md", 40), size=n)),
                reason="damaged|empty|NUL",
            ),
        )
    for what, changes in {
        "that say they were as long before": {"compressed": 40 * MB},
        "that say they are 4 GB": {"size": 0xFFFFFFFE},
    }.items():
        yield (
            f"40 MB {what}",
            Case(
                lambda _, c=changes: attack(_zero_part("a.md", 40, **c)),
                "overlapping|not where" if "compressed" in changes else None,
                frozenset() if "compressed" in changes else frozenset({KEPT}),
                reason=TIMES,
            ),
        )
    yield (
        "a ratio just below the limit, again and again",
        survived(
            lambda _: attack(
                *(Part(b"%d.md" % n, b"a%d " % n * 20_000, DEFLATED) for n in range(8))
            ),
            *(f"{n}.md" for n in range(8)),
        ),
    )
    yield (
        "a page of 60 MB, hardly packed",
        survived(lambda _: attack(_barely("a.md", 60)), reason="larger than 50 MB"),
    )
    yield (
        "an attachment of 60 MB beside a page that shows it",
        survived(
            lambda _: attack(_barely("a.png", 60), Part(b"b.md", b"# B\n\n![a](a.png)\n")), "b.md"
        ),
    )
    yield (
        "a dictionary of 4 GB",
        beside(lambda _: attack(_hungry(0xFFFFFFFF))),
    )
    yield (
        "a dictionary of 800 MB",
        beside(lambda _: attack(_hungry(800 << 20))),
    )
    yield (
        "an attachment with a dictionary of 4 GB",
        survived(
            lambda _: attack(
                replace(_hungry(0xFFFFFFFF), name=b"a.png"), Part(b"b.md", b"# B\n\n![a](a.png)\n")
            ),
            "b.md",
        ),
    )


def _hungry(dictionary: int) -> Part:
    return Part(b"a.md", OTHER, LZMA, packed=lzma_packed(OTHER, dictionary))


def _barely(name: str, megabytes: int) -> Part:
    """What grows forty times: a pattern that deflate does not see the end of."""
    pattern = bytes(range(32, 127)) * 4
    block = b"".join(pattern[n % 90 : n % 90 + 200] + b"%d\n" % n for n in range(5000))
    data = block * (megabytes * MB // len(block) + 1)
    return Part(name.encode(), data, DEFLATED)


@cache
def _headers(count: int, stem: str = "") -> bytes:
    """A zip of so many empty entries, written at once."""
    local = struct.Struct("<4s5H3L2H")
    central = struct.Struct("<4s6H3L5H2L")
    out, directory = bytearray(), bytearray()
    for number in range(count):
        name = f"{stem}{number:x}".encode()
        directory += central.pack(
            b"PK\x01\x02", 20, 20, 0, 0, 0, 22561, 0, 0, 0, len(name), 0, 0, 0, 0, 0, len(out)
        )
        directory += name
        out += local.pack(b"PK\x03\x04", 20, 0, 0, 0, 22561, 0, 0, 0, len(name), 0) + name
    return bytes(out) + bytes(directory) + ending64(count, len(directory), len(out)) + _full_end()


def _full_end() -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def _many() -> Iterator[tuple[str, Case]]:
    yield "100,000 entries", refused(lambda _: _headers(100_000), "more than 50,000 entries")
    yield "50,001 entries", refused(lambda _: _headers(50_001), "more than 50,000 entries")
    for what, end in {
        "one": End(count=1, count_here=1),
        "none": End(count=0, count_here=0),
    }.items():
        yield (
            f"50,100 entries that say they are {what}",
            refused(lambda _, e=end: _lying(50_100, e), "more than 50,000 entries"),
        )
    yield (
        "20,000 folders",
        survived(lambda _: attack(*(Part(b"f%d/" % n) for n in range(20_000)))),
    )
    yield (
        "10,000 hidden files",
        survived(lambda _: attack(*(Part(b".f%d" % n, b"x") for n in range(20_000)))),
    )
    yield (
        "2,000 images",
        survived(
            lambda _: attack(*(Part(b"f%d.png" % n, b"x") for n in range(2000))), refused=2000
        ),
    )
    long = field(0x4242, b"f" * 60_000)
    parts = [Part(b"f%d.md" % n, OTHER, extra=long) for n in range(450)]
    yield "a directory of 27 MB", refused(lambda _: attack(*parts), "directory|entries")
    yield (
        "100,000 signatures in a name's place",
        survived(
            lambda _: attack(Part(b"PK\x01\x02" * 16_000 + b".md", OTHER)), reason="longer than"
        ),
    )


def _lying(count: int, end: End) -> bytes:
    whole = build([Part(b"%x" % number) for number in range(count)], end)
    assert len(whole) < 10 * MB
    return whole


def _zip(*parts: Part) -> bytes:
    return build(parts)


def _nested() -> Iterator[tuple[str, Case]]:
    inside = "an archive inside"
    deep = _zip(Part(b"deep.md", OTHER))
    for _ in range(5):
        deep = _zip(*(Part(b"lib %d.zip" % n, deep) for n in range(3)))
    yield (
        "archives in archives, five deep",
        survived(lambda _: attack(Part(b"lib.zip", deep)), reason=inside),
    )
    yield (
        "an archive that holds nothing but an archive",
        survived(lambda _: _zip(Part(b"lib.zip", deep)), kept=False, reason=inside),
    )
    for name in ("a.md", "a.txt", "a.png", "a.html", "a.json", "a.vtt", "a.xml", "a", "a.zip.md"):
        part = Part(name.encode(), deep)
        yield f"an archive called {name}", survived(lambda _, p=part: attack(p), refused=1)
    for name in ("a.docx", "a.pptx", "a.odt", "a.textpack"):
        part = Part(name.encode(), deep)
        yield f"an archive called {name}", survived(lambda _, p=part: attack(p), refused=1)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as made:
        made.addfile(tarfile.TarInfo("../up.md"))
    for suffix, data in {
        "tar": tar.getvalue(),
        "tar.gz": gzip.compress(tar.getvalue()),
        "tbz2": bz2.compress(tar.getvalue()),
        "txz": lzma.compress(tar.getvalue()),
    }.items():
        part = Part(f"a.{suffix}".encode(), data)
        yield f"a {suffix} that leads out", survived(lambda _, p=part: attack(p), reason=inside)


def _in_part(*parts: Part, name: str = PART.format(1)) -> partial[bytes]:
    return partial(_outer, parts, name)


def _outer(parts: tuple[Part, ...], name: str, _: str) -> bytes:
    return _zip(Part(name.encode(), attack(*parts)))


def _parts() -> Iterator[tuple[str, Case]]:
    """What Notion writes: the one nesting that is allowed, which must allow nothing else."""
    yield "a part that is good", survived(_in_part(Part(b"other.md", OTHER)), "other.md")
    yield (
        "a part in a part",
        survived(_in_part(Part(PART.format(2).encode(), attack())), reason="an archive inside"),
    )
    yield (
        "a block in a part",
        survived(_in_part(Part(BLOCK.encode(), attack())), reason="an archive inside"),
    )
    for name, reason in {
        "../up.md": "leads out",
        "/etc/up.md": "absolute",
        "inner.zip": "an archive inside",
        "nul\0.md": "NUL",
    }.items():
        part = Part(name.encode(), OTHER)
        yield f"in a part: {name!r}", survived(_in_part(part), reason=reason)
    yield "in a part: 40 MB of zeros", survived(_in_part(_zero_part("a.md", 40)), reason=TIMES)
    yield (
        "a bomb in a packed part",
        survived(
            lambda _: _zip(Part(PART.format(1).encode(), attack(_zero_part("a.md", 40)), DEFLATED)),
            reason=TIMES,
        ),
    )
    twice = Part(b"a.md", b"word " * 500_000, DEFLATED)
    yield (
        "what is packed twice",
        survived(
            lambda _: _zip(
                Part(PART.format(1).encode(), attack(replace(twice, method=0)), DEFLATED)
            ),
            kept=False,
            reason=TIMES,
        ),
    )
    yield (
        "a part of zeros",
        survived(lambda _: _zip(_zero_part(PART.format(1), 40)), kept=False, reason=TIMES),
    )
    yield (
        "a part that overlaps itself",
        refused(lambda _: _zip(Part(PART.format(1).encode(), _overlapping())), "overlapping"),
    )
    yield (
        "a part of 60,000 entries",
        refused(lambda _: _zip(Part(PART.format(1).encode(), _headers(60_000))), "entries"),
    )
    yield (
        "three parts of 60,000 entries",
        refused(
            lambda _: _zip(
                *(Part(PART.format(n).encode(), _headers(20_000, f"{n} ")) for n in range(3))
            ),
            "entries",
        ),
    )
    for what, data in {
        "text": OTHER,
        "empty": b"",
        "cut": attack()[:100],
        "gzip": gzip.compress(OTHER),
    }.items():
        part = Part(PART.format(1).encode(), data)
        yield f"a part that is {what}", refused(lambda _, p=part: _zip(p), "not a complete zip")
    whole = attack()
    for what, changes in {
        "encrypted": {"flags": 1},
        "a link": {"attributes": 0o120777 << 16},
        "with a wrong checksum": {"crc": 1},
        "of an unknown method": {"method": 99},
    }.items():
        part = replace(Part(PART.format(1).encode(), whole), **changes)  # type: ignore[arg-type]
        yield (
            f"a part that is {what}",
            Case(
                lambda _, p=part: _zip(p, Part(PART.format(2).encode(), whole)),
                None,
                refused=1,
                reason="encrypted|link|damaged",
            ),
        )
    yield (
        "two parts with the same page",
        survived(
            lambda _: _zip(
                Part(PART.format(1).encode(), whole),
                Part(PART.format(2).encode(), attack(Part(b"other.md", OTHER))),
            ),
            "other.md",
            kept=False,
            reason="several parts",
        ),
    )
    yield (
        "two parts of one name",
        survived(
            lambda _: _zip(*[Part(PART.format(1).encode(), whole)] * 2),
            kept=False,
            reason="several entries",
        ),
    )


def _overlapping() -> bytes:
    part = Part(b"a.md", OTHER)
    return build([part, replace(part, name=b"b.md", offset=0, local=False)])


_DUMP = (
    b'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11">'
    b"<siteinfo><sitename>W</sitename><base>https://w.example/wiki/Main</base></siteinfo>"
    b"<page><title>Kept</title><ns>0</ns><id>7</id><revision><id>1</id>"
    b"<timestamp>2024-01-01T00:00:00Z</timestamp><text>" + GOOD + b"</text></revision></page>"
)


@cache
def _bzip2_bomb(megabytes: int) -> bytes:
    """The same by bzip2."""
    return bz2.compress(_DUMP + b" " * megabytes * MB + b"</mediawiki>")


@cache
def _gzip_bomb(megabytes: int) -> bytes:
    """Gzip of a dump that goes on with white space."""
    maker = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = maker.compress(_DUMP)
    for _ in range(megabytes):
        out += maker.compress(b" " * MB)
    return out + maker.compress(b"</mediawiki>") + maker.flush()


def _dumps() -> Iterator[tuple[str, Case]]:
    """MediaWiki's dumps, which come packed alone."""
    gz, bz, end = "dump.xml.gz", "dump.xml.bz2", b"</mediawiki>"
    good = {gz: gzip.compress(_DUMP + end), bz: bz2.compress(_DUMP + end)}
    for name, data in good.items():
        yield f"{name} that is good", alone(lambda _, d=data: d, name, "7")
        yield (
            f"{name} that is cut",
            alone(lambda _, d=data: d[:-20], name, refused=1, reason="damaged|archive"),
        )
        yield (
            f"{name} with noise behind it",
            alone(lambda _, d=data: d + b"noise", name, "7", refused=1, reason="damaged"),
        )
    for name, bomb in {gz: _gzip_bomb, bz: _bzip2_bomb}.items():
        yield (
            f"{name} of 60 MB of nothing",
            alone(lambda _, b=bomb: b(60), name, "7", refused=1, reason=TIMES),
        )
    yield (
        "a dump behind 20,000 empty ones",
        alone(lambda _: gzip.compress(b"") * 20_000 + good[gz], gz, "7"),
    )
    for what, made in {
        "a gzip in a gzip": lambda _: gzip.compress(good[gz]),
        "a gzip of zeros": lambda _: gzip.compress(bytes(50 * MB)),
    }.items():
        yield what, alone(made, gz, refused=1)
    yield (
        "a packed dump in an archive",
        survived(lambda _: attack(Part(gz.encode(), good[gz])), reason="an archive inside"),
    )
    spaces = replace(kept(), name=b"other.md")
    yield "a good archive", survived(lambda _: attack(spaces), "other.md")
    doctype = b'<!DOCTYPE mediawiki [<!ENTITY a "b">]>' + _DUMP + end
    doctype = b'<!DOCTYPE mediawiki [<!ENTITY a "b">]>'
    for what, (made, pages) in {
        "that declares entities": (lambda: doctype + _DUMP + end, ()),
        "of 300,000 elements in each other": (lambda: _DUMP + b"<page>" * 300_000, ()),
        "whose title is 20 MB long": (lambda: b"<mediawiki><page><title>" + b"t" * 20 * MB, ()),
        "of comments": (lambda: b"<!---->" * 550 + b"x" + _DUMP, ()),
        "that is cut": (lambda: _DUMP[:-40], ()),
    }.items():
        yield (
            f"a dump {what}",
            alone(lambda _, b=made: gzip.compress(b(), 1), gz, *pages, refused=1),
        )
