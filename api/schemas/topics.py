"""Topics on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Id, NextCursor, Storable, Told
from indexer.leaving import Leaving, Loss
from indexer.topics import Risk, Topic, TopicPage
from knowledge.topics import MAX_NAME
from knowledge.types import Document, Kind, Person


class PersonNamed(Told):
    """A colleague."""

    id: int
    name: str


class TopicOut(Told):
    """A topic as you see it: made of the documents that you may read, and of nothing else."""

    id: int
    name: str = Field(description="The words that tell it most from other topics, or its name.")
    called: bool = Field(description="Somebody gave it the name.")
    documents: int = Field(description="Its documents that you may read.")
    first_seen_at: datetime
    steward: PersonNamed | None = Field(description="Who looks after it, if you may see them.")


class TopicList(Told):
    """Every topic of which you may read something, the largest first."""

    topics: list[TopicOut]


class TopicDocument(Told):
    """A document of a topic."""

    id: int
    title: str
    kind: Kind
    updated_at: datetime | None


class TopicPerson(Told):
    """Somebody who is known for a topic."""

    person: PersonNamed


class TopicPageOut(Told):
    """A topic with its documents, the most central first, and who is known for it."""

    topic: TopicOut
    documents: list[TopicDocument]
    people: list[TopicPerson]
    next_cursor: NextCursor


class GivenTopic(Given):
    """What is decided of a topic; what is left out stays, null takes it back."""

    name: Annotated[
        Annotated[str, StringConstraints(max_length=MAX_NAME), Storable] | None,
        Field(description="What it is called over all later runs."),
    ] = None
    steward_id: Annotated[Id | None, Field(description="Who looks after it.")] = None


class HolderOut(Told):
    """Somebody and their part of what is known of a topic."""

    person: PersonNamed
    share: float = Field(description="Of 1.")


class DemandOut(Told):
    """What at least five people searched for in one week, of the last 30 days."""

    searches: int
    terms: list[str]


class RiskOut(Told):
    """What of a topic may be lost, by what you may read."""

    topic: TopicOut
    holders: list[HolderOut]
    effective_holders: float = Field(description="1 / the sum of squared shares.")
    demand: DemandOut
    stale: float = Field(description="The part of its documents that is old, outdated or doubted.")


class LossOut(Told):
    """A topic of which somebody holds much."""

    topic: TopicOut
    share: float
    effective_holders: float
    effective_holders_after: float
    documents: list[TopicDocument]


class LeavingOut(Told):
    """What would be lost if somebody left, by what you may read."""

    person: PersonNamed
    losses: list[LossOut]
    alone: list[TopicDocument] = Field(description="Documents that nobody else made.")
    open: list[TopicDocument] = Field(description="Documents of theirs that nobody verified.")


def topic_out(one: Topic) -> TopicOut:
    """A topic as it is told."""
    return TopicOut(
        id=one.id,
        name=one.name,
        called=one.called,
        documents=one.documents,
        first_seen_at=one.first_seen_at,
        steward=_person(one.steward) if one.steward else None,
    )


def page_out(page: TopicPage, following: str | None) -> TopicPageOut:
    """A topic's page as it is told."""
    return TopicPageOut(
        topic=topic_out(page.topic),
        documents=[_document(one) for one in page.documents],
        people=[TopicPerson(person=_person(one)) for one in page.people],
        next_cursor=following,
    )


def risk_out(risk: Risk) -> RiskOut:
    """What may be lost, as it is told."""
    return RiskOut(
        topic=topic_out(risk.topic),
        holders=[HolderOut(person=_person(one.person), share=one.share) for one in risk.holders],
        effective_holders=round(risk.effective, 2),
        demand=DemandOut(searches=risk.demand.searches, terms=list(risk.demand.terms)),
        stale=risk.stale,
    )


def leaving_out(found: Leaving) -> LeavingOut:
    """What would be lost, as it is told."""
    return LeavingOut(
        person=_person(found.person),
        losses=[_loss(one) for one in found.losses],
        alone=[_document(one) for one in found.alone],
        open=[_document(one) for one in found.open],
    )


def _loss(one: Loss) -> LossOut:
    return LossOut(
        topic=topic_out(one.topic),
        share=one.share,
        effective_holders=round(one.before, 2),
        effective_holders_after=round(one.after, 2),
        documents=[_document(document) for document in one.documents],
    )


def _person(person: Person) -> PersonNamed:
    return PersonNamed(id=person.id, name=person.name)


def _document(one: Document) -> TopicDocument:
    return TopicDocument(id=one.id, title=one.title, kind=one.kind, updated_at=one.updated_at)
