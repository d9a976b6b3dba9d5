"""Synonyms that an administrator added, applied to a query.

Terms match by their stemmed words, side by side, and are not followed further: what a meaning
means in turn is not looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.asked import Synonym

Analyze = Callable[[str], Sequence[str]]
MOST = 16


@dataclass(frozen=True, slots=True)
class Expansion:
    """``meaning`` is also looked for, because the query holds ``term``."""

    term: str
    meaning: str


def expansions(
    topic: str, synonyms: tuple[Synonym, ...], analyze: Analyze
) -> tuple[Expansion, ...]:
    """What else to look for, in the order of the topic, at most ``MOST``; nothing that it holds."""
    if not synonyms:
        return ()
    table, words = _table(synonyms, analyze), list(analyze(topic))
    found: dict[tuple[str, ...], Expansion] = {}
    for at, word in enumerate(words):
        for term, meaning, expansion in table.get(word, ()):
            if _at(words, at, term) and not any(_at(words, n, meaning) for n in range(len(words))):
                found.setdefault(meaning, expansion)
    return tuple(found.values())[:MOST]


def words_of(synonyms: Iterable[Synonym]) -> frozenset[str]:
    """Every word of theirs in small letters: no such word is a mistake."""
    return frozenset(
        word for one in synonyms for word in f"{one.term} {one.meaning}".lower().split()
    )


_Entry = tuple[tuple[str, ...], tuple[str, ...], Expansion]


@lru_cache(maxsize=4)
def _table(synonyms: tuple[Synonym, ...], analyze: Analyze) -> dict[str, list[_Entry]]:
    table: dict[str, list[_Entry]] = {}
    for one in synonyms:
        pairs = [(one.term, one.meaning), (one.meaning, one.term)]
        for term, meaning in pairs if one.both else pairs[:1]:
            words = tuple(analyze(term))
            if words:
                entry = words, tuple(analyze(meaning)), Expansion(term, meaning)
                table.setdefault(words[0], []).append(entry)
    return table


def _at(words: Sequence[str], start: int, wanted: tuple[str, ...]) -> bool:
    return tuple(words[start : start + len(wanted)]) == wanted
