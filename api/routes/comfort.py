"""How comfortable it is to ask and to share: everybody is asked once a month, anonymously."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import Asker, OwnReader, OwnWriter
from api.deps import Wired
from api.routes import V1
from api.schemas.comfort import ComfortOut, GivenComfort
from api.services import Services

_Responses = dict[int | str, dict[str, Any]]
_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}
_TWICE: _Responses = {409: {"description": "You answered this month already"}}

router = APIRouter(prefix=f"{V1}/comfort", tags=["pulse"], responses=_NOBODY)


@router.get("")
def asked(asker: OwnReader, services: Wired) -> ComfortOut:
    """Whether you are asked this month how comfortable it is to ask and to share."""
    return _told(services, asker)


@router.post("", status_code=201, responses={**_TWICE, **_FULL})
def answer(told: GivenComfort, asker: OwnWriter, services: Wired) -> ComfortOut:
    """Answer, once a month. Your answer is kept without you, and told with those of four others at
    least."""
    services.comforting.answer(told.model_dump(), asker.principal)
    return _told(services, asker)


def _told(services: Services, asker: Asker) -> ComfortOut:
    month, answered = services.comforting.month(), services.comforting.answered(asker.principal)
    return ComfortOut(month=month, answered=answered)
