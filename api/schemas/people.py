"""A colleague's page on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from api.schemas.fields import Cursor, Given, NextCursor, Told
from api.schemas.offers import OfferOut, offer_out
from api.schemas.search import Question
from indexer.search.results import Request
from knowledge.profiles import Behind, Profile
from knowledge.types import Kind, Role


class PeopleQuestion(Question):
    """A search for people; the filters narrow the documents that speak for them."""

    def request(self) -> Request:
        """What the pipeline is asked."""
        return Request(
            self.q,
            self.filters,
            limit=1,
            people_limit=self.limit,
            mode=self.mode,
            spelling=self.spelling,
            literal=self.literal,
        )


class PageQuestion(Given):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=50, description="How many at most.")] = 20
    cursor: Cursor | SkipJsonSchema[None] = None


class ProfileQuestion(PageQuestion):
    """Which part of what somebody made."""

    kind: Annotated[
        Kind | SkipJsonSchema[None], Field(description="Only contributions to this kind.")
    ] = None


class BehindTopic(Told):
    """A document that speaks for a topic."""

    document_id: int
    title: str
    kind: Kind
    role: Role
    at: datetime | None
    passage_id: int | None = Field(
        description="Where they speak most of what is said, or where it begins."
    )


class TopicOut(Told):
    """A tag, and how many documents of theirs that you may read have it."""

    tag: str
    documents: Annotated[int, Field(ge=1)]
    evidence: list[BehindTopic] = Field(description="The newest few of them.")


class KindCount(Told):
    """How many documents of a kind they made that you may read."""

    kind: Kind
    documents: Annotated[int, Field(ge=1)]


class Contribution(Told):
    """A document that they made and you may read."""

    document_id: int
    title: str
    kind: Kind
    role: Role
    at: datetime | None


class PersonPage(Told):
    """A colleague, with what speaks for them as far as they agree to be found by it."""

    id: int
    name: str
    team: str | None
    title: str | None
    paused_until: datetime | None = Field(
        description="Until when they do not want to be asked, if that is so."
    )
    topics: list[TopicOut] = Field(description="Most frequent first.")
    kinds: list[KindCount]
    offers: list[OfferOut] = Field(description="What they would teach and want to learn.")
    contributions: list[Contribution] = Field(description="Newest first.")
    next_cursor: NextCursor


def _behind(one: Behind) -> BehindTopic:
    return BehindTopic(
        document_id=one.made.document_id,
        title=one.made.title,
        kind=one.made.kind,
        role=one.made.role,
        at=one.made.at,
        passage_id=one.passage and one.passage.id,
    )


def person_page(shown: Profile, next_cursor: str | None) -> PersonPage:
    """A colleague's page."""
    person = shown.person
    return PersonPage(
        id=person.id,
        name=person.name,
        team=person.team,
        title=person.title,
        paused_until=person.paused_until,
        topics=[
            TopicOut(
                tag=topic.tag,
                documents=topic.documents,
                evidence=[_behind(one) for one in shown.behind.get(topic.tag, ())],
            )
            for topic in shown.topics
        ],
        kinds=[KindCount(kind=kind, documents=count) for kind, count in shown.kinds.items()],
        offers=[offer_out(one) for one in shown.offers],
        contributions=[
            Contribution(
                document_id=one.document_id,
                title=one.title,
                kind=one.kind,
                role=one.role,
                at=one.at,
            )
            for one in shown.made
        ],
        next_cursor=next_cursor,
    )
