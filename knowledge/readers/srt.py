"""SubRip captions (.srt)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.exports import Entry, Refused
from knowledge.readers._captions import Cue, clean, cut, timing, transcript
from knowledge.readers._claims import Claim
from knowledge.types import SourceDocument

DESCRIPTION = "SubRip captions (.srt), with Name: in the text"
SESSION_RECORDS = True

# Only what SubRip knows: "2 < 3" is text here.
_TAG = re.compile(r"</?(?:i|b|u|s|em|strong|font|c|span|ruby|rt)\b[^<>]*>|\{\\[^{}]*\}", re.I)


def claims(entry: Entry) -> Claim:
    """Any ``.srt`` file; one that is broken is refused by ``read`` with the reason."""
    return Claim.NAME if entry.suffix == ".srt" else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one transcript. Raises Refused, with the line, for what is no whole SubRip."""
    yield transcript(entry, source, list(cues(entry.text())))


def cues(text: str) -> Iterator[Cue]:
    """The cues of a SubRip text.

    What stands between two timings is the first one's text, blank lines and all, except for the
    number of the next cue; so nothing said is lost. A number with neither is half a cue: refused.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    times = [i for i, line in enumerate(lines) if "-->" in line]
    if not times:
        raise Refused("line 1: no timing (00:01:02,000 --> 00:01:04,500) anywhere: not SubRip")
    for i in range(times[0]):
        if lines[i].strip() and not (i == times[0] - 1 and lines[i].strip().isdigit()):
            raise Refused(f"line {i + 1}: {cut(lines[i])!r} stands before the first caption")
    for nth, at in enumerate(times):
        start, end = timing(lines[at], at + 1)
        last = nth + 1 == len(times)
        stop = len(lines) if last else times[nth + 1]
        if not last and lines[stop - 1].strip().isdigit():
            stop -= 1
        _check_whole(lines, at, stop)
        words = (clean(_TAG.sub("", line)) for line in lines[at + 1 : stop])
        yield Cue(start, end, tuple(w for w in words if w))


def _check_whole(lines: list[str], at: int, stop: int) -> None:
    """Raise Refused where a number on a line of its own opens a cue that has no timing."""
    for i in range(at + 2, stop):
        if lines[i].strip().isdigit() and not lines[i - 1].strip():
            raise Refused(
                f"line {i + 1}: caption {lines[i].strip()} has no timing;"
                " mend it or export the captions again"
            )
