"""What a search gives back. Scores live here, never on documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from indexer.protocols import Filters
from knowledge.currency import Currency, State
from knowledge.types import Document, Passage, Person, Role

_UNSAID = Currency(State.UNSAID)


class Intent(StrEnum):
    """What the asker wants to see first."""

    ANSWER = "answer"
    WHO = "who"


class Confidence(StrEnum):
    """A band, never a percentage: nothing here is calibrated finely enough for one."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Mode(StrEnum):
    """Which retrievers take part."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class Request:
    """One search. ``filters.audiences`` is ignored: the scope comes from the principal.

    ``limit`` answers and ``people_limit`` people are hydrated; with ``filters.document`` set an
    answer is a passage, otherwise a document's best passage. ``offset`` answers are passed over
    first; ``spelling`` lets words that nothing readable holds be corrected; ``literal`` takes
    everything for words, as it was typed: nothing is corrected and nothing narrows. ``besides``:
    people who are listed, too, however unlikely they know, if there is any evidence of it.
    """

    query: str
    filters: Filters = field(default_factory=Filters)
    limit: int = 10
    offset: int = 0
    people_limit: int = 5
    spelling: bool = True
    literal: bool = False
    besides: frozenset[int] = frozenset()
    mode: Mode = Mode.HYBRID


@dataclass(frozen=True, slots=True)
class Understood:
    """Words of a query that narrow it. ``field`` is one of ``Filters``; ``value`` a text, a date
    as YYYY-MM-DD, or a person's id, 0 for nobody; ``text`` is what was typed."""

    field: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Features:
    """How one passage got its place. ``cosine`` in [-1, 1], ``bm25`` ≥ 0, both exact.

    The others add up to its score, in standard deviations of the candidates: what its meaning
    and its words are worth, its neighbours inside a document, its document's further passages, its
    title, and that it is written for the level of whoever asks.
    """

    cosine: float
    bm25: float
    meaning: float = 0.0
    words: float = 0.0
    neighbours: float = 0.0
    further: float = 0.0
    title: float = 0.0
    level: float = 0.0

    @property
    def score(self) -> float:
        """What it is ranked by; comparable within one result only."""
        passages = self.meaning + self.words + self.neighbours + self.further
        return passages + self.title + self.level


@dataclass(frozen=True, slots=True)
class AnswerSigns:
    """``cosine``: of the nearest passage. ``coverage``: the largest part of the question's words
    that one of the nearest holds. ``size``: log of how many passages were searched, of 300
    at least, for among more the nearest is nearer, right or wrong."""

    cosine: float = 0.0
    coverage: float = 0.0
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class PersonSigns:
    """``cosine``: of the person's nearest evidence. ``part``: of the nearest evidence for ten
    people, what speaks for this one, 0 to 1. ``size``: as for answers."""

    cosine: float = 0.0
    part: float = 0.0
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An answer. ``highlights`` are code-point ranges in ``passage.text``; ``relevant`` is the
    probability that it is about what was asked, from it alone; ``currency``: whether its document
    still holds."""

    passage: Passage
    document: Document
    features: Features
    highlights: tuple[tuple[int, int], ...] = ()
    relevant: float = 0.0
    currency: Currency = _UNSAID


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a person ranks: a dated quote from something that the asker may read.

    ``start`` and ``end`` are code points of the document's body: what ``quote`` words. ``adds`` is
    what its document adds to the person's score.
    """

    passage_id: int
    document_id: int
    title: str
    quote: str
    start: int
    end: int
    role: Role
    at: datetime | None
    adds: float = 0.0


@dataclass(frozen=True, slots=True)
class PersonHit:
    """A colleague who knows. ``score`` is comparable within one result only; ``knows`` is the
    probability that they do, from ``signs``."""

    person: Person
    score: float
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    signs: PersonSigns = field(default_factory=PersonSigns)
    knows: float = 0.0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Answers and people for one request. ``topic`` is the query without its carrier phrase.

    ``corrected`` is the query that was searched for instead, if another was; ``understood`` what
    of it narrows; ``missing`` its phrases that nothing found would hold, which are then searched
    for as words; ``more`` says that answers follow these. ``answered`` and ``known`` are the
    probabilities that one of the nearest passages answers, and that one of the three likeliest
    people knows; ``signs`` what the former rests on.
    """

    query: str
    topic: str
    intent: Intent
    answers: tuple[SearchHit, ...]
    people: tuple[PersonHit, ...]
    answers_confident: bool
    people_confident: bool
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    corrected: str | None = None
    understood: tuple[Understood, ...] = ()
    missing: tuple[str, ...] = ()
    more: bool = False
    answered: float = 0.0
    known: float = 0.0
    signs: AnswerSigns = field(default_factory=AnswerSigns)

    @property
    def confident(self) -> bool:
        """Of what was asked for."""
        return self.people_confident if self.intent is Intent.WHO else self.answers_confident
