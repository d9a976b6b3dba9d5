"""The monthly review: what changed, what one could try, and what was decided."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from api.auth import Asker, OwnWriter, Reader, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.reviews import (
    DecisionMade,
    GivenDecision,
    GivenOutcome,
    ReviewOut,
    plan,
    review_out,
)
from knowledge.errors import NotFound
from knowledge.measures import telling

_Responses = dict[int | str, dict[str, Any]]
_GONE: _Responses = {404: {"description": "There is none, or none for you"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}
_DONE: _Responses = {409: {"description": "It was looked at again, or is not yours to take back"}}
_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}
_Month = Annotated[str, Path(max_length=40, description="A published month, as 2026-03.")]

router = APIRouter(prefix=V1, tags=["pulse"], responses=_GONE)


@router.get("/reviews/{month}")
def review(month: _Month, asker: Reader, services: Wired) -> ReviewOut:
    """A published month's review, for administrators and curators."""
    check(asker)
    return review_out(services.reviews.show(month, asker.principal, asker.standing))


@router.post("/reviews/{month}/decisions", status_code=201, responses={**_FULL, **_NOBODY})
def decide(month: _Month, told: GivenDecision, asker: OwnWriter, services: Wired) -> DecisionMade:
    """Record a decision. Your name stands beside it."""
    check(asker)
    made = services.reviews.decide(month, plan(told), asker.principal, asker.standing)
    return DecisionMade(id=made)


@router.put("/decisions/{id}/outcome", status_code=204, responses={**_FULL, **_DONE})
def look(id: PathId, told: GivenOutcome, asker: Writer, services: Wired) -> None:
    """Say, once, what came of a decision."""
    check(asker)
    services.reviews.look(id, told.outcome, asker.standing)


@router.delete("/decisions/{id}", status_code=204, responses={**_FULL, **_DONE})
def take_back(id: PathId, asker: Writer, services: Wired) -> None:
    """Take back a decision of yours that nobody looked at again; administrators, any."""
    check(asker)
    services.reviews.take_back(id, asker.principal, asker.standing)


def check(asker: Asker) -> None:
    """Raise NotFound for whoever does not look after learning."""
    if not telling.may_see(asker.standing):
        raise NotFound("there is nothing like that for you")
