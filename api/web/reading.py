"""A document as it is read: its text in parts of bearable length, or who said what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qsl, urlencode, urlsplit

from markupsafe import Markup, escape

from api.filing import files_address, shown_as
from api.web.answers import Maker, makers
from api.web.prose import Found, Targets, Wanted, contents, phrase, prose
from knowledge import labels, transcript
from knowledge.linking import Places
from knowledge.types import Document, Kind, Passage

PART = 60_000
"""Characters that one page shows at most: what any text may cost is in proportion to it."""

TONES = 6
"""Colours that speakers have; the next one begins anew."""
_MANY = 4
_RECORDINGS = (".mp3", ".mp4", ".m4a", ".m4v", ".ogg", ".oga", ".ogv", ".webm", ".wav", ".mov")
_PARAGRAPHS = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n)){2,}")


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody says at a stretch. ``speaker`` None: the one before goes on; otherwise the
    name of ``maker`` or, where nobody knows who that is, the label that is written. ``anchor``: the
    id where the wanted passage begins, ``wanted`` whether the turn is part of it. ``tone`` is a
    colour of the speaker's, ``moment`` the id of the time at which it begins, and ``media`` where
    the recording is heard from then on."""

    speaker: str | None
    maker: Maker | None
    at_s: float | None
    paragraphs: tuple[Markup, ...]
    wanted: bool
    anchor: str | None
    tone: int | None = None
    moment: str | None = None
    media: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the text that can be led to."""

    level: int
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One part of a text, counted from 1; ``prose`` or, for a transcript, ``turns``.

    ``source_url`` is where the document comes from, if a browser can go there; ``contents`` the
    headings of a text that has many.
    """

    prose: Markup | None
    turns: tuple[Turn, ...]
    part: int
    parts: int
    source_url: str | None
    contents: tuple[Heading, ...] = ()

    def shows(self, address: str) -> bool:
        """Whether the picture at an address here stands in the text."""
        return self.prose is not None and f'src="{escape(address)}"' in str(self.prose)


def reading(
    document: Document,
    body: str,
    passage: Passage | None,
    part: int | None,
    places: Places | None = None,
    *,
    at: float | None = None,
    found: Found | None = None,
    whose: Mapping[str, int] | None = None,
) -> Reading:
    """The part with the passage, or of a transcript with what is said ``at`` so many seconds; else
    ``part`` (clamped), else the first. ``places``: where its links lead; ``found``: the words that
    are looked for; ``whose``: people by the labels of a transcript."""
    cuts = _cuts(body)
    parts = list(pairwise(cuts))
    place = None if passage is None else Wanted(passage.start, passage.end, f"p{passage.id}")
    if at is not None and document.kind is Kind.TRANSCRIPT:
        place = _said_at(body, at) or place
    if part is not None:
        number = min(max(part, 1), len(parts))
    else:
        first = place.start if place else 0
        number = next((n for n, (_, end) in enumerate(parts, 1) if first < end), len(parts))
    start, end = parts[number - 1]
    wanted = None
    if place and start <= place.start < end:
        wanted = Wanted(place.start - start, min(place.end, end) - start, place.anchor)
    text, base = body[start:end], _visitable(document.url)
    if document.kind is Kind.TRANSCRIPT:
        opening = body[: parts[0][1]] if number > 1 else ""
        speaking = _speaking(document, whose or {})
        turns = _turns(text, speaking, wanted, found, _labels(opening), base)
        return Reading(None, turns, number, len(parts), base)
    shown = prose(
        text, document.title, targets(document.id, places or Places(), base), wanted, found
    )
    headings = tuple(Heading(*one) for one in contents(shown))
    return Reading(shown, (), number, len(parts), base, headings if len(headings) >= _MANY else ())


def targets(document_id: int, places: Places, base: str | None) -> Targets:
    """The addresses here of what a document's links and pictures mean."""
    files = {href: files_address(document_id, one.number) for href, one in places.files.items()}
    return Targets(
        base,
        files | {href: f"/documents/{key}" for href, key in places.documents.items()},
        {href: files[href] for href, one in places.files.items() if shown_as(one.name)},
    )


