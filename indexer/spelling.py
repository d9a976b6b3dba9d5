"""Mistyped words of a query become words of what the asker may read.

A wrong correction is worse than none: only a word that nothing readable holds, that the model was
not taught and that looks like no code or name of a thing is corrected, and only to one clearly
best word. See docs/decisions/0017.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from indexer.vocabulary import Scope, Vocabulary

# Whole texts are pasted, not typed; many unknown words are another language or a log.
MAX_CHARS = 400
MAX_UNKNOWN = 6

_SHORTEST = 4
_TWO_MISTAKES = 8
# A word of so many letters is recognised by the others when its first one is wrong.
_TELLING = 7
# Documents that must hold a word before something is corrected to it, by what was mistyped.
_SEEN_SLIP, _SEEN_OTHER, _SEEN_TWO = 2, 5, 10
# A slip explains one candidate; any letter in any place explains them all.
_SLIP = 25.0
_OTHER_START = 0.2
_CLEARLY = 2.0

_TOKEN = re.compile(r"\S+")
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|`[^`]*`")
_EDGE = ".,;:!?…()[]{}<>*'’‘/"
_CODE = re.compile(r"[\d_./@:\\#$%&*+=|<>~^]")
_POSSESSIVE = re.compile(r"['’]s?$")
# Words that carry a question; a small corpus may hold none of them.
_CARRIERS = frozenset(
    """about anybody anyone been being could does doing from have having here into just know knows
    known must shall should some somebody someone such tell than that their them then there these
    they this those what when where which whom whose will with work works would your""".split()
)


def correct(
    text: str, vocabulary: Vocabulary, scope: Scope, taught: Callable[[str], bool]
) -> str | None:
    """The text with mistyped words put right, or None when there is nothing to do.

    ``taught``: whether the model knows a word by itself, which is then no mistake.
    """
    if len(text) > MAX_CHARS:
        return None
    quoted = [found.span() for found in _QUOTED.finditer(text)]
    made, end, unknown = [], 0, 0
    for found in _TOKEN.finditer(text):
        if any(start < found.end() and found.start() < stop for start, stop in quoted):
            continue
        for start, stop in _typed(found[0]):
            word = found[0][start:stop]
            lowered = word.lower()
            if lowered in _CARRIERS or vocabulary.knows(lowered, scope) or taught(lowered):
                continue
            unknown += 1
            if unknown > MAX_UNKNOWN:
                return None
            better = _best(lowered, vocabulary, scope)
            if better is not None:
                made += [text[end : found.start() + start], _cased(better, word)]
                end = found.start() + stop
    return "".join([*made, text[end:]]) if made else None


def _typed(token: str) -> list[tuple[int, int]]:
    """The ranges of a token that somebody may have mistyped as words; none in a code."""
    core = token.strip(_EDGE)
    if not core or token.startswith("-") or _CODE.search(core):
        return []
    at = token.index(core)
    ranges = []
    for part in re.finditer(r"[^-‐–—]+", core):
        word = _POSSESSIVE.sub("", part[0])
        # A capital inside, or nothing else: XMLs, iPad, SQL. Letters without case are of scripts
        # in which spaces do not part words.
        plain = word[1:].islower() and all(c.isalpha() and c.lower() != c.upper() for c in word)
        if plain and len(word) >= _SHORTEST:
            ranges.append((at + part.start(), at + part.start() + len(word)))
    return ranges


def _best(word: str, vocabulary: Vocabulary, scope: Scope) -> str | None:
    most = 2 if len(word) >= _TWO_MISTAKES else 1
    for mistakes in range(1, most + 1):
        found = _candidates(word, mistakes, vocabulary, scope)
        if not found:
            continue
        (best, chosen), *others = sorted(found, key=lambda one: (-one[0], one[1]))
        stem = vocabulary.stem(chosen)
        second = next((value for value, other in others if vocabulary.stem(other) != stem), 0.0)
        return chosen if best >= _CLEARLY * second else None
    return None


def _candidates(
    word: str, mistakes: int, vocabulary: Vocabulary, scope: Scope
) -> list[tuple[float, str]]:
    """Words in scope at exactly this distance that are frequent enough, with their worth."""
    found = []
    for length in range(len(word) - mistakes, len(word) + mistakes + 1):
        near = process.extract(
            word,
            vocabulary.of_length(length),
            scorer=OSA.distance,
            processor=None,
            score_cutoff=mistakes,
            limit=None,
        )
        for other, distance, _ in near:
            if distance != mistakes:
                continue
            seen = vocabulary.frequency(other, scope)
            slip = mistakes == 1 and _slip(word, other)
            same_start = word[0] == other[0]
            needed = _SEEN_SLIP if slip else _SEEN_OTHER if mistakes == 1 else _SEEN_TWO
            if seen >= needed and (slip or same_start or (mistakes == 1 and len(word) >= _TELLING)):
                worth = seen * (_SLIP if slip else 1.0) * (1.0 if same_start else _OTHER_START)
                found.append((worth, other))
    return found


def _slip(word: str, other: str) -> bool:
    """Whether ``word`` is ``other`` with a letter left out or doubled, or a pair swapped."""
    if len(word) == len(other):
        return sorted(word) == sorted(other)
    if len(word) < len(other):
        return True
    return any(
        word[at] == word[at - 1] and word[:at] + word[at + 1 :] == other
        for at in range(1, len(word))
    )


def _cased(better: str, word: str) -> str:
    return better.capitalize() if word[0].isupper() else better
