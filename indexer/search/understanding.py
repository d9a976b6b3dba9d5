"""Filters in words: "by Ada", "since last month", "in the handbook", ``tag:ops``.

Words narrow only where they name something that is there for the asker and where they stand at
the end, or before "about": "backup from tape", "in production" and "by hand" stay words unless a
source of that name can be read. A ``field:value`` was meant and narrows whatever it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from indexer.catalog import Catalog
from indexer.protocols import Filters
from indexer.search.dates import period
from indexer.search.operators import PHRASE, WITHOUT, Sign
from indexer.search.query import ParsedQuery
from indexer.search.results import Understood
from indexer.vocabulary import Scope
from knowledge.types import Kind, Level
from knowledge.words import words as words_of

AUTHOR, AFTER, BEFORE = "author", "updated_after", "updated_before"
_NOBODY = 0
# Whole texts are pasted, and no clause of theirs is meant to narrow.
_MAX_CHARS = 400
_LONGEST = 6
_LAST = ",.;:!?"
_KINDS = {
    name: kind.value
    for kind, names in {
        Kind.WRITEUP: ("writeup", "write-up"),
        Kind.NOTE: ("note",),
        Kind.TRANSCRIPT: ("transcript",),
        Kind.THREAD: ("thread", "discussion thread"),
    }.items()
    for one in names
    for name in (one, f"{one}s")
}
# Said of programs as well.
_UNSURE = frozenset({"threads"})
_LEVELS = frozenset(level.value for level in Level)
_ARTICLE = re.compile(r"^(?:the|our)\s+", re.IGNORECASE)
_TEAM = re.compile(r"^team\s+|\s+team$", re.IGNORECASE)
# Whether the first day counts or the first one after; as a sign, "after" is a filter's name.
_DATES = {"since": (AFTER, 0), "after": (AFTER, 1), "before": (BEFORE, 0)}
_DATE_SIGNS = _DATES | {"after": (AFTER, 0)}
_PREPOSITIONS = frozenset({"by", "from", "in", *_DATES})
_ABOUT = frozenset({"about", "on", "regarding", "concerning"})


@dataclass(frozen=True, slots=True)
class Known:
    """What there is for one asker to narrow by.

    ``listed`` gives the ids of the people of the directory whose name has these words; ``insider``:
    the directory, which alone knows teams, is open to the asker.
    """

    catalog: Catalog
    scope: Scope
    listed: Callable[[str], Iterable[int]]
    today: date
    insider: bool = True

    def holds(self, field: str, value: str) -> bool:
        """Whether a document that the asker may read has this value."""
        open_to = self.insider or field != "team"
        return open_to and self.catalog.holds(field, value, self.scope)

    def people(self, name: str) -> frozenset[int]:
        """Everybody whom the directory or a document in scope calls so, or by this first name."""
        key = " ".join(words_of(name))
        return self.catalog.people(key, self.scope).union(self.listed(key)) if key else frozenset()


def understand(parsed: ParsedQuery, known: Known) -> ParsedQuery:
    """The query with what narrows it taken out of its topic."""
    told = [understood for sign in parsed.signs for understood in _of_sign(sign, known)]
    words = parsed.topic.split()
    while found := _clause(words, known) if len(parsed.topic) <= _MAX_CHARS else None:
        words, more = found
        told += more
    topic = " ".join(words).rstrip(_LAST)
    if not any(character.isalnum() for character in topic):
        topic = parsed.topic
    return replace(parsed, topic=topic, understood=tuple(told))


def narrowed(filters: Filters, understood: Iterable[Understood]) -> Filters:
    """The filters and what a query says besides: of one field any value, of dates the closest."""
    for one in understood:
        if one.field == AFTER:
            chosen = datetime.combine(date.fromisoformat(one.value), time(), UTC)
            after = max(chosen, filters.updated_after or chosen)
            filters = replace(filters, updated_after=after)
        elif one.field == BEFORE:
            chosen = datetime.combine(date.fromisoformat(one.value), time(), UTC)
            before = min(chosen, filters.updated_before or chosen)
            filters = replace(filters, updated_before=before)
        elif one.field == AUTHOR:
            filters = replace(filters, author=filters.author | {int(one.value)})
        else:
            held = getattr(filters, one.field) | {one.value}
            filters = replace(filters, **{one.field: held})
    return filters


def _of_sign(sign: Sign, known: Known) -> list[Understood]:
    """Nothing where a value is none of its field: ``kind:Deployment`` is of another language."""
    if sign.name in (PHRASE, WITHOUT, "tag", "team", "source"):
        return [Understood(sign.name, sign.value, sign.text)]
    if sign.name in _DATES:
        return _dated(_DATE_SIGNS[sign.name], sign.value, sign.text, known)
    if sign.name == AUTHOR:
        ids = sorted(known.people(sign.value)) or [_NOBODY]
        return [Understood(AUTHOR, str(key), sign.text) for key in ids]
    value = sign.value.lower()
    if sign.name == "kind":
        return [Understood("kind", _KINDS[value], sign.text)] if value in _KINDS else []
    return [Understood("level", value, sign.text)] if value in _LEVELS else []


def _clause(words: list[str], known: Known) -> tuple[list[str], list[Understood]] | None:
    """The words without the last clause that narrows, and what that says; None for no such."""
    for start in range(len(words) - 2, -1, -1):
        preposition = words[start].lower()
        if preposition not in _PREPOSITIONS:
            continue
        for end in range(start + 2, min(start + 2 + _LONGEST, len(words) + 1)):
            last = end == len(words)
            if not last and words[end].lower() not in _ABOUT:
                continue
            value = " ".join(words[start + 1 : end]).rstrip(_LAST)
            text = f"{words[start]} {value}"
            told = _named(preposition, value, text, known)
            if told:
                return words[:start] + words[end + 1 :], told
    return None


def _named(preposition: str, value: str, text: str, known: Known) -> list[Understood]:
    if '"' in value:
        return []
    if preposition in _DATES:
        return _dated(_DATES[preposition], value, text, known)
    told: list[Understood] = []
    # One word is a first name only where it is written as one.
    if preposition != "in" and (" " in value or value[:1].isupper()):
        ids = [key for key in known.people(value) if known.holds(AUTHOR, str(key))]
        told = [Understood(AUTHOR, str(key), text) for key in sorted(ids)]
    bare = _ARTICLE.sub("", value)
    if not told and preposition != "by":
        source = next((one for one in (value, bare) if known.holds("source", one)), None)
        kind = None if value.lower() in _UNSURE else _KINDS.get(bare.lower())
        if source is not None:
            told = [Understood("source", source, text)]
        elif kind is not None and bare.lower().endswith("s") and known.holds("kind", kind):
            told = [Understood("kind", kind, text)]
    team = _TEAM.sub("", bare)
    # "in data" and "by design" are no teams.
    if not told and (team != bare or " " in bare) and known.holds("team", team):
        told = [Understood("team", team, text)]
    return told


def _dated(edge_of: tuple[str, int], value: str, text: str, known: Known) -> list[Understood]:
    meant = period(value, known.today)
    field, edge = edge_of
    return [Understood(field, meant[edge].isoformat(), text)] if meant else []
