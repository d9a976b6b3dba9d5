"""Names that lead out, that are not names, that are there twice; links and devices."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from tests.knowledge.hostile.case import GOOD, Case, refused, survived
from tests.knowledge.hostile.rawzip import UTF8, Part, attack, field, kept

TEXT = b"# Up\n\nThis was meant to lie elsewhere.\n"
OUT = r"leads out"
ABSOLUTE = "absolute"

_REFUSED = {
    OUT: [
        "../up.md",
        "../../up.md",
        "../../../../../../../../../../../../etc/up.md",
        "a/../../up.md",
        "a/b/../../../up.md",
        "a/../up.md",
        "a/b/c/../../../up.md",
        "..\\up.md",
        "a\\..\\..\\up.md",
        "a/..\\../up.md",
        "..\\../..\\up.md",
        "a/..",
        "..",
        "../",
        "a/../",
        ".git/../../up.md",
        "__MACOSX/../../up.md",
        "node_modules/..\\up.md",
    ],
    ABSOLUTE: [
        "/etc/up.md",
        "//etc/up.md",
        "\\etc\\up.md",
        "/",
        "//",
        "",
        "C:\\up.md",
        "C:/up.md",
        "c:up.md",
        "z:",
        "\\\\server\\share\\up.md",
        "//server/share/up.md",
        "\\\\?\\C:\\up.md",
        "\\\\.\\PhysicalDrive0",
        "{outside}/up.md",
        "/proc/self/environ",
    ],
    "NUL": ["evil\0.md", "\0", "up.md\0.png", "..\0/up.md", "kept.md\0"],
    "archive inside": [
        "inner.zip",
        "inner.ZIP",
        "a/inner.tar.gz",
        "inner.tgz",
        "inner.7z",
        "inner.rar",
        "inner.jar",
        "inner.xz",
        "inner.zst",
    ],
}
# Strange, but a name and nothing else: nothing is ever written under it.
_NAMES = [
    "%2e%2e/up.md",
    "a/%2e%2e%2f%2e%2e%2fup.md",
    "%252e%252e%252fup.md",
    "\uff0e\uff0e\uff0fup.md",
    "a/\u2025/up.md",
    "a//up.md",
    "~/up.md",
    "$HOME/up.md",
    "%APPDATA%/up.md",
    "CON.md",
    "aux.md",
    "lpt1/up.md",
    "up.md:stream.md",
    "file:/etc/up.md",
    "https://example.org/up.md",
    "-rf.md",
    "--help.md",
    "; touch up; .md",
    "$(touch up).md",
    "`touch up`.md",
    "=cmd|' /C calc'!A0.md",
    "<script>alert(1)</script>.md",
    "' OR 1=1; DROP TABLE documents; --.md",
    "line\nbreak.md",
    "return\r\n.md",
    "tab\t.md",
    "bell\x07.md",
    "\x1b[2Jescape.md",
    "delete\x7f.md",
    "next\x85line.md",
    "\u202efdp.md",
    "\u2066isolated\u2069.md",
    "zero\u200bwidth.md",
    "\ufeffmark.md",
    "\u2028separator.md",
    "e\u0301" * 200 + ".md",
    "\U0001f9a4" * 50 + ".md",
    "\ufdd0nonchar.md",
    " up.md",
    "up .md",
    "/".join("d" * 1 for _ in range(400)) + "/up.md",
    "n" * 900 + ".md",
]
_HIDDEN = [
    "....//up.md",
    "a/.\u200b./up.md",
    ".../up.md",
    "./up.md",
    ".",
    "./",
    ".htaccess",
    ".ssh/authorized_keys.md",
]
_KINDS = {
    "a link to a file": (stat.S_IFLNK | 0o777, "link"),
    "a pipe": (stat.S_IFIFO | 0o666, "regular"),
    "a socket": (stat.S_IFSOCK | 0o666, "regular"),
    "a character device": (stat.S_IFCHR | 0o666, "regular"),
    "a block device": (stat.S_IFBLK | 0o666, "regular"),
    "a whiteout of BSD": (0o160000 | 0o666, "regular"),
    "a kind that is none": (0o170000 | 0o666, "regular"),
}


def cases() -> Iterator[tuple[str, Case]]:
    """(what it is called, the case)."""
    for reason, listed in _REFUSED.items():
        for name in listed:
            yield f"name {name[:40]!r}", survived(_named(name), reason=reason)
    for name in _NAMES:
        yield f"strange name {name[:40]!r}", survived(_named(name), name.replace("\\", "/"))
    for name in _HIDDEN:
        yield f"hidden name {name!r}", survived(_named(name))
    yield from _too_long()
    yield from _links()
    yield from _duplicates()
    yield from _encodings()


def _named(name: str, data: bytes = TEXT) -> object:
    return lambda outside: attack(Part(name.replace("{outside}", outside).encode(), data))


def _too_long() -> Iterator[tuple[str, Case]]:
    for what, name in {
        "65,535 bytes": b"n" * 65_532 + b".md",
        "30,000 folders": b"d/" * 30_000 + b"up.md",
        "1,001 characters": b"n" * 998 + b".md",
        "65,535 bytes of marks": "\u0301".encode() * 21_844 + b".md",
        "20,000 marks from right to left": "\u202e".encode() * 20_000 + b".md",
    }.items():
        built = lambda outside, name=name: attack(Part(name, TEXT))  # noqa: E731
        yield f"a name of {what}", survived(built, reason="longer than")


def _links() -> Iterator[tuple[str, Case]]:
    for what, (mode, reason) in _KINDS.items():
        part = Part(b"link.md", b"/etc/passwd", attributes=mode << 16)
        yield what, survived(lambda _, part=part: attack(part), reason=reason)
    link = stat.S_IFLNK << 16
    made = {
        "a link up": Part(b"link.md", b"../../../../etc/passwd", attributes=link),
        "a link without a target": Part(b"link.md", b"", attributes=link),
        "a link to itself": Part(b"link.md", b"link.md", attributes=link),
        "a link to the good page": Part(b"link.md", b"kept.md", attributes=link),
        "a link, packed": Part(b"link.md", b"/etc/passwd" * 50, 8, attributes=link),
        "a link that says it was made on Windows": Part(
            b"link.md", b"/etc/passwd", attributes=link | 0x400, system=0
        ),
        "a link called like the archive": Part(b"export.zip", b"/etc/passwd", attributes=link),
        "a link in the shape of a folder": Part(b"folder/", b"/etc", attributes=link),
    }
    for what, part in made.items():
        yield what, survived(lambda _, part=part: attack(part), reason="link")
    yield (
        "a page behind a link to a folder",
        survived(
            lambda outside: attack(
                Part(b"folder", outside.encode(), attributes=link), Part(b"folder/up.md", TEXT)
            ),
            "folder/up.md",
            reason="link",
        ),
    )
    hard = field(0x000D, b"\0" * 12 + b"/etc/passwd")
    yield (
        "a hard link as UNIX writes it",
        survived(lambda _: attack(Part(b"hard.md", TEXT, extra=hard, local_extra=hard)), "hard.md"),
    )
    yield (
        "a page for anybody to run as root",
        survived(
            lambda _: attack(Part(b"root.md", TEXT, attributes=(stat.S_IFREG | 0o6777) << 16)),
            "root.md",
        ),
    )
    folder = stat.S_IFDIR << 16
    yield (
        "a page that says it is a folder",
        survived(lambda _: attack(Part(b"folder.md", TEXT, attributes=folder)), "folder.md"),
    )
    yield (
        "a folder with content",
        survived(lambda _: attack(Part(b"folder.md/", TEXT, attributes=folder))),
    )


def _duplicates() -> Iterator[tuple[str, Case]]:
    twice = "several entries"
    pairs = {
        "the same name": (b"up.md", b"up.md", twice),
        "one with a backslash": (b"a\\up.md", b"a/up.md", twice),
    }
    for what, (one, other, reason) in pairs.items():
        parts = [Part(one, TEXT), Part(other, TEXT)]
        yield f"twice: {what}", survived(lambda _, p=parts: attack(*p), reason=reason)
    both = {
        "in capitals": ("Up.md", "up.md"),
        "composed and not": ("caf\u00e9.md", "cafe\u0301.md"),
        "with a dot behind": ("up.md", "up.md."),
        "with a space behind": ("up.md", "up.md "),
        "Kelvin's sign": ("\u212a.md", "K.md"),
    }
    for what, (name, other) in both.items():
        parts = [Part(name.encode(), TEXT), Part(other.encode(), GOOD)]
        also = [n for n in (name, other) if n.endswith(".md")]
        yield (
            f"twice: {what}",
            survived(lambda _, p=parts: attack(*p), *also, refused=2 - len(also)),
        )
    many = [Part(b"up.md", TEXT)] * 1000
    yield (
        "a thousand of one name",
        survived(lambda _: attack(*many), reason=twice, refused=1),
    )
    yield (
        "the good page's name again",
        survived(lambda _: attack(Part(b"kept.md", TEXT)), kept=False, reason=twice, refused=1),
    )
    yield (
        "a page and a folder of one name",
        survived(
            lambda _: attack(Part(b"a.md", TEXT), Part(b"a.md/b.md", TEXT)), "a.md", "a.md/b.md"
        ),
    )
    path = b"\x01" + b"\0" * 4 + b"../../up.md"
    yield (
        "another name in its extra field",
        survived(lambda _: attack(Part(b"up.md", TEXT, extra=field(0x7075, path))), "up.md"),
    )


def _encodings() -> Iterator[tuple[str, Case]]:
    yield (
        "a name in an old code page",
        survived(lambda _: attack(Part(b"caf\x82.md", TEXT, flags=0)), "caf\u00e9.md"),
    )
    for what, raw in {
        "that is not UTF-8": b"caf\xff\xfe.md",
        "of half a surrogate pair": b"\xed\xa0\x80.md",
        "of overlong dots": b"\xc0\xae\xc0\xae/up.md",
    }.items():
        yield (
            f"a name {what}",
            refused(
                lambda _, raw=raw: attack(Part(raw, TEXT, flags=UTF8)),
                "not a complete zip archive",
            ),
        )
    yield (
        "the good page behind strange ones",
        survived(
            lambda _: attack(Part(b"a\xff", b"\xff", flags=0), kept(name=b"b.md")),
            "b.md",
            refused=1,
        ),
    )
