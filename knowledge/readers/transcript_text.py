"""Transcripts as text: lines of ``Name: text`` or ``**Name:** [mm:ss] text``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from knowledge.exports import Entry, Refused
from knowledge.readers import _frontmatter
from knowledge.readers._claims import Claim
from knowledge.readers._sessions import joined, record
from knowledge.readers._speakers import speakers
from knowledge.readers._writeups import document
from knowledge.readers.markdown import SUFFIXES
from knowledge.transcript import Turn, is_generic, turns
from knowledge.types import Kind, SourceDocument

DESCRIPTION = "Transcripts as text: lines of Name: text or **Name:** [mm:ss] text"
SESSION_RECORDS = True

TURN_SHARE = 0.6
TIMED_TURN_SHARE = 0.25
SOMEBODY_SHARE = 0.8
MIN_LABELS = 2
MIN_TURNS = 6

_HEADING = re.compile(r"#{1,6}\s|[-=*_]{3,}\s*$")
_QUESTIONS = frozenset(("q", "a", "question", "answer", "questions", "answers"))


def claims(entry: Entry) -> Claim:
    """A text that is mostly turns, or says that it is a transcript, or has a session record."""
    if entry.suffix not in SUFFIXES:
        return Claim.NO
    matter, body = _frontmatter.parse(entry.text())
    if matter.kind is Kind.TRANSCRIPT or record(entry):
        return Claim.DECLARED
    return Claim.CONTENT if matter.kind is None and looks_spoken(body) else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The transcript as one document, its body as it came. Raises Refused without turns."""
    matter, body = _frontmatter.parse(entry.text())
    matter = joined(entry, matter)
    found = turns(body)
    if not any(turn.label for turn in found):
        raise Refused("no line says who speaks; write turns as Name: text")
    people = speakers(((t.label, body[t.text_start : t.end]) for t in found), matter.authors)
    yield document(entry, source, matter, body, Kind.TRANSCRIPT, people)


def looks_spoken(body: str) -> bool:
    """Whether most lines or paragraphs are turns, and by people rather than of a form."""
    labelled = _openings(body, turns(body))
    counts = Counter(turn.label for turn in labelled)
    if len(counts) < MIN_LABELS and len(labelled) < MIN_TURNS:
        return False
    if all((label or "").lower() in _QUESTIONS for label in counts):
        return False
    # "Owner: …", "Meeting number: …" are turns in form only. People have names, and take turns,
    # or are timed, or say whole sentences under their full names.
    called = [turn for turn in labelled if _is_somebody(turn.label or "")]
    if len(called) < SOMEBODY_SHARE * len(labelled):
        return False
    words = sum(len(body[turn.text_start : turn.end].split()) for turn in called)
    if not (
        any(counts[turn.label] > 1 for turn in called)
        or any(turn.start_s is not None for turn in called)
        or (all(" " in (turn.label or "") for turn in called) and words > 4 * len(called))
    ):
        return False
    timed = sum(turn.start_s is not None for turn in labelled)
    share = TIMED_TURN_SHARE if timed > 1 and len(labelled) >= MIN_TURNS else TURN_SHARE
    return _share(body, {turn.start for turn in labelled}) >= share


def _is_somebody(label: str) -> bool:
    """Whether a label reads like a name, a handle or the stand-in for one."""
    if is_generic(label):
        return True
    words = label.split()
    lower = [w for w in words[1:] if w[0].islower() and len(w) > 3]
    return not lower and not any(c.isdigit() for c in label)


def _openings(body: str, found: Sequence[Turn]) -> list[Turn]:
    """The turns that name their speaker themselves (a lone time leaves out who goes on)."""
    return [t for t in found if t.label and t.label[:1] in body[t.start : t.text_start]]


def _share(body: str, starts: set[int]) -> float:
    """The share of lines, or of paragraphs if that is more, that open a turn."""
    lines = turn_lines = blocks = turn_blocks = at = 0
    after_blank = True
    for line in body.splitlines(keepends=True):
        start, at = at + len(line) - len(line.lstrip()), at + len(line)
        if line.isspace() or _HEADING.match(line):
            after_blank = True
            continue
        opens = start in starts
        lines, turn_lines = lines + 1, turn_lines + opens
        if after_blank:
            blocks, turn_blocks = blocks + 1, turn_blocks + opens
        after_blank = False
    return max(turn_lines / lines, turn_blocks / blocks) if lines else 0.0
