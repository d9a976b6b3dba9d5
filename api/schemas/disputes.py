"""What people dispute about themselves, on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.fields import NextCursor, Told
from knowledge.disputes import Dispute
from knowledge.identity import Objection


class DisputeOut(Told):
    """Somebody says that a document that names them is not theirs, or is out of date."""

    person_id: int
    name: str
    document_id: int
    title: str
    verdict: Objection = Field(description="`not_me` or `outdated`.")
    at: datetime


class DisputeList(Told):
    """What is open of the documents that you look after, the oldest first."""

    disputes: list[DisputeOut]
    next_cursor: NextCursor


def dispute_out(one: Dispute) -> DisputeOut:
    """One of them."""
    return DisputeOut(
        person_id=one.person.id,
        name=one.person.name,
        document_id=one.document.id,
        title=one.document.title,
        verdict=one.verdict,
        at=one.at,
    )
