"""What somebody decides about themselves, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.fields import Given, Instant, NextCursor, Told, Word
from knowledge.identity import Objection
from knowledge.privacy import MOST_TOPICS, Decisions, OwnEvidence
from knowledge.settings import PrivacySettings
from knowledge.types import Kind, Role

_SAID = "True or false as you or the directory said; null where nobody did: then the default holds."


class Defaults(Told):
    """What the organisation decided for whoever said nothing."""

    written: Literal["opt-out", "opt-in"]
    spoken: Literal["source", "opt-in", "never"]


class Me(Told):
    """You, and what you decided."""

    id: int
    name: str
    team: str | None
    title: str | None
    address: str | None
    consent_written: bool | None = Field(description=_SAID)
    consent_spoken: bool | None = Field(description=_SAID)
    said_by_directory: list[str] = Field(
        description="Which of these the directory said; say it yourself and that holds."
    )
    paused_until: datetime | None
    hidden_topics: list[str]
    defaults: Defaults


class GivenDecisions(Given):
    """What changes; what is left out stays. A consent of null takes back what was said."""

    consent_written: bool | None = None
    consent_spoken: bool | None = None
    paused_until: Instant | None = None
    hidden_topics: Annotated[list[Word], Field(max_length=MOST_TOPICS)] = Field(
        [], description="All tags that you do not want to be found by."
    )


class GivenVerdict(Given):
    """Why a document does not speak for you."""

    verdict: Objection


class EvidenceAboutMe(Told):
    """A document that names you."""

    document_id: int
    title: str
    kind: Kind
    roles: list[Role]
    tags: list[str]
    at: datetime | None
    counts: bool = Field(description="Whether it may speak for you.")
    hidden_topics: list[str] = Field(description="Those of its tags that you hide.")
    verdict: Objection | None


class EvidenceList(Told):
    """A page of what may speak for you, the newest first."""

    evidence: list[EvidenceAboutMe]
    next_cursor: NextCursor


class Appearance(Told):
    """How often a search of somebody else named you on a day (UTC)."""

    day: str
    shown: Annotated[int, Field(ge=1)]


class AppearanceList(Told):
    """For you alone, the newest day first."""

    appearances: list[Appearance]


def me_out(held: Decisions, settings: PrivacySettings) -> Me:
    """Somebody and what they decided."""
    person = held.person
    return Me(
        id=person.id,
        name=person.name,
        team=person.team,
        title=person.title,
        address=person.address,
        consent_written=held.consents["consent_written"],
        consent_spoken=held.consents["consent_spoken"],
        said_by_directory=sorted(held.by_directory),
        paused_until=person.paused_until,
        hidden_topics=list(held.topics),
        defaults=Defaults(written=settings.written, spoken=settings.spoken),
    )


def evidence_out(one: OwnEvidence) -> EvidenceAboutMe:
    """A document that names the asker."""
    document = one.document
    return EvidenceAboutMe(
        document_id=document.id,
        title=document.title,
        kind=document.kind,
        roles=list(one.roles),
        tags=list(document.tags),
        at=document.updated_at or document.created_at,
        counts=one.counts,
        hidden_topics=list(one.topics),
        verdict=one.verdict,
    )
