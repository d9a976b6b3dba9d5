"""Handing over what one owns."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from api.auth import OwnReader, OwnWriter, Reader, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.currency import editor
from api.schemas.fields import MAX_ID
from api.schemas.handover import (
    GivenHandOver,
    GivenReply,
    HandOverOut,
    Made,
    ReceivedList,
    handover_out,
    received_out,
    wishes_of,
)
from indexer.handing_over import suggested
from knowledge.handover import Thing

_Responses = dict[int | str, dict[str, Any]]
_GONE: _Responses = {404: {"description": "They are not yours to hand over, or nobody"}}
_LATE: _Responses = {409: {"description": "It was undone, or is older than thirty days"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}

router = APIRouter(prefix=V1, tags=["people"], responses=_GONE)

ItemId = Annotated[int, Path(ge=1, le=MAX_ID, description="The thing's id.")]
Kind = Annotated[Thing, Path(description="What it is.")]


@router.get("/people/{id}/hand-over")
def plan(id: PathId, asker: Reader, services: Wired) -> HandOverOut:
    """What somebody owns and to whom it could go: documents, topics that they look after, sessions
    to come. Of oneself; for administrators of anybody, as far as they can read it."""
    who = editor(asker)
    owned = services.handing_over.owned(id, who)
    told = suggested(services.topics, id, owned, asker.principal)
    return handover_out(owned, told, services.handing_over.done(id, who))


@router.post("/people/{id}/hand-over", status_code=201, responses=_FULL)
def hand_over(id: PathId, given: GivenHandOver, asker: Writer, services: Wired) -> Made:
    """Give all of it at once, or nothing: each thing to whom you name, and the rest, if you wish,
    to one colleague. Whoever receives something is told and may decline it. Drafts stay where they
    are."""
    made = services.handing_over.hand_over(
        id,
        wishes_of(given),
        editor(asker),
        rest=given.rest_person_id,
        with_questions=given.with_questions,
    )
    return Made(number=made)


@router.delete("/hand-overs/{id}", status_code=204, responses=_LATE | _FULL)
def undo(id: PathId, asker: Writer, services: Wired) -> None:
    """Take a hand-over back within thirty days, but for questions that were handed on and sessions
    that are over."""
    services.handing_over.undo(id, editor(asker))


@router.get("/people/me/received")
def received(asker: OwnReader, services: Wired) -> ReceivedList:
    """What you were given and have said nothing of."""
    return received_out(services.handing_over.received(asker.principal))


@router.post("/people/me/received/{id}/{kind}/{item_id}", status_code=204, responses=_FULL)
def reply(
    id: PathId, kind: Kind, item_id: ItemId, given: GivenReply, asker: OwnWriter, services: Wired
) -> None:
    """Take what you were given, or decline it: then it is whose it was."""
    services.handing_over.settle(id, kind, item_id, asker.principal, declined=given.declined)
