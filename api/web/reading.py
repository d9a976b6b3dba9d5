"""A document as it is read: its text in parts of bearable length, or who said what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from markupsafe import Markup

from api.web.answers import Maker, makers
from api.web.prose import Wanted, phrase, prose
from knowledge import transcript
from knowledge.types import Document, Kind, Passage

PART = 60_000
"""Characters that one page shows at most: what any text may cost is in proportion to it."""

_PARAGRAPHS = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n)){2,}")


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody says at a stretch. ``speaker`` None: the one before goes on. ``anchor``: the
    id where the wanted passage begins, ``wanted`` whether the turn is part of it."""

    speaker: str | None
    maker: Maker | None
    at_s: float | None
    paragraphs: tuple[Markup, ...]
    wanted: bool
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One part of a text, counted from 1; ``prose`` or, for a transcript, ``turns``.

    ``source_url`` is where the document comes from, if a browser can go there.
    """

    prose: Markup | None
    turns: tuple[Turn, ...]
    part: int
    parts: int
    source_url: str | None


def reading(document: Document, body: str, passage: Passage | None, part: int | None) -> Reading:
    """The part with the passage, else ``part`` (clamped), else the first."""
    cuts = _cuts(body)
    parts = list(pairwise(cuts))
    if part is not None:
        number = min(max(part, 1), len(parts))
    else:
        at = passage.start if passage else 0
        number = next((n for n, (_, end) in enumerate(parts, 1) if at < end), len(parts))
    start, end = parts[number - 1]
    wanted = None
    if passage and start <= passage.start < end:
        until = min(passage.end, end) - start
        wanted = Wanted(passage.start - start, until, f"p{passage.id}")
    text, base = body[start:end], _visitable(document.url)
    if document.kind is Kind.TRANSCRIPT:
        return Reading(None, _turns(text, document, wanted), number, len(parts), base)
    shown = prose(text, document.title, base, wanted)
    return Reading(shown, (), number, len(parts), base)


def _cuts(body: str) -> list[int]:
    """Where the parts begin and end; between paragraphs if there are any."""
    cuts = [0]
    while len(body) - cuts[-1] > PART:
        limit = cuts[-1] + PART
        ends = [m.end() for m in _PARAGRAPHS.finditer(body, limit - PART // 2, limit)]
        cuts.append(ends[-1] if ends else limit)
    return [*cuts, len(body)]


def _turns(text: str, document: Document, wanted: Wanted | None) -> tuple[Turn, ...]:
    known = {maker.name: maker for maker in makers(document.contributions)}
    shown: list[Turn] = []
    before: str | None = None
    anchor = wanted.anchor if wanted else None
    for turn in transcript.turns(text):
        inside = bool(wanted and turn.start < wanted.end and turn.end > wanted.start)
        said = _PARAGRAPHS.split(text[turn.text_start : turn.end])
        shown.append(
            Turn(
                turn.label if turn.label != before or (inside and anchor) else None,
                known.get(turn.label or ""),
                turn.start_s,
                tuple(phrase(paragraph, None) for paragraph in said if paragraph.strip()),
                inside,
                anchor if inside else None,
            )
        )
        anchor, before = None if inside else anchor, turn.label
    return tuple(shown)


def _visitable(url: str | None) -> str | None:
    try:
        return url if url and urlsplit(url).scheme.lower() in ("http", "https") else None
    except ValueError:
        return None
