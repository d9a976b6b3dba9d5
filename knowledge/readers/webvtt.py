"""WebVTT captions, as Teams, Zoom, Meet and YouTube export them.

Whoever edits such a file may say in a comment before the first cue what the recording is:

    NOTE
    title: On-call handover, week 21
    date: 2025-05-23
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from knowledge.exports import Entry, Refused
from knowledge.readers._captions import Cue, clean, cut, timing, transcript
from knowledge.readers._claims import Claim
from knowledge.readers._frontmatter import FrontMatter, moment
from knowledge.types import SourceDocument

DESCRIPTION = "WebVTT captions (.vtt), with <v Name> voices or Name: in the text"
SESSION_RECORDS = True

_NOTE = re.compile(r"NOTE(?:[ \t]+|[ \t]*\n|\Z)")
_SAID = re.compile(r"[ \t]*(title|date|audience):(.*)", re.IGNORECASE)
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
    text = entry.text()
    yield transcript(entry, source, list(cues(text)), matter(text))


def matter(text: str) -> FrontMatter:
    """What the first comment before the cues says that holds nothing but ``title`` and ``date``.

    Any other comment is none of ours. Raises Refused for one that also names an audience, which
    nobody would be held to.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head = "\n".join(takewhile(lambda line: "-->" not in line, lines)).rstrip()
    for block in re.split(r"\n(?:[ \t]*\n)+", head)[1:]:
        told = _NOTE.match(block)
        pairs = [_SAID.fullmatch(line) for line in block[told.end() :].split("\n")] if told else []
        said = {pair[1].lower(): pair[2].strip() for pair in pairs if pair}
        if not said or not all(pairs):
            continue
        if "audience" in said:
            raise Refused("captions cannot say who may read them; give --audience to the import")
        at = moment(said.get("date"))
        return FrontMatter(title=said.get("title"), created_at=at, updated_at=at)
    return FrontMatter()


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
            # YouTube rolls up below a line of one space, which does not end a cue.
            while at < len(lines) and lines[at].isspace():
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
