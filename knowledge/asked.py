"""The words of what was asked, what of it is not found, what people say of the answers, and what
terms mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_TEXT = 500
"""Characters of a text that a gap or a wish has."""


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """What was searched for and what came of it.

    ``answers`` counts those that were shown, ``confident`` is about what was asked for.
    """

    id: str
    text: str
    intent: str
    answers: int
    confident: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """One search of a person, who is a pseudonym of the week. ``sure``: it gave something with
    confidence; ``rejected``: somebody said that this was no help, out of date or the wrong
    person; ``empty``: it gave nothing."""

    text: str
    asker: str
    sure: bool
    rejected: bool
    at: datetime
    empty: bool = False

    @property
    def failed(self) -> bool:
        """Whether it did not give what was looked for."""
        return self.rejected or not self.sure


class GapState(StrEnum):
    """Whether something is still not found."""

    OPEN = "open"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class By(StrEnum):
    """What brings a gap into a state where no person does."""

    SEARCHES = "searches"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Week:
    """How many people failed in a week, such as 2026-W05, and how often together."""

    period: str
    askers: int
    searches: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What several people did not find. ``by`` is one of ``By``, or ``person:ID``. ``rejected``:
    most who failed had an answer and rejected it. ``weeks``: those that are over and were told, the
    oldest first."""

    id: int
    text: str
    first_seen: datetime
    state: GapState
    changed_at: datetime
    by: str
    seen_at: datetime
    checked_at: datetime | None
    rejected: bool = False
    weeks: tuple[Week, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be told of; ``told_at``: since when it can be answered, if it can."""

    id: int
    text: str
    at: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Term:
    """What several people searched for: how many at most in one week, and how often; of these
    searches, how many were ``unsure`` of their answer and how many ``empty``."""

    text: str
    askers: int
    searches: int
    unsure: int
    empty: int


class Verdict(StrEnum):
    """What somebody says of an answer or of a person that a search gave."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not_helpful"
    OUTDATED = "outdated"
    WRONG_PERSON = "wrong_person"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict on one passage, person or document, whichever is not None; deliberately not by
    whom. ``query_id`` is empty where they came to a document without a search."""

    query_id: str
    passage_id: int | None
    person_id: int | None
    verdict: Verdict
    reason: str = ""
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Synonym:
    """Who asks for ``term`` also asks for ``meaning``; the reverse too where it holds ``both``
    ways."""

    id: int
    term: str
    meaning: str
    both: bool
