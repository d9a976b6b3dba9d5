"""What several readers need to know about Markdown and plain text, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

MAX_TITLE = 200
MAX_HEADING = 1000

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_NOT_PROSE = re.compile(r"[ \t]*(?:[#>*+|<-]|\d+[.)]\s|$)|    ")
_DATE = re.compile(r"(\d{4})[-_.]?(\d\d)[-_.]?(\d\d)(?!\d)[-_. ]*")
_CONTAINERS = frozenset(("index", "_index", "readme", "start", "home", "default"))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as written: its level, its words, and where the text below it starts."""

    level: int
    text: str
    start: int
    end: int


def headings(body: str) -> Iterator[Heading]:
    """The headings of a Markdown text, those in code blocks left out."""
    fence = ""
    previous, previous_at, at = "", 0, 0
    for line in body.splitlines(keepends=True):
        start, at = at, at + len(line)
        # Also keeps the regular expressions below from lines made to be slow for them.
        bare = line.rstrip("\r\n") if len(line) <= MAX_HEADING else ""
        if marks := _FENCE.match(bare):
            if not fence:
                fence = marks[1]
            elif marks[1].startswith(fence) and not bare.strip(" `~"):
                fence = ""
        elif fence:
            continue
        elif heading := _ATX.match(bare):
            yield Heading(len(heading[1]), plain(heading[2] or ""), start, at)
        elif (rule := _UNDERLINE.match(bare)) and not _NOT_PROSE.match(previous):
            yield Heading(1 if rule[1][0] == "=" else 2, plain(previous), previous_at, at)
        previous, previous_at = ("" if marks else bare), start


def title_of(name: str, body: str, given: str | None = None) -> str:
    """A title that is never blank: as given, else the first top heading, else the file's name."""
    first = next((h.text for h in headings(body) if h.level == 1 and h.text), None)
    return cut(given or "") or cut(first or "") or from_name(name)[0]


def from_name(name: str) -> tuple[str, datetime | None]:
    """A title and, where it starts with one, a date from a path: "2024-03-05-on-call.md"."""
    path = PurePosixPath(name)
    stem, folder = path.stem, path.parent.name
    if stem.lower() in _CONTAINERS and folder:
        stem = folder
    at = None
    if dated := _DATE.match(stem):
        try:
            at = datetime(int(dated[1]), int(dated[2]), int(dated[3]), tzinfo=UTC)
        except ValueError:
            dated = None
    if dated:
        if dated.end() == len(stem):
            return stem, at
        stem = stem[dated.end() :]
    words = " ".join(re.sub(r"[-_]+", " ", stem).split()) or stem or name
    return cut(words[0].upper() + words[1:]), at


def opening(body: str) -> str:
    """The first words of a text that has no title: exactly as they stand in it."""
    line = next((line.strip() for line in body.splitlines() if line.strip()), "")
    if len(line) <= 80:
        return line
    sentence = re.match(r".{20,80}?[.?!](?=\s)", line)
    return sentence[0] if sentence else line[:80].rpartition(" ")[0] or line[:80]


def cut(title: str) -> str:
    """One line of at most ``MAX_TITLE`` characters."""
    words = " ".join(title.split())
    return words if len(words) <= MAX_TITLE else words[: MAX_TITLE - 1].rstrip() + "…"


def plain(heading: str) -> str:
    """A heading's words without its markup."""
    words = re.sub(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", heading)
    words = re.sub(r"\s*\{[#.:][^}]*\}\s*$", "", words)
    words = re.sub(r"(\*\*|__|`|~~)(.+?)\1", r"\2", words)
    words = re.sub(r"(?<!\w)([*_])(.+?)\1(?!\w)", r"\2", words)
    return re.sub(r"\\([^\w\s])", r"\1", words).strip()
