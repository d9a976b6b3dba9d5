"""Meeting transcripts as Microsoft Teams writes them in Word (.docx).

Of two shapes: ``Name   0:03`` above what was said, under the meeting's title, date and length; or,
from before 2023, ``0:0:3.120 --> 0:0:7.23``, the name and the words in lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from knowledge.archives import DAMAGED, Archive, Member
from knowledge.errors import UnreadableExport
from knowledge.exports import Entry, Refused
from knowledge.readers import _captions, otter
from knowledge.readers._captions import Cue, Said
from knowledge.readers._claims import Claim
from knowledge.readers._frontmatter import FrontMatter, moment
from knowledge.readers._package import LIMITS, Package, is_package, properties
from knowledge.readers._sessions import joined, record
from knowledge.readers._text import cut
from knowledge.readers.docx import MAIN, WHAT
from knowledge.types import SourceDocument

DESCRIPTION = "Microsoft Teams' meeting transcripts in Word (.docx)"
SESSION_RECORDS = True

_HEAD = 400_000
_SPEAKER = re.compile(r"(\S.{0,80}?)[ \t\u00a0]{2,}((?:\d{1,2}:)?\d{1,2}:\d\d)")
_TIMING = re.compile(r"(?:\d{1,2}:)?\d{1,2}:\d{1,2}\.\d{1,3} --> .*")
_DATES = ("%B %d, %Y, %I:%M%p", "%B %d, %Y, %H:%M", "%d %B %Y, %H:%M", "%B %d, %Y", "%d %B %Y")
_RECORDING = re.compile(
    r"(.+?)[-_ ](\d{8})[_-](\d{4}|\d{6})(?:UTC)?[-_ ](?:meeting[-_ ])?(?:recording|transcript)",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"(?:\d+\s*h(?:ours?)?)?\s*(?:\d+\s*m(?:in\w*)?)?\s*(?:\d+\s*s(?:ec\w*)?)?", re.I
)
_STARTED = re.compile(r"(?:.* )?(?:started|stopped) transcription|(?:meeting )?transcript", re.I)


def claims(entry: Entry) -> Claim:
    """A Word document of turns, or one with a session record."""
    if entry.suffix != ".docx":
        return Claim.NO
    if record(entry):
        return Claim.DECLARED
    data = entry.read()
    return Claim.DECLARED if is_package(data) and looks_spoken(_peeked(data)) else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one transcript. Raises Refused where no line says who speaks and when."""
    package = Package(entry.read(), WHAT, MAIN)
    tree = ElementTree.fromstring(package.read(MAIN) or b"", forbid_dtd=True)
    lines = [line for paragraph in _paragraphs(tree) for line in paragraph.split("\n")]
    about = properties(package.read("docProps/core.xml"))
    yield made(entry, source, lines, moment(about.get("created")))


def made(
    entry: Entry, source: str, lines: Sequence[str], created: datetime | None
) -> SourceDocument:
    """A document of a transcript's lines; ``created`` is when, where they do not say."""
    lines = [line for raw in lines if (line := raw.replace("\u00a0", " ").strip())]
    first = next((i for i, line in enumerate(lines) if _SPEAKER.fullmatch(line)), None)
    timed = next((i for i, line in enumerate(lines) if _TIMING.fullmatch(line)), None)
    if first is None and timed is None:
        raise Refused("no line says who speaks and when (Name   0:03): no transcript of Teams")
    head = lines[: min(at for at in (first, timed) if at is not None)]
    matter = _head(head, created)
    if timed is not None and (first is None or timed < first):
        return _captions.transcript(entry, source, list(_cues(lines[timed:], timed)), matter)
    said = list(_said(lines[first:]))
    if not said:
        raise Refused("nobody says anything in it")
    return _captions.spoken(entry, source, said, joined(entry, matter))


def looks_spoken(lines: Sequence[str]) -> bool:
    """Whether lines are a transcript's: timed names, and words between them."""
    lines = [line for raw in lines if (line := raw.replace("\u00a0", " ").strip())]
    turns = [i for i, line in enumerate(lines) if _SPEAKER.fullmatch(line)]
    timings = [i for i, line in enumerate(lines) if _TIMING.fullmatch(line)]
    if timings:
        return timings[0] < 12 and len(timings) * 6 > len(lines) - timings[0]
    # A programme has names and times, too, but nothing said in between.
    spoken = sum(i + 1 < len(lines) and i + 1 not in turns for i in turns)
    return bool(turns) and turns[0] < 12 and spoken * 2 > len(turns) and len(turns) * 8 > len(lines)


def _said(lines: Sequence[str]) -> Iterator[Said]:
    label, start = "", 0.0
    words: list[str] = []
    for line in (*lines, None):
        named = _SPEAKER.fullmatch(line) if line is not None else None
        if line is not None and named is None:
            if not _STARTED.fullmatch(line):
                words.append(line)
            continue
        if words:
            yield label, start, None, "\n".join(words)
        if named:
            label, start, words = named[1], otter.seconds(named[2]), []


def _cues(lines: Sequence[str], above: int) -> Iterator[Cue]:
    starts = [i for i, line in enumerate(lines) if _TIMING.fullmatch(line)]
    for at, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        start, end = _captions.timing(lines[at], above + at + 1)
        block = lines[at + 1 : stop]
        if len(block) > 1:
            yield Cue(start, end, tuple(block[1:]), block[0])
        elif block:
            yield Cue(start, end, tuple(block))


def _head(lines: Sequence[str], created: datetime | None) -> FrontMatter:
    title: str | None = None
    at: datetime | None = None
    for line in lines:
        if at is None and (found := _date(line)):
            at = found
        elif title is None and not _LENGTH.fullmatch(line) and not _STARTED.fullmatch(line):
            title = line
    named = _RECORDING.fullmatch(title or "")
    if named:
        title = named[1].replace("_", " ")
        at = at or _compact(named[2], named[3])
    return replace(FrontMatter(title=cut(title or "") or None), created_at=at or created)


def _date(line: str) -> datetime | None:
    words = re.sub(r"\s*\(?(?:UTC|GMT)\)?$", "", " ".join(line.split()))
    for form in _DATES:
        try:
            return datetime.strptime(words, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return moment(words) if re.match(r"\d{4}-\d\d-\d\d", words) else None


def _compact(day: str, clock: str) -> datetime | None:
    try:
        return datetime.strptime(f"{day}{clock[:4]}", "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def _paragraphs(tree: Element) -> Iterator[str]:
    for paragraph in tree.iter():
        if not str(paragraph.tag).endswith("}p"):
            continue
        parts: list[str] = []
        for element in paragraph.iter():
            name = str(element.tag).rpartition("}")[2]
            if name == "t":
                parts.append(element.text or "")
            elif name in ("br", "cr", "tab"):
                parts.append("\t" if name == "tab" else "\n")
        yield "".join(parts)


def _peeked(data: bytes) -> list[str]:
    """The first lines of a document, cheaply and without building anything."""
    try:
        archive = Archive(data, LIMITS, "the file")
        main = [m for m in archive.members if isinstance(m, Member) and m.name == MAIN]
        with archive.opener(main[0])() as stream:
            xml = stream.read(_HEAD).decode("utf-8", "ignore")
    except (UnreadableExport, IndexError, OSError, *DAMAGED):
        return []
    xml = re.sub(r"<w:(?:br|cr)\b[^<>]*>|</w:p>", "\n", xml)
    xml = re.sub(r"<w:tab\b[^<>]*>", "\t", xml)
    return unescape(re.sub(r"<[^<>]*>", "", xml)).split("\n")
