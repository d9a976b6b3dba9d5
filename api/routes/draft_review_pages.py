"""Looking at drafts of colleagues who ask for it, as pages: with forms, without scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import colleagues, filing
from api.auth import Asker, OwnReader, OwnWriter
from api.deps import PathId, Wired
from api.filing import shown_as
from api.schemas.fields import number_in
from api.services import Services
from api.web import compose_pages, composing
from api.web.compose_pages import POINT_NAMES
from api.web.managing import sentence
from api.web.prose import Targets, prose
from api.web.rendering import page
from knowledge.errors import Conflict, InvalidInput, NotFound
from knowledge.hints import About
from knowledge.reviewing import POINTS

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=2000)]
Text = Annotated[str, Form(max_length=100_000)]
Short = Annotated[str, Form(max_length=40)]
Points = Annotated[list[Short], Form(max_length=20)]
_SAID = {
    "given": "Thank you. Its author reads it now; you read the draft no more.",
    "declined": "You are not asked any more. Nobody is told why.",
}


@router.get("/reviews")
def reviews(request: Request, asker: OwnReader, services: Wired, said: str = "") -> Response:
    """What waits for one's look, and what one asked for."""
    return page(
        request,
        asker,
        "reviews.html",
        waiting=services.reviewing.waiting(asker.principal),
        asked=services.reviewing.asked_for(asker.principal),
        said=_SAID.get(said, ""),
    )


@router.get("/reviews/{id}")
def review(request: Request, id: PathId, asker: OwnReader, services: Wired) -> Response:
    """A draft to look at."""
    return _page(request, asker, services, id)


@router.post("/reviews/{id}")
def say(
    request: Request,
    id: PathId,
    asker: OwnWriter,
    services: Wired,
    action: Short = "",
    comment: Text = "",
    point: Points = [],  # noqa: B006
) -> Response:
    """Say what one thinks of it, or decline."""
    if action == "decline":
        services.reviewing.decline(id, asker.principal)
        return RedirectResponse("/reviews?said=declined", 303)
    found = [one for one in POINTS if one.value in point]
    try:
        services.reviewing.give(id, comment, found, asker.principal)
    except InvalidInput as error:
        return _page(request, asker, services, id, str(error), comment, found)
    return RedirectResponse("/reviews?said=given", 303)


@router.get("/reviews/{id}/files/{number}")
def picture(id: PathId, number: int, asker: OwnReader, services: Wired) -> Response:
    """A picture of it."""
    if not 0 <= number < 10**6:
        raise NotFound("there is no such file")
    return filing.response(*services.reviewing.content(id, number, asker.principal))


@router.post("/drafts/{id}/review")
def ask(
    request: Request,
    id: PathId,
    asker: OwnWriter,
    services: Wired,
    colleague: Line = "",
    wish: Line = "",
    withdraw: Short = "",
) -> Response:
    """Ask a colleague to look at a draft of one's own, or ask no more."""
    try:
        if withdraw:
            services.reviewing.withdraw(number_in(withdraw) or 0, asker.principal)
        else:
            person = colleagues.named(services, asker, colleague)
            services.reviewing.ask(id, person.id, wish, asker.principal)
    except (InvalidInput, Conflict) as error:
        kept = services.drafting.get(id, asker.principal)
        name = services.drafting.name_of(kept.knower, asker.principal)
        filled = composing.of_draft(kept, asker.principal, name)
        wrong = sentence(str(error))
        return compose_pages.form(request, asker, services, filled, wrong=wrong, at="colleague")
    return RedirectResponse(f"/drafts/{id}#review", 303)


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    key: int,
    wrong: str = "",
    comment: str = "",
    found: list[About] | None = None,
) -> Response:
    told = services.reviewing.show(key, asker.principal)
    pictures = {
        one.href: f"/reviews/{key}/files/{one.number}" for one in told.files if shown_as(one.name)
    }
    links = services.files.of_text(told.body, asker.principal)
    own = {href: f"/documents/{number}" for href, number in links.items()}
    made = page(
        request,
        asker,
        "review.html",
        told=told,
        prose=prose(told.body, told.title, Targets(None, own | pictures, pictures), None),
        points=POINTS,
        point_names=POINT_NAMES,
        wrong=sentence(wrong) if wrong else "",
        comment=comment,
        found=found or [],
    )
    made.status_code = 422 if wrong else 200
    return made
