"""Archives whose bytes do not lie as a zip's should: overlaps, lies, cuts, two of what is one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from tests.knowledge.hostile.case import GOOD, KEPT, Case, refused, survived
from tests.knowledge.hostile.rawzip import (
    BZIP2,
    DEFLATED,
    DESCRIBED,
    LZMA,
    End,
    Part,
    attack,
    build,
    ending,
    ending64,
    field,
    kept,
)

OTHER = b"# Other\n\nAnother page.\n"
SHARED = "overlapping|not where its directory says"
BROKEN = "not a complete zip archive"
MANY = "entries"
PAGE = Part(b"other.md", OTHER)


def cases() -> Iterator[tuple[str, Case]]:
    """(what it is called, the case)."""
    yield from _overlaps()
    yield from _lies()
    yield from _cuts()
    yield from _ends()
    yield from _ends64()
    yield from _surroundings()
    yield from _methods()
    yield from _oddities()


def _of(*parts: Part, **more: object) -> partial[bytes]:
    return partial(_made, parts, more)


def _made(parts: tuple[Part, ...], more: dict[str, object], _: str) -> bytes:
    return attack(*parts, **more)


def _overlaps() -> Iterator[tuple[str, Case]]:
    start = {"offset": 0, "local": False}
    listed = [Part(b"other.md", OTHER), replace(PAGE, name=b"again.md", **start)]
    yield "two entries of the same bytes", refused(_of(*listed), SHARED)
    many = [Part(b"other.md", OTHER)]
    many += [replace(PAGE, name=b"%d.md" % n, **start) for n in range(500)]
    yield "five hundred entries of the same bytes", refused(_of(*many), SHARED)
    yield (
        "an entry that is also the good page",
        refused(_of(PAGE, replace(kept(), name=b"b.md", offset=0)), SHARED),
    )
    inside = Part(b"inside.md", OTHER, offset=38 + 30, local=False)
    outer = Part(b"other.md", b"x" * 30 + build([PAGE])[:60])
    yield "an entry inside another", refused(_of(outer, inside), SHARED)
    for what, offset in {
        "in the middle of another": 7,
        "in the directory": 200,
        "behind the end": 100_000,
        "at 4 GB": 0xFFFFFFFE,
    }.items():
        astray = Part(b"astray.md", OTHER, offset=offset)
        yield f"an entry {what}", refused(_of(PAGE, astray), SHARED)
    longer = replace(PAGE, compressed=len(OTHER) + 40)
    yield "an entry that reaches into the next", refused(_of(longer), SHARED)
    longest = replace(PAGE, compressed=0x7FFFFFFF)
    yield "an entry of 2 GB that is not there", refused(_of(longest), SHARED)
    extra = struct.pack("<HH", 0x1234, 60_000)
    yield (
        "a local field that says it is 60,000 bytes long",
        survived(_of(replace(PAGE, local_extra=extra)), "other.md"),
    )
    # Each header lies in what the one before calls its data, as in the best of bombs.
    quoted = bytearray()
    chain = []
    for number in range(20):
        chain.append(Part(b"%d.md" % number, b"", offset=len(quoted), local=False, size=5000))
        quoted += build([Part(b"%d.md" % number, b"")])[: 30 + len(b"%d.md" % number)]
    chain = [replace(part, compressed=len(quoted) - (part.offset or 0)) for part in chain]
    yield (
        "headers quoted in the data of others",
        refused(lambda _: build([*chain, kept()], before=bytes(quoted), adjusted=True), SHARED),
    )


def _lies() -> Iterator[tuple[str, Case]]:
    damaged = {
        "another name in the local header": replace(PAGE, local_name=b"outer.md"),
        "a name that leads out in the local header": replace(PAGE, local_name=b"../a.md."),
        "a wrong checksum": replace(PAGE, crc=12345),
        "a wrong checksum of what is packed": replace(PAGE, method=DEFLATED, crc=0),
        "packed bytes that are noise": replace(PAGE, method=DEFLATED, packed=b"\xff" * 40),
        "packed bytes that end too early": replace(
            PAGE, method=DEFLATED, data=OTHER * 50, packed=b"\x4b\x4c", size=1150
        ),
        "more bytes than are declared": replace(PAGE, data=OTHER * 90, method=DEFLATED, size=9),
        "no bytes where some are declared": replace(PAGE, data=b"", size=4000),
    }
    for what, part in damaged.items():
        yield what, survived(_of(part), reason="damaged|times|empty")
    for what, part in {
        "encrypted in the local header only": replace(PAGE, local_flags=1),
        "fewer bytes than are declared": replace(PAGE, method=DEFLATED, size=40_000),
        "stored, and longer than packed": replace(PAGE, size=50),
        "another method in the local header": replace(PAGE, local_method=99),
        "other sizes in the local header": replace(
            PAGE, local_size=1 << 30, local_compressed=1 << 30
        ),
        "another checksum in the local header": replace(PAGE, local_crc=7),
        "gigabytes in the local header": replace(PAGE, local_size=0xFFFFFFFF),
    }.items():
        yield what, survived(_of(part), "other.md")
    yield (
        "a wrong checksum of the good page",
        survived(lambda _: build([PAGE, kept(crc=1)]), "other.md", kept=False, reason="damaged"),
    )
    yield "nothing with a checksum", survived(_of(Part(b"none.md", crc=7)), reason="damaged|empty")
    for bits, reason in {0x1: "encrypted", 0x41: "encrypted", 0x2001: "encrypted"}.items():
        part = replace(PAGE, flags=bits)
        yield f"encrypted: flags {bits:#x}", survived(_of(part), reason=reason)
    aes = field(0x9901, b"\x02\x00AE\x03\x08\x00")
    yield (
        "encrypted as WinZip does",
        survived(_of(replace(PAGE, flags=1, method=99, extra=aes)), reason="encrypted"),
    )
    yield (
        "encrypted as WinZip does, and not saying so",
        survived(_of(replace(PAGE, method=99, extra=aes)), reason="damaged|packed"),
    )
    yield "strongly encrypted only", survived(_of(replace(PAGE, flags=0x40)), reason="damaged|encr")
    yield "patches", survived(_of(replace(PAGE, flags=0x20)), reason="damaged|patch")
    yield (
        "all of it encrypted",
        survived(lambda _: build([kept(flags=1)]), kept=False, reason="encrypted"),
    )


def _cuts() -> Iterator[tuple[str, Case]]:
    whole = attack(PAGE, Part(b"third.md", OTHER * 20, DEFLATED))
    directory = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    places = {
        "nothing left": 0,
        "in a signature": 3,
        "in a local header": 17,
        "behind a local header": 30,
        "in a name": 34,
        "in the data": 50,
        "before the directory": directory,
        "in the directory": directory + 30,
        "in the directory's second entry": directory + 80,
        "before the end": end,
        "in the end": end + 10,
        "one byte short": len(whole) - 1,
    }
    for what, at in places.items():
        yield f"cut: {what}", refused(lambda _, at=at: whole[:at], BROKEN)
    for what, (start, stop) in {
        "first byte": (0, 1),
        "local header": (0, 38),
        "a byte of the data": (45, 46),
        "directory": (directory, end),
        "half the directory": (directory, directory + 60),
        "a byte of the directory": (directory + 20, directory + 21),
    }.items():
        yield (
            f"lost: {what}",
            refused(lambda _, a=start, z=stop: whole[:a] + whole[z:], f"{BROKEN}|{SHARED}"),
        )
    yield (
        "zeros from the middle on",
        refused(lambda _: whole[: directory // 2] + bytes(len(whole) - directory // 2), BROKEN),
    )
    yield (
        "text as it went through a mail",
        refused(lambda _: whole.replace(b"\n", b"\r\n"), f"{BROKEN}|{SHARED}"),
    )


def _ends() -> Iterator[tuple[str, Case]]:
    inner = attack(Part(b"inner.md", OTHER))
    for what, (end, reason) in {
        "says it lies elsewhere": (End(offset=5), f"{BROKEN}|{SHARED}"),
        "says it lies behind the end": (End(offset=1 << 30), f"{BROKEN}|{SHARED}"),
        "says it is empty": (End(size=0, count=0), "no files|" + BROKEN),
        "says it is larger": (End(size=1 << 20), BROKEN),
        "says it is 4 GB": (End(size=0xFFFFFFFE), f"{BROKEN}|{MANY}|directory"),
        "says it is shorter": (End(size=50), f"{BROKEN}|{SHARED}"),
        "has another signature": (End(signature=b"PK\x05\x07"), BROKEN),
    }.items():
        yield f"a directory that {what}", refused(_of(PAGE, end=end), reason)
    for what, end in {
        "counts one": End(count=1),
        "counts 65,535": End(count=0xFFFF),
        "counts none": End(count=0),
        "holds a comment longer than the file": End(comment_length=500),
        "counts differently for this disk": End(count_here=7),
        "has a comment of 65,535 bytes": End(comment=b"c" * 0xFFFF),
        "has a comment of control characters": End(comment=bytes(range(32)) * 9),
    }.items():
        yield f"a directory that {what}", survived(_of(PAGE, end=end), "other.md")
    yield "spread over disks", survived(_of(PAGE, end=End(disk=7)), "other.md")
    yield "entries on another disk", survived(_of(replace(PAGE, disk=3)), "other.md")
    # Which of two ends counts decides which archive it is; both readings are ours only once.
    yield "an archive in the comment", survived(_of(PAGE, end=End(comment=inner)), "inner.md")
    empty = ending(0, 0, 0)
    yield "an empty archive in the comment", refused(_of(PAGE, end=End(comment=empty)), ".")
    yield (
        "half an end in the comment",
        refused(_of(PAGE, end=End(comment=b"PK\x05\x06" + b"\xff" * 9)), BROKEN),
    )
    yield (
        "signatures in the comment",
        refused(_of(PAGE, end=End(comment=b"PK\x01\x02PK\x03\x04" * 40 + b"PK\x05\x06")), BROKEN),
    )
    yield (
        "a comment that hides a second directory",
        survived(_of(PAGE, end=End(comment=inner[:-22])), "other.md"),
    )


def _ends64() -> Iterator[tuple[str, Case]]:
    yield "a large archive's end", survived(_of(PAGE, zip64=ending64), "other.md")
    lies = {
        "that is nowhere": partial(ending64, where=1 << 40),
        "at its beginning": partial(ending64, where=0),
        "on two disks": partial(ending64, disks=2),
        "with a record of 2^60 bytes": partial(ending64, record=1 << 60),
        "counting 2^60": lambda _c, s, a: ending64(1 << 60, s, a),
        "2^62 bytes long": lambda c, _s, a: ending64(c, 1 << 62, a),
        "2^64 bytes long": lambda c, _s, a: ending64(c, (1 << 64) - 1, a, where=a),
        "2^63 bytes away": lambda c, s, _a: ending64(c, s, 1 << 63),
        "cut to its pointer": lambda c, s, a: ending64(c, s, a)[-20:],
        "cut short": lambda c, s, a: ending64(c, s, a)[:-30],
    }
    full = End(count=0xFFFF, size=0xFFFFFFFF, offset=0xFFFFFFFF)
    for what, zip64 in lies.items():
        yield (
            f"a large archive's end {what}",
            Case(
                _of(PAGE, zip64=zip64, end=full),
                documents=frozenset({"other.md", KEPT}),
                either=True,
            ),
        )
    big = struct.pack("<QQQ", 1 << 63, 1 << 63, 1 << 63)
    for what, extra in {
        "of 2^63 bytes at 2^63": field(1, big),
        "of 2^64 bytes": field(1, b"\xff" * 24),
        "with half of its sizes": field(1, big[:8]),
        "without its sizes": field(1, b""),
        "with sizes longer than their field": struct.pack("<HH", 1, 500) + big,
    }.items():
        part = replace(PAGE, extra=extra, size=0xFFFFFFFF, compressed=0xFFFFFFFF, offset=0xFFFFFFFF)
        yield f"a large entry {what}", refused(_of(part), f"{BROKEN}|{SHARED}|damaged")
    small = field(1, struct.pack("<Q", 1 << 62))
    yield (
        "an entry that says it grows to 2^62 bytes",
        survived(_of(replace(PAGE, extra=small, size=0xFFFFFFFF)), reason="times"),
    )


def _surroundings() -> Iterator[tuple[str, Case]]:
    noise = bytes(range(256)) * 40
    for what, before in {
        "noise": noise,
        "a program": b"MZ" + noise,
        "a PDF": b"%PDF-1.7\n" + noise,
        "an image": b"\x89PNG\r\n\x1a\n" + noise,
        "a web page": b"<!doctype html><script>alert(1)</script>" + noise,
        "signatures": b"PK\x03\x04PK\x01\x02PK\x05\x06" * 50,
        "another archive": build([Part(b"first.md", OTHER)]),
        "half another archive": attack(Part(b"first.md", OTHER))[:100],
    }.items():
        for adjusted in (False, True):
            built = _of(PAGE, before=before, adjusted=adjusted)
            yield f"{what} before it{', counted' * adjusted}", survived(built, "other.md")
    yield "noise behind it", survived(_of(PAGE, behind=noise), "other.md")
    yield "100,000 bytes behind it", refused(_of(PAGE, behind=b"x" * 100_000), BROKEN)
    yield "noise before its directory", survived(_of(PAGE, gap=noise), "other.md")
    yield "a page that is not listed", survived(_of(replace(PAGE, listed=False)))
    yield "noise between its pages", survived(_of(replace(PAGE, behind=noise)), "other.md")
    yield "text called an archive", refused(lambda _: GOOD, BROKEN)
    yield "gzip called an archive", refused(lambda _: b"\x1f\x8b\x08" + noise, BROKEN)
    yield "nothing at all", refused(lambda _: b"", BROKEN)
    yield (
        "a megabyte of ends",
        refused(lambda _: b"PK\x05\x06" * 250_000, f"{BROKEN}|{SHARED}|no files"),
    )
    yield "a megabyte of zeros", refused(lambda _: bytes(1_000_000), BROKEN)
    yield "an archive of nothing", refused(lambda _: build([]), "holds no files")
    yield (
        "an archive of folders",
        refused(lambda _: build([Part(b"a/"), Part(b"a/b/")]), "holds no files"),
    )
    yield (
        "an archive of hidden files",
        refused(
            lambda _: build([Part(b".a.md", GOOD), Part(b"__MACOSX/b.md", GOOD)]), "holds no files"
        ),
    )


def _methods() -> Iterator[tuple[str, Case]]:
    for name, method in {"bzip2": BZIP2, "LZMA": LZMA, "deflate": DEFLATED}.items():
        yield f"packed by {name}", survived(_of(replace(PAGE, method=method)), "other.md")
    for method in (1, 2, 6, 7, 9, 10, 18, 19, 20, 93, 95, 96, 97, 98, 99, 1234, 65535):
        part = replace(PAGE, method=method)
        yield f"packed by method {method}", survived(_of(part), reason="damaged|packed")
    for name, method in {"bzip2": BZIP2, "LZMA": LZMA}.items():
        for what, data in {"noise": b"\xff" * 90, "nothing": b"", "zeros": bytes(90)}.items():
            part = replace(PAGE, method=method, packed=data)
            yield (
                f"{what} as packed by {name}",
                survived(_of(part), reason="damaged|empty|text|bytes"),
            )


def _oddities() -> Iterator[tuple[str, Case]]:
    described = Part(b"other.md", OTHER, DEFLATED, flags=DESCRIBED)
    numbers = struct.pack("<LLL", 0x3C7D9B8E, len(described.content()), len(OTHER))
    for what, behind in {
        "without a descriptor": b"",
        "with one": b"PK\x07\x08" + numbers,
        "with an unsigned one": numbers,
        "with a large one": b"PK\x07\x08" + numbers[:4] + struct.pack("<QQ", 1 << 60, 1 << 60),
        "with one that lies": b"PK\x07\x08" + b"\xff" * 12,
    }.items():
        part = replace(described, behind=behind)
        yield f"streamed {what}", survived(_of(part), "other.md")
    nothing = replace(described, size=0, compressed=0, crc=0)
    yield "streamed, and listed as empty", survived(_of(nothing), reason="empty|damaged")
    for what, moment in {
        "of no month": 0,
        "of month 15": (44 << 9 | 15 << 5 | 31) << 16,
        "of the 31st hour": NOON_LATE,
        "of 2107": 0xFFFFFFFF,
        "of 30 February": (44 << 9 | 2 << 5 | 30) << 16,
    }.items():
        yield f"a page {what}", survived(_of(replace(PAGE, moment=moment)), "other.md")
    for what, part in {
        "a field of 65,000 bytes": replace(PAGE, extra=field(0x4242, b"f" * 65_000)),
        "a local field of 65,000 bytes": replace(PAGE, local_extra=field(0x4242, b"f" * 65_000)),
        "a comment of 65,535 bytes": replace(PAGE, comment=b"c" * 0xFFFF),
        "a field that is cut": replace(PAGE, extra=b"\x42\x42\xff"),
        "noise as its fields": replace(PAGE, extra=b"\x42\x42\x04\x00abcd\x01"),
        "times of a thousand years": replace(PAGE, extra=field(0x5455, b"\x07" + b"\x7f" * 12)),
    }.items():
        yield f"a page with {what}", survived(_of(part), "other.md")
    yield (
        "a field longer than its fields",
        refused(_of(replace(PAGE, extra=struct.pack("<HH", 0x4242, 9000) + b"ab")), BROKEN),
    )


NOON_LATE = (44 << 9 | 5 << 5 | 1) << 16 | 31 << 11 | 63 << 5 | 31
