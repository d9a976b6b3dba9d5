"""Who knows: documents found for a query vote for the people who made them.

One vote a (person, document): the best of its passages' relevance, times the weight of the role
and the age of the evidence. A person's score is the sum of their best votes with a geometric
discount, so that neither one lucky page nor a hundred thin ones decide (cf. Macdonald & Ounis,
"Voting for candidates", CIKM 2006).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge.settings import PeopleSettings
from knowledge.types import Contribution, Document, Person, Role, Share

ROLE_WEIGHT = dict.fromkeys(Role, 1.0) | {Role.ENDORSER: 0.2}
SPOKEN = frozenset({Role.SPEAKER, Role.HOST})


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate passage, in order of fused score: its cosine, and who speaks in it."""

    passage_id: int
    document_id: int
    cosine: float
    speakers: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """What one document says for one person. ``cosine`` is that of its passage."""

    document_id: int
    passage_id: int
    role: Role
    value: float
    cosine: float
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person with all votes, best first."""

    person_id: int
    score: float
    votes: tuple[Vote, ...]


def rank(
    found: Sequence[Found],
    documents: Mapping[int, Document],
    people: Mapping[int, Person],
    consenting_sources: frozenset[str],
    settings: PeopleSettings,
    now: datetime,
) -> list[Candidate]:
    """Everybody with a vote, best first; ties by id.

    ``documents`` are those the asker may read: passages of others do not count. ``people`` holds
    every contributor; whoever does not consent to being ranked for a role gets no vote from it.
    """
    place: dict[int, int] = {}
    votes: dict[tuple[int, int], Vote] = {}
    for passage in found:
        document = documents.get(passage.document_id)
        if document is None:
            continue
        relevance = 1.0 / (settings.rank_constant + place.setdefault(document.id, len(place)))
        for contribution in document.contributions:
            person = people.get(contribution.person_id)
            if person is None or not _consents(person, contribution, document, consenting_sources):
                continue
            value = relevance * ROLE_WEIGHT[contribution.role]
            value *= _spoken_share(contribution, passage.speakers)
            at = contribution.at or document.updated_at
            value *= _recency(at, now, settings.half_life_days)
            held = votes.get((person.id, document.id))
            if value > 0.0 and (held is None or value > held.value):
                votes[person.id, document.id] = Vote(
                    document.id, passage.passage_id, contribution.role, value, passage.cosine, at
                )
    by_person: dict[int, list[Vote]] = {}
    for (person_id, _), vote in votes.items():
        by_person.setdefault(person_id, []).append(vote)
    ranked = []
    for person_id, held_votes in by_person.items():
        held_votes.sort(key=lambda vote: (-vote.value, vote.document_id))
        score = sum(
            vote.value * settings.discount**place
            for place, vote in enumerate(held_votes[: settings.votes])
        )
        ranked.append(Candidate(person_id, score, tuple(held_votes)))
    return sorted(ranked, key=lambda candidate: (-candidate.score, candidate.person_id))


def _consents(
    person: Person, contribution: Contribution, document: Document, sources: frozenset[str]
) -> bool:
    if contribution.role in SPOKEN:
        return person.consent_spoken or document.source in sources
    return person.consent_written


def _spoken_share(contribution: Contribution, speakers: Sequence[Share]) -> float:
    """A speaker's part of the passage's words; 1 for whoever wrote or hosted."""
    if contribution.role is not Role.SPEAKER:
        return 1.0
    return sum(share.share for share in speakers if share.person_id == contribution.person_id)


def _recency(at: datetime | None, now: datetime, half_life_days: float) -> float:
    if at is None or half_life_days <= 0.0:
        return 1.0
    age = max((now - at).total_seconds() / 86400.0, 0.0)
    return math.exp2(-age / half_life_days)
