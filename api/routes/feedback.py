"""What people say of the answers they got."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import ReaderAnywhere
from api.conditions import IdempotencyKey, request_key
from api.deps import Wired
from api.routes import V1
from api.schemas.feedback import GivenFeedback, KeptFeedback, kept_feedback

router = APIRouter(prefix=V1, tags=["search"])


@router.post(
    "/feedback",
    status_code=201,
    responses={
        404: {"description": "No such query, or nothing that you may see"},
        507: {"description": "The disk is full; nothing was kept"},
    },
)
def feedback(
    given: GivenFeedback,
    asker: ReaderAnywhere,
    services: Wired,
    idempotency_key: IdempotencyKey = None,
) -> KeptFeedback:
    """Say whether a passage or a person that a search gave, or a document, was any good.

    Give one of `passage_id`, `person_id` and `document_id`, and the search's `query_id`; a document
    may be judged without one. Who says it is not kept.
    """
    said = given.feedback()
    key = request_key(asker, idempotency_key, "POST feedback", given)
    services.opinions.add(said, asker.principal, key)
    return kept_feedback(said)
