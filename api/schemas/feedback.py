"""Feedback on the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Given, Id, Storable, Told
from knowledge.asked import Feedback, Verdict


class GivenFeedback(Given):
    """What somebody says of one passage or one person that a search gave, or of a document."""

    query_id: Annotated[
        Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")] | None,
        Field(description="`query_id` of the search; of a document, if one led to it."),
    ] = None
    passage_id: Annotated[
        Id | None, Field(description="The passage it is about, if not a person.")
    ] = None
    person_id: Annotated[
        Id | None, Field(description="The person it is about, if not a passage.")
    ] = None
    document_id: Annotated[
        Id | None, Field(description="The document as a whole that it is about, if neither.")
    ] = None
    verdict: Verdict
    reason: Annotated[
        str,
        StringConstraints(max_length=2000),
        Storable,
        Field(description="In your own words, if you like."),
    ] = ""

    def feedback(self) -> Feedback:
        """What is to be kept."""
        return Feedback(
            self.query_id or "",
            self.passage_id,
            self.person_id,
            self.verdict,
            self.reason.strip(),
            self.document_id,
        )


class KeptFeedback(Told):
    """What was kept. Who said it was not."""

    query_id: str | None
    passage_id: int | None
    person_id: int | None
    document_id: int | None
    verdict: Verdict
    reason: str


def kept_feedback(given: Feedback) -> KeptFeedback:
    """What was kept."""
    return KeptFeedback(
        query_id=given.query_id or None,
        passage_id=given.passage_id,
        person_id=given.person_id,
        document_id=given.document_id,
        verdict=given.verdict,
        reason=given.reason,
    )
