"""How much the words before and after a place have in common (Hearst 1997, block comparison)."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Sequence
from math import sqrt

_WORD = re.compile(r"[^\W_]{3,}")
# Words of grammar and of speaking; they say nothing about the topic.
_EMPTY = frozenset(
    re.findall(
        r"\w+",
        """about above after again against all also always and any anything are aren around ask
        away back bad been before being below best better between both but came can cannot come
        comes could couldn did didn different does doesn doing don done down during each either
        else even ever every everything exactly far few find first for from further get gets
        getting give given gives going gonna good got had hadn has hasn have haven having her here
        hers him his how however into isn its itself just keep kind kinda know last least less let
        like likely little long look lot lots made make makes making many may maybe mean means
        might mine more most much must need needs never new next nice not nothing now off okay once
        one ones only other others our out over own people please point pretty probably put
        question quite rather really right said same saw say saying says see seems seen shall she
        should shouldn since some somebody someone something sort sorry still stuff such sure take
        talk tell than thank thanks that the their them then there these they thing things think
        this those though thought three through time times too took towards tried try trying two
        under until upon use used using very wanna want wanted wants was wasn way ways well went
        were weren what whatever when where whether which while who whole whom whose why will wish
        with within without won would wouldn yeah year yep yes yet you your yours yourself hmm huh
        uhhuh""",
    )
)


def cohesion(texts: Sequence[str], window: int) -> list[float]:
    """For each text, the cosine of the word counts before and from it, in [0, 1].

    Each side has about ``window`` content words, at least one text. At the start, and where a
    side has no such words, nothing is known to be in common: the value is 0. The counts slide,
    so the time is linear in the words.
    """
    words = [_content(text) for text in texts]
    left, right = _Side(), _Side()
    dot = 0
    ahead = 0
    cosines: list[float] = []
    for index in range(len(words)):
        while ahead < len(words) and (ahead <= index or right.size < window):
            for word in words[ahead]:
                dot += left.counts[word]
                right.add(word)
            right.texts.append(words[ahead])
            ahead += 1
        norm = sqrt(left.squares * right.squares)
        cosines.append(min(1.0, dot / norm) if norm else 0.0)
        moved = right.texts.popleft()
        for word in moved:
            right.remove(word)
            dot -= left.counts[word]
            dot += right.counts[word]
            left.add(word)
        left.texts.append(moved)
        while len(left.texts) > 1 and left.size - len(left.texts[0]) >= window:
            for word in left.texts.popleft():
                left.remove(word)
                dot -= right.counts[word]
    return cosines


class _Side:
    """Word counts of the texts on one side, with the sum of their squares."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.texts: deque[list[str]] = deque()
        self.squares = 0
        self.size = 0

    def add(self, word: str) -> None:
        self.squares += 2 * self.counts[word] + 1
        self.counts[word] += 1
        self.size += 1

    def remove(self, word: str) -> None:
        self.counts[word] -= 1
        self.squares -= 2 * self.counts[word] + 1
        self.size -= 1


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word not in _EMPTY]
