"""WebVTT captions, as Teams, Zoom, Meet and YouTube export them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.exports import Entry, Refused
from knowledge.readers._captions import Cue, clean, cut, timing, transcript
from knowledge.readers._claims import Claim
from knowledge.types import SourceDocument

DESCRIPTION = "WebVTT captions (.vtt), with <v Name> voices or Name: in the text"

_BLOCKS = ("NOTE", "STYLE", "REGION")
# Neither tag spans another "<", so that text full of unclosed ones takes linear time.
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:\s([^<>]*))?>|</v[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[\w.:][^<>]*(?:>|\Z)|</?>")


def claims(entry: Entry) -> Claim:
    """Any ``.vtt`` file; one that is broken is refused by ``read`` with the reason."""
    return Claim.NAME if entry.suffix in (".vtt", ".webvtt") else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one transcript. Raises Refused, with the line, for what is no whole WebVTT.

    One unreadable timing refuses the file: it was damaged, and who can tell what else is lost.
    """
    yield transcript(entry, source, list(cues(entry.text())))


def cues(text: str) -> Iterator[Cue]:
    """The cues of a WebVTT text, one a voice where several speak in one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        raise Refused(f"line 1: {cut(lines[0])!r}, but WebVTT captions start with WEBVTT")
    at = 1
    while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
        at += 1
    while at < len(lines):
        if not lines[at].strip():
            at += 1
        elif "-->" in lines[at]:
            start, end = timing(lines[at], at + 1)
            first = at = at + 1
            # A timing without a blank line before it starts a new cue all the same.
            while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
                at += 1
            yield from _voices(start, end, lines[first:at])
        elif lines[at].split()[0] in _BLOCKS:
            while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
                at += 1
        elif at + 1 < len(lines) and "-->" in lines[at + 1]:
            at += 1  # a cue's identifier
        else:
            raise Refused(
                f"line {at + 1}: {cut(lines[at])!r} has no timing (00:01:02.000 --> 00:01:04.500)"
                " above it; mend it or export the captions again"
            )


def _voices(start: float, end: float | None, lines: list[str]) -> Iterator[Cue]:
    payload = "\n".join(lines)
    voice: str | None = None
    at = 0
    for tag in [*_VOICE.finditer(payload), None]:
        said = payload[at : tag.start() if tag else len(payload)]
        words = tuple(w for w in (clean(_TAG.sub("", s)) for s in _split(said)) if w)
        if words:
            yield Cue(start, end, words, voice)
        if tag:
            voice, at = clean(tag[1] or "") or None, tag.end()


def _split(said: str) -> list[str]:
    """Lines, where a tag may span the end of one."""
    return re.sub(r"<[^<>]*>", lambda tag: tag[0].replace("\n", " "), said).split("\n")
