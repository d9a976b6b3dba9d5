"""Cues of caption files into a transcript: what WebVTT and SubRip have in common."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.exports import Entry, Refused
from knowledge.readers._frontmatter import FrontMatter
from knowledge.readers._sessions import joined
from knowledge.readers._speakers import speakers
from knowledge.readers._writeups import document
from knowledge.transcript import Turn, render, turns
from knowledge.types import Kind, SourceDocument

TURN_WORDS = 60
ROUND_OFF_WORDS = 40
PAUSE_S = 3.0
ROLLING_SHARE = 0.3
LABELLED_FROM = 10
ARROW = "00:01:02.000 --> 00:01:04.500"
COMMA = "0:01:02.000,0:01:04.500"

Said = tuple[str | None, float | None, float | None, str]
"""Label, start and end in seconds, text."""

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})")
_SENTENCE_END = re.compile(r"""[.?!…]["'”’)\]]*$""")


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines shown at a time. ``voice`` is who says them where the file tells, in its own way."""

    start_s: float
    end_s: float | None
    lines: tuple[str, ...]
    voice: str | None = None


@dataclass(slots=True)
class _Said:
    voice: str | None
    start_s: float
    end_s: float | None
    words: list[str]


def transcript(
    entry: Entry, source: str, cues: Sequence[Cue], matter: FrontMatter | None = None
) -> SourceDocument:
    """A document of the cues. Raises Refused when nobody says anything.

    ``matter``: what the file says of the recording besides them.
    """
    matter = joined(entry, matter or FrontMatter())
    cues = [cue for cue in cues if any(line.strip() for line in cue.lines)]
    if not cues:
        raise Refused("holds no captions; export it again when the recording is processed")
    if not any(cue.voice for cue in cues):
        cues = _named(_unrolled(cues))
    return spoken(
        entry,
        source,
        ((t.voice, t.start_s, t.end_s, " ".join(t.words)) for t in _merged(cues)),
        matter,
    )


def spoken(entry: Entry, source: str, said: Iterable[Said], matter: FrontMatter) -> SourceDocument:
    """A document of turns as ``render`` takes them. ``matter`` holds the record's words, too."""
    body = render(said)
    # From the body, so that labels are spelled as they are found in it.
    people = speakers(((t.label, body[t.text_start : t.end]) for t in turns(body)), matter.authors)
    return document(entry, source, matter, body, Kind.TRANSCRIPT, people)


def timing(line: str, number: int, form: str = ARROW) -> tuple[float, float | None]:
    """Start and end in seconds of a line with ``-->``; what follows them is left alone.

    ``form``: how one looks in this format, ARROW or COMMA.
    An end before its start is dropped. Raises Refused with the line's number.
    """
    between = "-->" if form is ARROW else ","
    before, _, after = line.partition(between)
    first, last = seconds(before.strip()), seconds((after.split() or [""])[0])
    if first is None or last is None:
        raise Refused(
            f"line {number}: {cut(line)!r} is no timing of the form {form};"
            " mend it or export the captions again"
        )
    return first, last if last >= first else None


def clean(text: str) -> str:
    """Decode entities and make white space plain; tags are the caller's."""
    return " ".join(html.unescape(text).split())


def cut(line: str) -> str:
    """A line, short enough for a message."""
    return line if len(line) <= 60 else line[:59] + "…"


def seconds(clock: str) -> float | None:
    """A time such as 01:02.500 in seconds; None for what is none."""
    match = _CLOCK.fullmatch(clock)
    if match is None:
        return None
    hours, minutes, seconds = int(match[1] or 0), int(match[2]), int(match[3])
    if minutes > 59 or seconds > 59 or hours > 9999:
        return None
    fraction = match[4]
    # Teams writes nothing padded: 0:0:7.23 is 7 seconds and 23 milliseconds.
    padded = len(match[2]) == 2 and len(match[3]) == 2
    thousandths = int(fraction.ljust(3, "0") if padded else fraction)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _unrolled(cues: Sequence[Cue]) -> list[Cue]:
    """Without the lines that live captions show again while they roll up (YouTube does)."""
    repeats = [_repeated(before, cue) for before, cue in pairwise(cues)]
    rolling = sum(map(bool, repeats))
    if rolling < 2 or rolling < ROLLING_SHARE * len(repeats):
        return list(cues)
    kept = [cues[0]]
    for cue, repeated in zip(cues[1:], repeats, strict=True):
        if left := cue.lines[repeated:]:
            kept.append(Cue(cue.start_s, cue.end_s, left, cue.voice))
        elif cue.end_s is not None:
            last = kept[-1]
            kept[-1] = Cue(last.start_s, max(last.end_s or 0.0, cue.end_s), last.lines, last.voice)
    return kept


def _repeated(before: Cue, cue: Cue) -> int:
    """How many of a cue's first lines are the last ones of the cue before it."""
    sizes = range(min(len(before.lines), len(cue.lines)), 0, -1)
    return next((n for n in sizes if before.lines[-n:] == cue.lines[:n]), 0)


def _named(cues: Sequence[Cue]) -> list[Cue]:
    """Take ``Name: text`` in the lines for speakers, if the whole reads like a transcript."""
    lines = [
        (cue, re.sub(r"^>{2,3}\s?(?=[^:]{1,80}:)", "", line)) for cue in cues for line in cue.lines
    ]
    body = "\n".join(line for _, line in lines)
    found = {turn.start: turn for turn in turns(body) if turn.text_start > turn.start}
    labels = [turn.label for turn in found.values() if turn.label]
    # Films have a colon here and there; a labelled recording says from the start who speaks.
    early = sum(len(line) + 1 for _, line in lines[:LABELLED_FROM])
    first = next((start for start, turn in found.items() if turn.label), len(body))
    if first >= early or (len(set(labels)) < 2 and len(labels) < min(6, len(cues))):
        return list(cues)
    named: list[Cue] = []
    at = 0
    current: Turn | None = None
    for cue, line in lines:
        start = at + len(line) - len(line.lstrip())
        current = found.get(start, current)
        text = body[current.text_start : at + len(line)] if current and start in found else line
        named.append(Cue(cue.start_s, cue.end_s, (text,), current.label if current else None))
        at += len(line) + 1
    return named


def _merged(cues: Iterable[Cue]) -> Iterator[_Said]:
    """Consecutive cues of one voice as turns of about ``TURN_WORDS``, split at pauses."""
    now: _Said | None = None
    for cue in cues:
        words = " ".join(cue.lines).split()
        if now is None or _parts(now, cue):
            if now is not None and now.words:
                yield now
            now = _Said(cue.voice, cue.start_s, cue.end_s, words)
        else:
            now.words += words
            now.end_s = max(now.end_s or 0.0, cue.end_s or cue.start_s)
    if now is not None and now.words:
        yield now


def _parts(now: _Said, cue: Cue) -> bool:
    full = len(now.words) >= TURN_WORDS
    rounded = len(now.words) >= ROUND_OFF_WORDS and _SENTENCE_END.search(now.words[-1])
    pause = cue.start_s - (now.end_s if now.end_s is not None else now.start_s) > PAUSE_S
    back = cue.start_s < now.start_s
    return cue.voice != now.voice or full or bool(rounded) or pause or back
