"""Whisper's JSON: segments with times, from openai-whisper, WhisperX and whisper.cpp."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.exports import Entry, Refused
from knowledge.readers._captions import Cue, clean, transcript
from knowledge.readers._claims import Claim
from knowledge.readers._json import dicts_in, number_in, parse, text_in
from knowledge.types import SourceDocument

DESCRIPTION = "Whisper's JSON (.json), from openai-whisper, WhisperX and whisper.cpp"
SESSION_RECORDS = True

_SEGMENTS = re.compile(r'"(?:segments|transcription)"\s*:\s*\[\s*\{')
_TIMED = re.compile(r'"(?:start|offsets)"\s*:\s*[{\d-]')


def claims(entry: Entry) -> Claim:
    """A JSON file with timed segments."""
    if entry.suffix != ".json":
        return Claim.NO
    text = entry.text()
    found = _SEGMENTS.search(text)
    return Claim.CONTENT if found and _TIMED.search(text, found.start()) else Claim.NO


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The file as one transcript. Raises Refused for what is no whole JSON of segments."""
    yield transcript(entry, source, list(cues(parse(entry.text()))))


def cues(value: object) -> Iterator[Cue]:
    """The segments as cues."""
    if not isinstance(value, dict):
        raise Refused("not Whisper's JSON: it holds no segments")
    for segment in dicts_in(value.get("segments")) or dicts_in(value.get("transcription")):
        offsets = segment.get("offsets")
        if isinstance(offsets, dict):
            times = [number_in(offsets.get(key)) for key in ("from", "to")]
            start, end = (at / 1000 if at is not None else None for at in times)
        else:
            start, end = number_in(segment.get("start")), number_in(segment.get("end"))
        words = clean(text_in(segment.get("text")))
        if start is None or start < 0:
            raise Refused(f"a segment has no time: {words[:60]!r}; transcribe the recording again")
        voice = clean(text_in(segment.get("speaker"))) or None
        yield Cue(start, end if end is not None and end >= start else None, (words,), voice)
