"""A colleague's page on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from api.schemas.fields import Cursor, Given, NextCursor, Told
from api.schemas.search import Question
from indexer.search.results import Request
from knowledge.profiles import Profile
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


class TopicOut(Told):
    """A tag, and how many documents of theirs that you may read have it."""

    tag: str
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
    topics: list[TopicOut] = Field(description="Most frequent first.")
    contributions: list[Contribution] = Field(description="Newest first.")
    next_cursor: NextCursor


def person_page(shown: Profile, next_cursor: str | None) -> PersonPage:
    """A colleague's page."""
    person = shown.person
    return PersonPage(
        id=person.id,
        name=person.name,
        team=person.team,
        title=person.title,
        topics=[TopicOut(tag=topic.tag, documents=topic.documents) for topic in shown.topics],
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
