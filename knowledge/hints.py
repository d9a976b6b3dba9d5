"""What would make a text better, told while it is written. Hints teach; they never block.

They are computed from the text alone when it is shown, told to its author alone and never kept.

Each looks at what stands there and not at who wrote it. docs/writing.md says what each means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from knowledge import template
from knowledge.readers._text import headings
from knowledge.types import Level

LONGEST_WORDS, SHORTEST_WORDS = 400, 25
LONGEST_WRITEUP = 2000
_LONGEST_THING = 80
_MANY_ITEMS = 4

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]*`")
_ALSO = re.compile(
    r"\b(?:and also|additionally|furthermore|secondly|another (?:thing|tip|trick)|"
    r"two things|by the way)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[ \t]*[-*+]\s", re.MULTILINE)
_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]{2,6}\b")
# In brackets behind what it stands for, or before it.
_EXPLAINED = re.compile(r"\(([A-Z][A-Z0-9]{2,6})\)|\b([A-Z][A-Z0-9]{2,6})\s*[(:–-]\s*\w")
_MOST_ACRONYMS = 50
_EXAMPLE = re.compile(r"\b(?:for example|for instance|e\.g\.)", re.IGNORECASE)
_PITFALL = re.compile(r"\b(?:pitfall|beware|careful|trap|never|do not|don't)\b", re.IGNORECASE)
_LIMITS = re.compile(
    r"\b(?:unless|except|only (?:if|when|where)|(?:does|do) not apply|not (?:for|if|when)\b)",
    re.IGNORECASE,
)
# Somebody to go to: "ask" with a name, a channel or an address behind it.
_ASK = re.compile(
    r"\b(?:ask|asking|contact|talk to|write to|call|questions? (?:to|go to))\b\s+\S"
    r"|\S@\S+\.\w|(?<!\S)#[a-z][\w-]+",
    re.IGNORECASE,
)
_NO_DEED = frozenset(
    """a about an faq general how-to info introduction misc miscellaneous my note notes on our
    overview some stuff the things thoughts tips what""".split()
)


class About(StrEnum):
    """What a hint is about."""

    ONE_THING = "one_thing"
    TITLE = "title"
    EXAMPLE = "example"
    PITFALL = "pitfall"
    LIMITS = "limits"
    ASK = "ask"
    LENGTH = "length"
    ACRONYMS = "acronyms"


@dataclass(frozen=True, slots=True)
class Hint:
    """``done``: nothing is to be said. ``field`` is the part of the form that it belongs to."""

    about: About
    field: str
    done: bool
    text: str


def of_note(title: str, body: str, known: Callable[[str], bool]) -> tuple[Hint, ...]:
    """What a Teach 1 Thing note lacks. ``known``: whether readers know an acronym already."""
    parts = template.parts(body) or {}
    prose = _prose(body)
    return (
        _title(title),
        _one_thing(title, parts.get("thing", ""), body),
        Hint(
            About.EXAMPLE,
            "example",
            bool(parts.get("example") or _EXAMPLE.search(prose)),
            "Add one example from your own work: people remember it better than the rule.",
        ),
        Hint(
            About.PITFALL,
            "pitfall",
            bool(parts.get("pitfall") or _PITFALL.search(prose)),
            "What went wrong for you the first time? One sentence saves somebody an hour.",
        ),
        _limits(prose, parts.get("limits", "")),
        _ask(prose, "limits"),
        _length(prose),
        _acronyms(title, prose, known),
    )


def of_writeup(title: str, body: str, known: Callable[[str], bool]) -> tuple[Hint, ...]:
    """What any text lacks."""
    prose = _prose(body)
    return (
        _title(title),
        Hint(
            About.EXAMPLE,
            "body",
            bool(_EXAMPLE.search(prose) or _headed(body, "example")),
            "Add one example from your own work: people remember it better than the rule.",
        ),
        _limits(prose, "", "body"),
        _ask(prose, "body"),
        _length(prose, LONGEST_WRITEUP, "body"),
        _acronyms(title, prose, known),
    )


def level_of(body: str, near: Iterable[Level]) -> Level | None:
    """Whom a text is likely written for: as most of the nearest documents are, if two agree.
    Otherwise many abbreviations or blocks of code speak for experts, and steps with neither for
    newcomers. None for a text that is too short to tell."""
    votes = list(near)
    for level in Level:
        if votes.count(level) >= max(2, len(votes) // 2 + 1):
            return level
    prose = _prose(body)
    if len(prose.split()) < SHORTEST_WORDS:
        return None
    terms, code = len(set(_ACRONYM.findall(prose))), len(_FENCE.findall(body))
    if terms >= _MANY_ITEMS or code >= 2:
        return Level.EXPERT
    steps = (template.parts(body) or {}).get("steps")
    return Level.NEWCOMER if steps and not terms and not code else Level.PRACTITIONER


def _prose(body: str) -> str:
    return _SPAN.sub(" ", _FENCE.sub(" ", body))


def _title(title: str) -> Hint:
    words = title.split()
    deed = len(words) >= 3 and words[0].casefold() not in _NO_DEED
    return Hint(
        About.TITLE,
        "title",
        deed,
        "Let the title say what one can do afterwards: “Restart a meter without losing data”.",
    )


def _one_thing(title: str, thing: str, body: str) -> Hint:
    others = [
        one
        for one in headings(body)
        if one.level <= 2
        and one.text.rstrip(":").strip().casefold()
        not in {heading.casefold() for heading in template.PARTS.values()}
    ]
    several = (
        bool(_ALSO.search(f"{title}\n{thing}"))
        or len(others) > 1
        or len(_ITEM.findall(thing)) >= _MANY_ITEMS
        or len(thing.split()) > _LONGEST_THING
    )
    text = "Say the one thing in a sentence or two."
    if several:
        text = "This may be more than one thing. Keep the first, and make another note of the rest."
    return Hint(About.ONE_THING, "thing", bool(thing.strip()) and not several, text)


def _headed(body: str, word: str) -> bool:
    return any(word in one.text.casefold() for one in headings(body))


def _limits(prose: str, part: str, field: str = "limits") -> Hint:
    return Hint(
        About.LIMITS,
        field,
        bool(part or _LIMITS.search(prose)),
        "When does it not apply? Only somebody who has done it knows.",
    )


def _ask(prose: str, field: str) -> Hint:
    return Hint(
        About.ASK,
        field,
        bool(_ASK.search(prose)),
        "Say whom to ask when this is not enough: a colleague, a team or a channel.",
    )


def _length(prose: str, most: int = LONGEST_WORDS, field: str = "thing") -> Hint:
    count = len(prose.split())
    text = "A few more words help: two minutes of reading are enough, and ten seconds too few."
    if count > most:
        kind = "a note" if most == LONGEST_WORDS else "one page"
        text = f"{count} words are long for {kind}. What could be left out, or stand in another?"
    return Hint(About.LENGTH, field, SHORTEST_WORDS <= count <= most, text)


def _acronyms(title: str, prose: str, known: Callable[[str], bool]) -> Hint:
    text = f"{title}\n{prose}"
    explained = {one[1] or one[2] for one in _EXPLAINED.finditer(text)}
    bare = [one for one in dict.fromkeys(_ACRONYM.findall(text)) if one not in explained]
    unknown = [one for one in bare[:_MOST_ACRONYMS] if not known(one)]
    named = ", ".join(unknown[:5])
    return Hint(
        About.ACRONYMS,
        "thing",
        not unknown,
        f"Newcomers may not know {named}. Say it in full once, in brackets."
        if unknown
        else "Say abbreviations in full once, in brackets.",
    )
