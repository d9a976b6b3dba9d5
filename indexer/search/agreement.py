"""How well a document's title agrees with a question: who types a title wants that document."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain


def agreement(asked: Sequence[str], titles: Mapping[int, Sequence[str]]) -> dict[int, float]:
    """Document id -> 0 to 1, of the documents whose title shares a word with the question.

    The geometric mean of the part of the question that stands in the title and the part of the
    title that stands in the question. Words are as the lexical index has them, and weigh by how
    few of these very titles hold them (the idf of BM25, Robertson and Zaragoza 2009).
    """
    wanted = frozenset(asked)
    told = {key: frozenset(words) for key, words in titles.items()}
    holders = Counter(chain.from_iterable(told.values()))
    size = len(told)

    @cache
    def idf(word: str) -> float:
        return math.log(1.0 + (size - holders[word] + 0.5) / (holders[word] + 0.5))

    whole = sum(map(idf, wanted))
    agreed: dict[int, float] = {}
    for key, words in told.items():
        if wanted.isdisjoint(words):
            continue
        shared = sum(map(idf, words & wanted))
        agreed[key] = shared / math.sqrt(whole * sum(map(idf, words)))
    return agreed
