"""What topics are about, in the words of documents: class-based TF-IDF (c-TF-IDF) of

Grootendorst, "BERTopic: Neural topic modeling with a class-based TF-IDF procedure" (2022): all
documents of a topic are one text, and a word counts for as much of it as it is, times the logarithm
of 1 + the words of a usual topic / how often the word stands anywhere. Few topics leave that
logarithm little to tell words apart by, so it is taken times the part of all documents with the
word that are of the topic.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from indexer.search.snippets import STOP
from knowledge.store.topics import Words

WORDS = 3
"""As many words name a topic."""
KEPT = 40
"""Words that are kept of a document."""
_SHORTEST = 3
_WORD = re.compile(r"[^\W\d_][\w'’-]*")

Stem = Callable[[str], Sequence[str]]


def frequent(texts: Collection[str], people: Collection[str], stem: Stem) -> Words:
    """The most frequent words of a document's texts, without function words and the names of
    ``people``; of as many alike, the earlier one. ``stem``: a word as it is indexed."""
    spelled: dict[str, Counter[str]] = {}
    nobody = {word.casefold() for name in people for word in _WORD.findall(name)}
    counted = Counter(
        word.casefold().removesuffix("'s").removesuffix("’s")
        for text in texts
        for word in _WORD.findall(text)
    )
    for word, count in counted.items():
        if len(word) < _SHORTEST or word in STOP or word in nobody:
            continue
        stems = stem(word)
        if len(stems) == 1:
            spelled.setdefault(stems[0], Counter())[word] += count
    order = sorted(spelled.items(), key=lambda one: -one[1].total())[:KEPT]
    return [(key, forms.most_common(1)[0][0], forms.total()) for key, forms in order]


def named(held: Mapping[int, Sequence[Words]]) -> dict[int, tuple[str, ...]]:
    """By topic: the words that tell it most from the others, of the words of its documents. One
    that stands in a single document tells of that one, and one that stands in more than half of the
    topics of none: such words come last."""
    classes = {key: _class(told) for key, told in held.items()}
    everywhere: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    having: Counter[str] = Counter()
    for one in classes.values():
        everywhere.update(one.counts)
        spread.update(one.counts.keys())
        having.update(one.within)
    usual = everywhere.total() / max(len(classes), 1)
    common = {key for key, count in spread.items() if count > max(len(classes) / 2, 1)}
    return {key: _best(one, everywhere, having, usual, common) for key, one in classes.items()}


@dataclass(frozen=True, slots=True)
class _Class:
    """How often each word stands in a topic, in how many documents, and how it is written."""

    counts: Counter[str]
    within: Counter[str]
    forms: dict[str, Counter[str]]


def _class(told: Sequence[Words]) -> _Class:
    made = _Class(Counter(), Counter(), {})
    for words in told:
        for key, form, count in words:
            made.counts[key] += count
            made.within[key] += 1
            made.forms.setdefault(key, Counter())[form] += count
    return made


def _best(
    one: _Class,
    everywhere: Counter[str],
    having: Counter[str],
    usual: float,
    common: Collection[str],
) -> tuple[str, ...]:
    whole = one.counts.total()

    def order(key: str) -> tuple[bool, bool, float, str]:
        worth = one.counts[key] / whole * math.log1p(usual / everywhere[key])
        worth *= one.within[key] / having[key]
        return key in common, one.within[key] < 2, -worth, key

    best = sorted(one.counts, key=order)[:WORDS]
    # Most frequent, and of as many alike the first of the alphabet: not that of some document.
    return tuple(min(one.forms[k], key=lambda form: (-one.forms[k][form], form)) for k in best)
