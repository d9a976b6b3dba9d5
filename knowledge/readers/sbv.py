"""YouTube's SubViewer captions (.sbv)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.exports import Entry, Refused
from knowledge.readers._captions import COMMA, Cue, clean, cut, timing, transcript
from knowledge.readers._claims import Claim
from knowledge.types import SourceDocument

DESCRIPTION = "SubViewer captions (.sbv), as YouTube writes them"
SESSION_RECORDS = True

_TIMING = re.compile(r"\s*\d+:[\d:.]*\w*[\d:.]*\s*,\s*\d*[:\d.]*")


def claims(entry: Entry) -> Claim:
    """Any ``.sbv`` file; one that is broken is refused by ``read`` with the reason."""
    return Claim.NAME if entry.suffix == ".sbv" else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one transcript. Raises Refused, with the line, for what is no whole SubViewer."""
    yield transcript(entry, source, list(cues(entry.text())))


def cues(text: str) -> Iterator[Cue]:
    """The cues of a SubViewer text: blocks between blank lines, each under its timing.

    A block without one is half a cue: refused.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        if not _TIMING.match(lines[at]):
            raise Refused(
                f"line {at + 1}: {cut(lines[at])!r} has no timing ({COMMA}) above it;"
                " mend it or export the captions again"
            )
        start, end = timing(lines[at], at + 1, COMMA)
        first = at = at + 1
        # A timing without a blank line before it starts a new cue all the same.
        while at < len(lines) and lines[at].strip() and not _TIMING.fullmatch(lines[at]):
            at += 1
        words = (clean(part) for line in lines[first:at] for part in line.split("[br]"))
        yield Cue(start, end, tuple(w for w in words if w))
