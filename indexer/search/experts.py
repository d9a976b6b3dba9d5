"""Who knows: documents found for a query vote for the people who made them.

One vote a (person, document): the document's relevance, for a speaker that of the best passage
they speak in, times the weight of the role, a small power of the person's share of the document,
and the age of the evidence. Relevance is the exponential of the fused score, so that what is hardly
related hardly counts, also where little is stored at all. A person's score is the sum of their best
votes with a geometric discount, so that neither one lucky page nor a hundred thin ones decide (cf.
Macdonald & Ounis, "Voting for candidates", CIKM 2006).

Whoever speaks, hosts included, vouches only for the passages that they speak in, by their share of
the words: a host is in every session and knows about few of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from indexer.catalog import CatalogEntry
from indexer.search import fusion
from knowledge.identity import Consent
from knowledge.settings import PeopleSettings
from knowledge.types import Role, Share

ROLE_WEIGHT = {role.value: 1.0 for role in Role} | {Role.ENDORSER.value: 0.2}
SPEAKER: str = Role.SPEAKER.value
SPOKEN: frozenset[str] = frozenset({Role.SPEAKER.value, Role.HOST.value})


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate passage: its fused score, its cosine, and who speaks in it."""

    passage_id: int
    document_id: int
    score: float
    cosine: float
    speakers: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """What one document says for one person. ``cosine`` is the highest of its passages that speak
    for them, whichever decides the vote; ``at`` in epoch seconds, 0 for unknown."""

    document_id: int
    passage_id: int
    role: str
    value: float
    cosine: float
    at: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person with all votes, best first."""

    person_id: int
    score: float
    votes: tuple[Vote, ...]


def rank(
    found: Sequence[Found],
    entries: Mapping[int, CatalogEntry],
    consent: Consent,
    settings: PeopleSettings,
    support: float,
    now: datetime,
) -> list[Candidate]:
    """Everybody with a vote, best first; ties by id.

    ``found`` comes best first. ``entries`` are the documents that the asker may read: passages of
    others do not count. ``support``: see ``fusion.worth``.
    """
    scores: dict[int, list[float]] = {}
    nearest: dict[int, float] = {}
    for passage in found:
        key = passage.document_id
        scores.setdefault(key, []).append(passage.score)
        nearest[key] = max(passage.cosine, nearest.get(key, -1.0))
    by_person: dict[int, dict[int, Vote]] = {}
    seen: set[int] = set()
    sharpness, share_power, half_life = settings.sharpness, settings.share, settings.half_life_days
    for passage in found:
        entry = entries.get(passage.document_id)
        # Whoever wrote a document vouches for all of it, whoever speaks for what they say.
        first = passage.document_id not in seen
        if entry is None or not (first or passage.speakers):
            continue
        seen.add(entry.document_id)
        whole = said = 0.0
        if first:
            whole = math.exp(sharpness * fusion.worth(scores[entry.document_id], support))
        if passage.speakers:
            said = math.exp(sharpness * passage.score)
        spoken = _spoken(passage.speakers)
        for person_id, role, made_at, share in entry.makers:
            if role == SPEAKER or (role in SPOKEN and passage.speakers):
                relevance = said * spoken.get(person_id, 0.0)
                cosine = passage.cosine
            else:
                relevance = whole * ROLE_WEIGHT[role] * share**share_power
                cosine = nearest[entry.document_id]
            if not relevance or not consent.allows(
                person_id, role, entry.source, entry.document_id
            ):
                continue
            at = made_at or entry.updated_at
            value = relevance * recency(at, now, half_life)
            votes = by_person.setdefault(person_id, {})
            held = votes.get(entry.document_id)
            if held is not None:
                cosine = max(cosine, held.cosine)
            if held is None or value > held.value:
                votes[entry.document_id] = Vote(
                    entry.document_id, passage.passage_id, role, value, cosine, at
                )
            elif cosine > held.cosine:
                votes[entry.document_id] = replace(held, cosine=cosine)
    ranked = []
    for person_id, votes in by_person.items():
        held_votes = sorted(votes.values(), key=lambda vote: (-vote.value, vote.document_id))
        score = sum(
            vote.value * settings.discount**at
            for at, vote in enumerate(held_votes[: settings.votes])
        )
        ranked.append(Candidate(person_id, score, tuple(held_votes)))
    return sorted(ranked, key=lambda candidate: (-candidate.score, candidate.person_id))


def _spoken(speakers: Sequence[Share]) -> dict[int | None, float]:
    """Each speaker's part of the passage's words; somebody may speak under several labels."""
    parts: dict[int | None, float] = {}
    for share in speakers:
        parts[share.person_id] = parts.get(share.person_id, 0.0) + share.share
    return parts


def recency(at: int, now: datetime, half_life_days: float) -> float:
    """How much evidence of a time (epoch seconds, 0 for unknown) still counts, of 1."""
    if not at or half_life_days <= 0.0:
        return 1.0
    age = max((now.timestamp() - at) / 86400.0, 0.0)
    return math.exp2(-age / half_life_days)
