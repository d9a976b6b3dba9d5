"""How sure it is: the probability that something shown is right.

Logistic regressions over what the asker may read alone, so that nothing hidden moves them: no
statistics of the whole corpus, only cosines, and the question's words. Fitted and judged by
``python -m benchmarks.calibration``, see docs/quality.md and docs/decisions/0024.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from indexer.search.experts import Candidate
from indexer.search.results import AnswerSigns, PersonSigns, SearchHit
from indexer.search.snippets import STOP, Analyze
from knowledge.types import Passage

NEAREST = 3
"""Passages, or people, among which what is asked for should be."""

SMALLEST = 300
"""Passages: no fewer were there to fit with, and among a handful nothing is near by chance."""

# How quickly evidence loses weight with its distance from the nearest; and how a person's pieces
# of evidence add up, as votes do (``PeopleSettings``).
_FALL, _VOTES, _DISCOUNT, _COMPARED = 10.0, 6, 0.7, 10
_STRANGER = math.exp(-_FALL * 0.25)


@dataclass(frozen=True, slots=True)
class Logistic:
    """1 / (1 + exp(-(base + weights · signs)))."""

    base: float
    weights: tuple[float, ...]

    def of(self, signs: AnswerSigns | PersonSigns) -> float:
        """The probability, 0 to 1."""
        pairs = zip(self.weights, astuple(signs), strict=True)
        told = self.base + sum(weight * sign for weight, sign in pairs)
        return 1.0 / (1.0 + math.exp(-told))


# For all-MiniLM-L6-v2, by benchmarks.calibration; another model has other cosines.
ANSWERED = Logistic(0.746, (13.293, 2.11, -1.122))
KNOWS = Logistic(-3.228, (6.016, 6.791, -0.382))


class Judge:
    """Judges what was found for one question among so many ``searched`` passages. ``texts`` are
    what of it is loaded, which the asker may read."""

    def __init__(
        self, topic: str, analyze: Analyze, texts: Mapping[int, Passage], searched: int
    ) -> None:
        self._analyze = analyze
        self._size = _size(searched)
        self._texts = texts
        empty = frozenset(analyze(" ".join(STOP)))
        self._words = frozenset(analyze(topic)) - empty
        self._parts: dict[int, float] = {}

    def answer(self, cosine: float, nearest: Iterable[int]) -> AnswerSigns:
        """What the nearest passages tell: their highest cosine, and their ids."""
        return AnswerSigns(cosine, self._covered(nearest), self._size)

    def judged(self, hit: SearchHit) -> SearchHit:
        """An answer with what it says for itself alone."""
        signs = self.answer(hit.features.cosine, [hit.passage.id])
        return replace(hit, relevant=ANSWERED.of(signs))

    def _covered(self, passages: Iterable[int]) -> float:
        return max((self._part_in(key) for key in passages if key in self._texts), default=0.0)

    def _part_in(self, key: int) -> float:
        if key not in self._parts:  # answers, the nearest and evidence are mostly the same
            passage = self._texts[key]
            held = self._analyze(" ".join((passage.text, *passage.heading_path)))
            shared = self._words.intersection(held)
            self._parts[key] = len(shared) / len(self._words) if self._words else 0.0
        return self._parts[key]


def of_people(ranked: Sequence[Candidate], searched: int) -> dict[int, PersonSigns]:
    """The signs of everybody with evidence, by id, whatever their order."""
    nearest = {one.person_id: max(vote.cosine for vote in one.votes) for one in ranked}
    top = max(nearest.values(), default=0.0)
    told = {one.person_id: _told(one, top) for one in ranked}
    # Strangers, and those who are missing, count as much as somebody at a distance: whoever alone
    # wrote of a topic is no less of an expert for that.
    most = sorted((max(value, _STRANGER) for value in told.values()), reverse=True)[:_COMPARED]
    whole = sum(most) + _STRANGER * (_COMPARED - len(most))
    size = _size(searched)
    return {key: PersonSigns(nearest[key], value / whole, size) for key, value in told.items()}


def _told(candidate: Candidate, top: float) -> float:
    values = sorted((math.exp(_FALL * (v.cosine - top)) for v in candidate.votes), reverse=True)
    return sum(value * _DISCOUNT**at for at, value in enumerate(values[:_VOTES]))


def somebody(probabilities: Iterable[float]) -> float:
    """The probability that one of the three likeliest knows, as if they were independent."""
    likeliest = sorted(probabilities, reverse=True)[:NEAREST]
    return 1.0 - math.prod(1.0 - one for one in likeliest)


def _size(searched: int) -> float:
    return math.log(max(searched, SMALLEST))
