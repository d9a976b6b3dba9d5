"""Who looks after documents, and when they are looked at again, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from api.schemas.fields import Given, Id, Instant, Told
from api.schemas.results import DocumentSummary, document_summary
from api.schemas.topics import PersonNamed
from knowledge.care import Cared, Review
from knowledge.review_months import MOST


class OwnerOut(Told):
    """Who looks after a document."""

    owner: PersonNamed | None = Field(
        description="Null for nobody, or somebody whom you may not see."
    )
    passed_on: bool = Field(description="False where it is its main author's by default.")
    may_pass: bool = Field(description="Whether you may pass it on.")
    review_at: datetime | None = Field(description="Until when it is to be looked at again.")
    every_months: int | None
    due: bool = Field(description="Whether that is past.")
    may_review: bool = Field(description="Whether you may say when.")


class GivenOwner(Given):
    """To whom a document is passed on."""

    person_id: Annotated[Id | None, Field(description="Null: back to its main author.")]


class GivenReview(Given):
    """When a document is to be looked at again; with nothing of it, as is usual for its kind."""

    at: Annotated[Instant | None, Field(description="By when.")] = None
    every_months: Annotated[
        int | None,
        Field(ge=1, le=MOST, description="Again so many months after each time it is verified."),
    ] = None


class ReviewOut(Told):
    """A document that is to be looked at again. Verify it, and it is done."""

    document: DocumentSummary
    review_at: datetime
    due: bool


class ReviewList(Told):
    """The longest due first."""

    reviews: list[ReviewOut]


def owner_out(told: Cared) -> OwnerOut:
    """Who looks after a document, as it is told."""
    owner = told.owner
    return OwnerOut(
        owner=PersonNamed(id=owner.id, name=owner.name) if owner else None,
        passed_on=told.passed_on,
        may_pass=told.may_pass,
        review_at=told.review_at,
        every_months=told.every_months,
        due=told.due,
        may_review=told.may_review,
    )


def reviews_out(found: list[Review]) -> ReviewList:
    """What is to be looked at again, as it is told."""
    made = []
    for one in found:
        assert one.currency.review_at is not None
        made.append(
            ReviewOut(
                document=document_summary(one.document),
                review_at=one.currency.review_at,
                due=one.currency.due,
            )
        )
    return ReviewList(reviews=made)
