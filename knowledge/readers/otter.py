"""Transcripts as Otter.ai exports them in text: ``Name  0:12`` above what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.exports import Entry, Refused
from knowledge.readers import _frontmatter
from knowledge.readers._captions import Said, spoken
from knowledge.readers._claims import Claim
from knowledge.readers._sessions import joined, record
from knowledge.transcript import MAX_LABEL
from knowledge.types import SourceDocument

DESCRIPTION = "Otter.ai transcripts in text (.txt): Name  0:12 above what was said"
SESSION_RECORDS = True

# Two spaces before the time, which no sentence has at its end.
_SPEAKER = re.compile(r"(\S[^\n]{0,80}?)[ \t\u00a0]{2,}((?:\d{1,2}:)?\d{1,2}:\d\d)[ \t\u00a0]*")
_MADE_BY = re.compile(r"\s*Transcribed by <?https?://otter\.ai/?>?\s*", re.IGNORECASE)


def claims(entry: Entry) -> Claim:
    """A text whose first words stand under a name and a time."""
    if entry.suffix not in (".txt", ".text"):
        return Claim.NO
    _, body = _frontmatter.parse(entry.text())
    lines = [line for line in body.splitlines() if line.strip()]
    named = [line for line in lines if _SPEAKER.fullmatch(line)]
    if not named:
        return Claim.NO
    if _MADE_BY.fullmatch(lines[-1]) or record(entry):
        return Claim.DECLARED
    return Claim.CONTENT if named[0] == lines[0] and len(named) > 1 else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one transcript. Raises Refused where nobody says anything."""
    matter, body = _frontmatter.parse(entry.text())
    said = list(turns(body))
    if not any(label for label, *_ in said):
        raise Refused("no line says who speaks and when (Name  0:12): not Otter's text")
    yield spoken(entry, source, said, joined(entry, matter))


def turns(text: str) -> Iterator[Said]:
    """Who says what, from when on; without a label what stands above the first."""
    label: str | None = None
    start: float | None = None
    words: list[str] = []
    for line in text.splitlines():
        named = _SPEAKER.fullmatch(line)
        if named is None:
            if not _MADE_BY.fullmatch(line):
                words.append(line.strip())
            continue
        if said := "\n".join(words).strip():
            yield label, start, None, said
        label, start, words = named[1][:MAX_LABEL].strip(), seconds(named[2]), []
    if said := "\n".join(words).strip():
        yield label, start, None, said


def seconds(clock: str) -> float:
    """``[h:]m:ss`` in seconds."""
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return float(total)
