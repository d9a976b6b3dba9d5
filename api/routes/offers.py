"""What you would teach and want to learn: all who see you see it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import OwnReader, OwnWriter
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.offers import GivenOffer, OfferList, offer_out

_Responses = dict[int | str, dict[str, Any]]
_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}

router = APIRouter(prefix=f"{V1}/people/me/offers", tags=["people"], responses=_NOBODY)


@router.get("")
def offers(asker: OwnReader, services: Wired) -> OfferList:
    """What you said."""
    held = services.offers.of(asker.person_id)
    return OfferList(offers=[offer_out(one) for one in held])


@router.post("", status_code=201, responses=_FULL)
def offer(given: GivenOffer, asker: OwnWriter, services: Wired) -> OfferList:
    """Say what you would teach, or want to learn; the same again is no other one."""
    services.offers.add(asker.person_id, given.kind, given.topic)
    return offers(asker, services)


@router.delete("/{id}", status_code=204, responses=_FULL)
def take_back(id: PathId, asker: OwnWriter, services: Wired) -> None:
    """Take one back."""
    services.offers.remove(asker.person_id, id)
