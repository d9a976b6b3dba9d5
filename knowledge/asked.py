"""The words of what was asked, what people say of the answers, and what terms mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
