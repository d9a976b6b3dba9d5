"""What you want to be told of when it can be answered. Nobody else sees it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import OwnSearcher, OwnWriter
from api.deps import PathId, Wired
from api.routes import V1
from api.schemas.wishes import GivenWish, WishList, WishOut, wish_out

_Responses = dict[int | str, dict[str, Any]]
_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}

router = APIRouter(prefix=f"{V1}/people/me/wishes", tags=["people"], responses=_NOBODY)


@router.get("")
def wishes(asker: OwnSearcher, services: Wired) -> WishList:
    """All of yours, and which of them can be answered now, from what you may read."""
    return WishList(wishes=[wish_out(one) for one in services.wishing.look(asker.principal)])


@router.post("", status_code=201, responses=_FULL)
def wish(given: GivenWish, asker: OwnWriter, services: Wired) -> WishOut:
    """Be told when something can be answered; the same again is no other wish."""
    return wish_out(services.wishes.add(asker.person_id, given.text))


@router.delete("/{id}", status_code=204, responses={404: {}, **_FULL})
def take_back(id: PathId, asker: OwnWriter, services: Wired) -> None:
    """Wish for an answer no more."""
    services.wishes.remove(asker.person_id, id)