def _cuts(body: str) -> list[int]:
    """Where the parts begin and end; between paragraphs if there are any."""
    cuts = [0]
    while len(body) - cuts[-1] > PART:
        limit = cuts[-1] + PART
        ends = [m.end() for m in _PARAGRAPHS.finditer(body, limit - PART // 2, limit)]
        cuts.append(ends[-1] if ends else limit)
    return [*cuts, len(body)]


def _said_at(body: str, at: float) -> Wanted | None:
    """The last turn that begins by then; addresses hold whole seconds."""
    timed = [turn for turn in transcript.turns(body) if turn.start_s is not None]
    begun = [turn for turn in timed if int(turn.start_s or 0) <= at]
    return Wanted(begun[-1].start, begun[-1].end, "at") if begun else None


def _labels(text: str) -> list[str]:
    return list(dict.fromkeys(turn.label for turn in transcript.turns(text) if turn.label))


def _speaking(document: Document, whose: Mapping[str, int]) -> dict[str, Maker]:
    """Contributors by the labels under which they speak, or else by their names."""
    by_id = {maker.id: maker for maker in makers(document.contributions)}
    named = {labels.key(maker.name): maker for maker in by_id.values()}
    return named | {label: by_id[key] for label, key in whose.items() if key in by_id}


def _turns(
    text: str,
    speaking: Mapping[str, Maker],
    wanted: Wanted | None,
    found: Found | None,
    heard: list[str],
    base: str | None,
) -> tuple[Turn, ...]:
    """``heard``: labels of whoever speaks before this part, in the order in which they first do."""
    turns = transcript.turns(text)
    tones = {label: n for n, label in enumerate(dict.fromkeys([*heard, *_called(turns)]))}
    shown: list[Turn] = []
    before: str | None = None
    moments: set[str] = set()
    anchor = wanted.anchor if wanted else None
    for turn in turns:
        inside = bool(wanted and turn.start < wanted.end and turn.end > wanted.start)
        said = _PARAGRAPHS.split(text[turn.text_start : turn.end])
        moment = None if turn.start_s is None else f"t={int(turn.start_s)}"
        maker = speaking.get(labels.key(turn.label)) if turn.label else None
        called = maker.name if maker else turn.label
        shown.append(
            Turn(
                called if turn.label != before or (inside and anchor) else None,
                maker,
                turn.start_s,
                tuple(phrase(one, found=found) for one in said if one.strip()),
                inside,
                anchor if inside else None,
                None if turn.label is None else tones[turn.label] % TONES,
                None if moment in moments else moment,
                None if turn.start_s is None else heard_from(base, turn.start_s),
            )
        )
        moments |= {moment} if moment else set()
        anchor, before = None if inside else anchor, turn.label
    return tuple(shown)


def _called(turns: list[transcript.Turn]) -> list[str]:
    return [turn.label for turn in turns if turn.label]


def heard_from(url: str | None, seconds: float) -> str | None:
    """Where a recording plays from a moment on; None where nobody can tell how its site wants it
    said."""
    if url is None:
        return None
    parts, at = urlsplit(url), int(seconds)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if host in ("youtube.com", "youtu.be"):
        query = [pair for pair in parse_qsl(parts.query) if pair[0] not in ("t", "start")]
        return parts._replace(query=urlencode([*query, ("t", f"{at}s")])).geturl()
    if host in ("vimeo.com", "player.vimeo.com"):
        return parts._replace(fragment=f"t={at}s").geturl()
    if parts.path.lower().endswith(_RECORDINGS):
        return parts._replace(fragment=f"t={at}").geturl()
    return None


def _visitable(url: str | None) -> str | None:
    try:
        return url if url and urlsplit(url).scheme.lower() in ("http", "https") else None
    except ValueError:
        return None
