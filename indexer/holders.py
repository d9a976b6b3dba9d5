"""Who holds what is known of a topic, and how many such people there are.

The same evidence speaks for somebody as in the ranking of people: a role's weight times a small
power of the person's part of the document times its age, once a document; here times how central
the document is to the topic. The *effective number* of holders is 1 / (sum of the squared shares):
the inverse of Simpson's index, the Hill number of order 2 (Hill 1973). It is how many holders of
equal shares would be as concentrated.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from indexer.entries import makers
from indexer.search.experts import ROLE_WEIGHT, recency
from knowledge.identity import Consent
from knowledge.settings import PeopleSettings
from knowledge.store.topics import Held

Shares = dict[int, float]
"""By person: their part of what is known, of 1."""


def shares(
    held: Iterable[Held],
    consent: Consent,
    settings: PeopleSettings,
    now: datetime,
    discount: float = 1.0,
) -> Shares:
    """Of everybody who agrees to be found by it. What is not central at all does not count. Empty
    where nobody is known. ``discount``: from one of somebody's documents to the next."""
    values: dict[int, list[float]] = {}
    for document in held:
        for person, value in _votes(document, consent, settings, now).items():
            values.setdefault(person, []).append(value * max(document.central, 0.0))
    worth = {
        person: sum(one * discount**at for at, one in enumerate(sorted(told, reverse=True)))
        for person, told in values.items()
    }
    whole = sum(worth.values())
    return {person: value / whole for person, value in worth.items() if value > 0.0}


def _votes(
    document: Held, consent: Consent, settings: PeopleSettings, now: datetime
) -> dict[int, float]:
    updated = int(document.updated_at.timestamp()) if document.updated_at else 0
    best: dict[int, float] = {}
    for person, role, at, part in makers(document.contributions):
        if consent.allows(person, role, document.source_key, document.id):
            value = ROLE_WEIGHT[role] * part**settings.share
            value *= recency(at or updated, now, settings.half_life_days)
            best[person] = max(value, best.get(person, 0.0))
    return best


def effective(held: Shares) -> float:
    """How many they are in effect; 0 for nobody."""
    squared = sum(share * share for share in held.values())
    return 1.0 / squared if squared else 0.0


def without(held: Shares, person_id: int) -> Shares:
    """As if somebody were not there."""
    rest = {person: share for person, share in held.items() if person != person_id}
    whole = sum(rest.values())
    return {person: share / whole for person, share in rest.items()}
