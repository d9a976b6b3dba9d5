r"""The grammar of transcript bodies: who said what, and when.

A turn starts on a line of one of these forms (brackets may be escaped, as in Markdown, or not;
the time may also come before the name)::

    Name: text
    **Name:** text
    **Name:** \[mm:ss\] text
    **Name:** \[hh:mm:ss.mmm-hh:mm:ss.mmm\] text
    \[mm:ss\] text                                  the previous speaker goes on

Every other line belongs to the turn above it; text before the first such line is a turn without
a label. ``Name:`` without emphasis also opens ordinary sentences, so ``turns`` weighs it against
the whole body (see ``_Plain``); the form with emphasis is taken at its word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_LABEL = 60
MAX_LABEL_WORDS = 6
MAX_ROLE = 120
UNKNOWN = "Unknown"

_CLOCK = r"(?:(?:\d{1,3}:)?[0-5]?\d:[0-5]\d|\d{3}:[0-5]\d)(?:[.,:]\d{1,3})?"
_TIME = re.compile(
    rf"[ \t]*\\?\[\\{{0,2}}({_CLOCK})(?:[ \t]?(?:-->|[-–—])[ \t]?({_CLOCK}))?\\{{0,2}}\]"
)
_BOLD = re.compile(r"[ \t]*\*\*([^*\r\n]{1,200}?)[ \t]*(:[ \t]*\*\*|\*\*[ \t]*:|\*\*)")
_PLAIN = re.compile(r"[ \t]*+(?!\\)([^:：*\[\]<>|\r\n]{1,180})(?::(?=\s|\Z)|：)")
_ROLE = re.compile(r" \(.*\)")
_LINE = re.compile(r"[^\r\n]+")
_ESCAPE = re.compile(r"\\([^\w\s]|_)")

_PARTICLE = re.compile(
    "(?:a|af|al|and|av|bin|da|de|del|della|den|der|di|do|dos|du|e|el|en|et|hon|i|ibn|la|le|of|on"
    "|san|st|te|ten|ter|the|und|v|van|vom|von|y|zu|zum|zur)\\.?",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(r"(?:\w|\w{1,2}\.\w{1,2}|[^\W\d_][\w-]{1,4})\.,?")
_NOT_SPEAKERS = re.compile(
    r"""(?:side\ |key\ |quick\ )?
        (?:note|notes|warning|caution|tip|hint|important|example|for\ example|e\.?g\.?|i\.?e\.?
        |todo|fixme|update|edit|summary|conclusion|results?|remember|reminder|p\.?s\.?|n\.?b\.?
        |disclaimer|spoiler|lessons?(?:\ learned)?|takeaways?|date|time|duration|location|place
        |attendees|participants|present|apologies|agenda|topics?|subject|re|fwd?|action\ items?
        |decisions?|links?|source|sources|url|title|description|tags?|https?|ftp|mailto|file
        |so|and|but|or|because|then|also|well|okay|ok|yes|no
        |(?:step|option|chapter|part|section|item|point|figure|table|page|day|week)\ ?[\divx]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_OPENS_SENTENCE = re.compile(
    r"""(?:at|in|on|by|for|from|with|if|when|while|that|this|these|those|here|there|what|why|how
        |which|where|our|your|we|you|it|its|also|then|because|but|or|as|not|next|first|finally)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_GENERIC = re.compile(
    r"""(?:(?:unknown|unidentified|unnamed|anonymous|another|male|female|man|woman|new|other
            |remote|guest|off-?screen|audience)\ )*
        (?:speakers?|spk|s|participants?|persons?|guests?|attendees?|users?|callers?|voices?
            |members?|man|woman|male|female|hosts?|interviewers?|interviewees?|moderators?
            |audience(?:\ members?)?|student|panell?ists?|respondents?|people|unknown
            |unidentified|unnamed|anonymous|narrator|announcer|presenter|room|phone|track
            |channel|mic(?:rophone)?|q|a|question|answer|questioner)
        (?:[\ _#-]*\d{1,4}|[\ _#-][a-z])?
      |former\ colleague
      |(?:multiple|several|many|various|all)\ (?:speakers?|people|voices|participants)
      |all|both|everyone|everybody|crowd|together|group|\?+|n/?a|none|\d+
      |break|music|theme|jingle|intro|outro|applause|laughter|silence|inaudible|crosstalk
      |(?:video|audio|clip|recording|commercial|advert(?:isement)?|sponsor|ad)\b.*
      |.*\b(?:theme|commercial)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's uninterrupted words. Offsets are code points of the body, times seconds.

    ``body[start:end]`` is the turn as written, ``body[text_start:end]`` its spoken text. Where
    no end is written, ``end_s`` is the start of the next timed turn (None when that is earlier).
    """

    start: int
    end: int
    text_start: int
    label: str | None
    start_s: float | None
    end_s: float | None


@dataclass(frozen=True, slots=True)
class _Opening:
    """A line that may open a turn. ``label`` None: the previous speaker goes on."""

    start: int
    text_start: int
    label: str | None
    plain: bool
    start_s: float | None
    end_s: float | None


def turns(body: str) -> list[Turn]:
    """The turns of ``body`` in order; together they hold every non-blank character.

    Linear in the length of the body. A blank body gives none.
    """
    found = list(_openings(body))
    plain = _Plain(found)
    openings = [o for o in found if plain.accepts(o)]
    head = len(body) - len(body.lstrip())
    if head == len(body):
        return []
    if not openings or openings[0].start > head:
        openings.insert(0, _Opening(head, head, None, False, None, None))

    made: list[Turn] = []
    next_start_s: float | None = None
    limit = len(body)
    labels = _inherited(openings)
    for opening, label in zip(reversed(openings), reversed(labels), strict=True):
        end = _rstrip(body, opening.start, limit)
        text_start = min(_lstrip(body, opening.text_start, end), end)
        end_s = opening.end_s
        if opening.start_s is not None:
            if end_s is None and next_start_s is not None and next_start_s >= opening.start_s:
                end_s = next_start_s
            next_start_s = opening.start_s
        made.append(Turn(opening.start, end, text_start, label, opening.start_s, end_s))
        limit = opening.start
    made.reverse()
    return made


def is_generic(label: str) -> bool:
    """Whether a label stands for nobody in particular: "Speaker 1", "SPEAKER_00", "Break"."""
    name = _ROLE.sub("", " ".join(label.split())).strip("()<>.:")
    return not any(c.isalpha() for c in name) or _GENERIC.fullmatch(name) is not None


def render(turns: Iterable[tuple[str | None, float | None, float | None, str]]) -> str:
    """Write (label, start_s, end_s, text) as a body that ``turns`` reads back.

    What comes back differs only in this: texts are stripped, and a line in them that would open
    a turn is escaped with a backslash; times have milliseconds and an end needs a start; labels
    are cut to one line of ``MAX_LABEL``; what cannot be a label, or no label after a labelled
    turn, becomes "Unknown"; a missing end is the next start; and text with neither label nor
    time joins the turn before it.
    """
    parts: list[str] = []
    previous: str | None = None
    for label, start_s, end_s, text in turns:
        written = _writable(label) if label is not None else None
        if written is None and (label is not None or (previous and start_s is not None)):
            written = UNKNOWN
        marks = [] if written is None else [f"**{written}:**"]
        if start_s is not None:
            span = _clock(start_s) + ("" if end_s is None else f"-{_clock(end_s)}")
            marks.append(rf"\[{span}\]")
        parts.append(
            " ".join([*marks, _escaped(text.strip(), written is not None, start_s is None)]).strip()
        )
        previous = written or previous
    return "\n\n".join(part for part in parts if part)


class _Plain:
    """Decides which ``Name:`` lines without emphasis open a turn.

    Where names are emphasised, a plain one must be among those. Elsewhere a label must look like
    a name (no lower-case words but particles), or come back and be short, or be a handle in a
    body that mostly uses handles. "Note:", "Date:" and the like never are speakers.
    """

    def __init__(self, openings: list[_Opening]) -> None:
        self._bold = {o.label for o in openings if o.label is not None and not o.plain}
        self._counts = Counter(o.label for o in openings if o.label is not None and o.plain)
        handles = sum(n for label, n in self._counts.items() if _is_handle(label))
        self._handles = handles * 2 > sum(self._counts.values())

    def accepts(self, opening: _Opening) -> bool:
        label = opening.label
        if label is None or not opening.plain:
            return True
        if self._bold:
            return label in self._bold
        if _OPENS_SENTENCE.match(label):
            return False
        if _is_name(label) or (self._handles and _is_handle(label)):
            return True
        return self._counts[label] > 1 and len(label.split()) <= 3


def _openings(body: str) -> Iterator[_Opening]:
    for line in _LINE.finditer(body):
        at, stop = line.span()
        time = _TIME.match(body, at, stop)
        after = time.end() if time else at
        label, plain = None, False
        if bold := _BOLD.match(body, after, stop):
            later = time or _TIME.match(body, bold.end(), stop)
            # Emphasis without a colon is a name only next to a time.
            if bold[2] != "**" or later:
                label = _label(bold[1])
            named: re.Match[str] | None = bold
        elif named := _PLAIN.match(body, after, stop):
            # With an end position, \Z in the pattern means that end.
            label, plain = _label(named[1]), True
        if label is not None and named is not None:
            after = named.end()
            if time is None and (time := _TIME.match(body, after, stop)):
                after = time.end()
        if label is None and time is None:
            continue
        yield _Opening(
            start=_lstrip(body, at, stop),
            text_start=after,
            label=label,
            plain=plain and label is not None,
            start_s=_seconds(time[1]) if time else None,
            end_s=_seconds(time[2]) if time and time[2] else None,
        )


def _inherited(openings: list[_Opening]) -> list[str | None]:
    labels: list[str | None] = []
    for opening in openings:
        goes_on = opening.label is None and labels
        labels.append(labels[-1] if goes_on else opening.label)
    return labels


# A talk has thousands of turns and a handful of labels.
@lru_cache(maxsize=4096)
def _label(written: str) -> str | None:
    """The label as a name, or None when it cannot be one whatever the rest of the body says."""
    label = " ".join(_ESCAPE.sub(r"\1", written).split()).removesuffix(":").rstrip()
    # A role in brackets, as parliaments write it, does not make a name too long to be one.
    name = _ROLE.sub("", label)
    if (
        not any(c.isalpha() for c in label)
        or len(name) > MAX_LABEL
        or len(name.split()) > MAX_LABEL_WORDS
        or len(label) > len(name) + MAX_ROLE
        or any(c in '?!;"“”。？！' for c in label)
        or ": " in label
        or (label[0] in ">#-*_`(/|+~=&@.,'" and not label.startswith("@"))
        or _NOT_SPEAKERS.fullmatch(label)
    ):
        return None
    return label


@lru_cache(maxsize=4096)
def _is_name(label: str) -> bool:
    label = _ROLE.sub("", label)
    words = re.sub(r"[()/&]", " ", label).split()
    for word in words[:-1]:
        # A comma or full stop inside a label is part of a title or a degree, else of a sentence.
        if word.endswith(".") and not _ABBREVIATION.fullmatch(word):
            return False
    if "," in label:
        head, _, tail = label.partition(",")
        if len(head.split()) < 2 or len(tail.split()) > 2:
            return False
    particles = [_PARTICLE.fullmatch(word) is not None for word in words]
    return not all(particles) and all(
        particle or not word.islower() for word, particle in zip(words, particles, strict=True)
    )


def _is_handle(label: str) -> bool:
    return len(label.split()) == 1


def _writable(label: str) -> str | None:
    cleaned = re.sub(r"[*\\\[\]]+|:(?=\s)", " ", label)
    whole = " ".join(cleaned.split())
    cut = " ".join(whole.split()[:MAX_LABEL_WORDS])[:MAX_LABEL].strip()
    return _label(whole) or _label(cut)


def _escaped(text: str, labelled: bool, untimed: bool) -> str:
    """Put a backslash before lines that ``turns`` would take for openings."""

    def opens(line: str, first: bool) -> bool:
        if first and labelled:
            return untimed and _TIME.match(line) is not None
        return next(_openings(line), None) is not None

    def defuse(line: re.Match[str]) -> str:
        written = line[0]
        while opens(written, line.start() == 0):
            written = "\\" + written.lstrip()
        return written

    return _LINE.sub(defuse, text)


def _clock(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _seconds(clock: str) -> float:
    """``[h:]m:s`` with an optional fraction after ".", "," or (frames, left out) ":"."""
    match = re.fullmatch(r"((?:\d+:)?\d+:\d\d)(?:([.,:])(\d{1,3}))?", clock)
    if match is None:
        raise ValueError(f"{clock!r} is not a time of the form h:mm:ss.mmm")
    total = 0
    for part in match[1].split(":"):
        total = total * 60 + int(part)
    fraction = float(f"0.{match[3]}") if match[3] and match[2] != ":" else 0.0
    return round(total + fraction, 3)


def _lstrip(body: str, start: int, end: int) -> int:
    while start < end and body[start].isspace():
        start += 1
    return start


def _rstrip(body: str, start: int, end: int) -> int:
    while end > start and body[end - 1].isspace():
        end -= 1
    return end
