"""What somebody would teach and wants to learn, on the wire."""

from __future__ import annotations

from datetime import datetime

from api.schemas.fields import Given, Told, Word
from knowledge.identity import Offer, OfferKind


class GivenOffer(Given):
    """What you would teach, or want to learn."""

    kind: OfferKind
    topic: Word


class OfferOut(Told):
    """What somebody would teach, or wants to learn."""

    id: int
    kind: OfferKind
    topic: str
    at: datetime


class OfferList(Told):
    """All of somebody's, the oldest first."""

    offers: list[OfferOut]


def offer_out(one: Offer) -> OfferOut:
    """One of them."""
    return OfferOut(id=one.id, kind=one.kind, topic=one.topic, at=one.at)
