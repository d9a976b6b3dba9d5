"""What you are told by mail, and how soon. Nobody asks this of another."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.auth import OwnReader, OwnWriter
from api.deps import Wired
from api.routes import V1
from api.schemas.mail import GivenPaces, MailOut, mail_out

_Responses = dict[int | str, dict[str, Any]]
_NOBODY: _Responses = {403: {"description": "You are nobody in particular"}}

router = APIRouter(prefix=f"{V1}/people/me/mail", tags=["people"], responses=_NOBODY)


@router.get("")
def mail(asker: OwnReader, services: Wired) -> MailOut:
    """How soon you are told of what by mail."""
    return mail_out(services.mail_choices.of(asker.person_id), services.settings.mail.on)


@router.patch("", responses={507: {"description": "The disk is full; nothing was kept"}})
def choose(given: GivenPaces, asker: OwnWriter, services: Wired) -> MailOut:
    """Choose how soon, or never; it holds for what waits to be sent, too."""
    services.mail_choices.choose(asker.person_id, given.paces())
    return mail_out(services.mail_choices.of(asker.person_id), services.settings.mail.on)
