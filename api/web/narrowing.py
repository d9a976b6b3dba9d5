"""What a search can be narrowed by, and what it is narrowed by, as links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from api.web import words
from api.web.question import FILTERS, Links
from indexer.search.results import Mode, SearchResult, Understood
from knowledge.types import Kind, Level

_MENUS = {"kind": "Kind", "team": "Team", "source": "Source", "tag": "Tag", "level": "Level"}
_MOST = 8
_SINCE = {"The last month": 30, "The last year": 365, "The last two years": 730}
_UNNAMED = "By one person"
_MODES = {Mode.SEMANTIC: "By meaning only", Mode.LEXICAL: "By words only"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that narrows. ``count``: distinct documents found that it leaves, if known."""

    label: str
    url: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """The choices of one property."""

    label: str
    choices: tuple[Choice, ...]


def menus(result: SearchResult, links: Links, now: datetime) -> list[Menu]:
    """Every property with something left to choose, the most frequent values of each."""
    found = []
    for name, label in _MENUS.items():
        chosen = {str(value) for value in getattr(links.asked, name)}
        values = result.facets.get(name, {})
        choices = [
            Choice(_label(name, value), links.narrowed(name, value), count)
            for value, count in values.items()
            if value not in chosen
        ]
        # A single value is hardly a choice.
        if choices and len(values) > 1:
            found.append(Menu(label, tuple(choices[:_MOST])))
    if result.answers and links.asked.updated_after is None:
        since = tuple(
            Choice(label, links.narrowed("updated_after", f"{now - timedelta(days):%Y-%m-%d}"))
            for label, days in _SINCE.items()
        )
        found.append(Menu("Updated", since))
    return found


def chips(result: SearchResult, links: Links) -> list[Choice]:
    """What the search is narrowed by; each link takes one away."""
    return list(_chips(result, links))


def _chips(result: SearchResult, links: Links) -> Iterator[Choice]:
    asked = links.asked
    for value in asked.document:
        title = next((h.document.title for h in result.answers if h.document.id == value), None)
        yield Choice(title or "One document", links.without("document", str(value)))
    for name in FILTERS:
        for value in getattr(asked, name):
            label = _author(result, value) if name == "author" else _label(name, str(value))
            yield Choice(label, links.without(name, str(value)))
    if asked.updated_after is not None:
        told = asked.updated_after.date().isoformat()
        label = f"Since {words.day(asked.updated_after)}"
        yield Choice(label, links.without("updated_after", told))
    for text, alike in groupby(result.understood, key=lambda one: one.text):
        first = next(alike)
        # A phrase given up is still searched for, by its words.
        left = first.value if first.field == "phrase" else ""
        typed = " ".join((result.corrected or result.query).replace(text, left, 1).split())
        yield Choice(_understood(result, first), links.reworded(typed))
    if asked.literal:
        yield Choice("Words as typed", links.literal(False))
    if asked.mode is not Mode.HYBRID:
        yield Choice(_MODES[asked.mode], links.without("mode", asked.mode.value))


def _understood(result: SearchResult, one: Understood) -> str:
    if one.field == "author":
        named = _author(result, int(one.value))
        return one.text if named == _UNNAMED else named
    if one.field in ("updated_after", "updated_before"):
        day = words.day(datetime.combine(date.fromisoformat(one.value), time(), UTC))
        return f"{'Since' if one.field == 'updated_after' else 'Before'} {day}"
    if one.field == "phrase":
        return f"“{one.value}”"
    return f"Without “{one.value}”" if one.field == "without" else _label(one.field, one.value)


def _label(name: str, value: str) -> str:
    if name == "kind":
        return words.KINDS[Kind(value)]
    if name == "level":
        return words.LEVELS[Level(value)]
    if name == "source":
        return words.source(value, apart=True)
    return value


def _author(result: SearchResult, person_id: int) -> str:
    """A name as what was found writes it: no other may be shown."""
    named = (c for hit in result.answers for c in hit.document.contributions)
    return next((f"By {c.name}" for c in named if c.person_id == person_id), _UNNAMED)
