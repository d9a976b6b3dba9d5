"""Choosing what one is told by mail, on one's page; and by the link in a letter that stops it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse

from api.auth import OwnWriter, anybody
from api.auth.sealing import Seal
from api.deps import Wired
from api.mail import links
from api.services import Services
from api.web import rendering
from knowledge.errors import InvalidInput, NotFound
from knowledge.notices import Matter, Pace

router = APIRouter(include_in_schema=False)

Link = Annotated[str, Path(max_length=200)]
Chosen = Annotated[str, Form(max_length=10)]
_LINK = anybody("the link, which stops mail and does nothing else, was sent to whose it is")


@router.post("/me/mail")
def choose(
    asker: OwnWriter,
    services: Wired,
    questions: Chosen = "",
    answers: Chosen = "",
    wishes: Chosen = "",
    reviews: Chosen = "",
    sessions: Chosen = "",
    drafts: Chosen = "",
) -> Response:
    """Choose how soon one is told of what. Raises InvalidInput."""
    told = zip(Matter, (questions, answers, wishes, reviews, sessions, drafts), strict=True)
    try:
        given = {matter: Pace(pace) for matter, pace in told}
    except ValueError as error:
        raise InvalidInput(
            "choose for each whether it is told soon, once a day, or never"
        ) from error
    services.mail_choices.choose(asker.person_id, given)
    return RedirectResponse("/me?said=mail#mail", 303)


def _told(services: Services, link: str) -> tuple[int, tuple[Matter, ...]]:
    found = links.read(Seal(services.settings.storage.data), link)
    if found is None:
        raise NotFound(
            "this is no link of a letter from here; choose on your page what you are told"
        )
    return found


@router.get(f"{links.PLACE}/{{secret}}", dependencies=[_LINK])
def ask(secret: Link, services: Wired) -> Response:
    """Ask whether to stop: programs open links in mail that nobody clicked on."""
    _, matters = _told(services, secret)
    return rendering.bare("unsubscribe.html", 200, matters=matters, link=secret, done=False)


@router.post(f"{links.PLACE}/{{secret}}", dependencies=[_LINK])
def stop(secret: Link, services: Wired) -> Response:
    """Tell whose it is of these no more; programs for mail do it with one click (RFC 8058)."""
    person_id, matters = _told(services, secret)
    services.mail_choices.stop(person_id, matters)
    return rendering.bare("unsubscribe.html", 200, matters=matters, link=secret, done=True)
