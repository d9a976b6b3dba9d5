"""Looking after documents, as pages. They work without scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors, mistakes
from api.auth import Administrator, OwnReader, Writer
from api.deps import PathId, Wired
from api.mistakes import MENDABLE
from api.routes.currency import editor
from api.routes.reading import document_page
from api.routes.succession import LIST
from api.schemas.care import GivenReview
from api.schemas.fields import number_in
from api.web.rendering import page
from knowledge.errors import InvalidInput

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=400)]
Short = Annotated[str, Form(max_length=40)]


@router.get("/me/care")
def own(request: Request, asker: OwnReader, services: Wired) -> Response:
    """What somebody looks after and has to do for it."""
    return page(
        request,
        asker,
        "care.html",
        received=services.handing_over.received(asker.principal),
        reviews=services.care.reviews(asker.principal),
        duplicates=services.duplicates.own(asker.principal),
    )


@router.get("/admin/health")
def health(request: Request, asker: Administrator, services: Wired) -> Response:
    """What nobody looks after, and what is likely there twice."""
    below = cursors.decode(request.query_params.get("cursor") or None, LIST)
    found = services.duplicates.stretch(asker.principal, below)
    return page(
        request,
        asker,
        "health.html",
        overdue=services.care.overdue(asker.principal),
        twice=found,
        following=None if found.following is None else cursors.encode(found.following, LIST),
        resumed=below is not None,
    )


@router.post("/documents/{id}/owner")
def pass_on(
    request: Request,
    id: PathId,
    asker: Writer,
    services: Wired,
    email: Text = "",
    back: Short = "",
) -> Response:
    """Pass a document on to whoever has an address, or back to its main author."""
    try:
        to = None if back else services.roles.colleague(email)
        services.care.pass_on(id, to, editor(asker))
    except MENDABLE as error:
        wrong = mistakes.of(request, error)
        return document_page(
            request, asker, services, id, caring=(wrong, {"form": "owner", "email": email})
        )
    return RedirectResponse(f"/documents/{id}?said=passed#care", 303)


@router.post("/documents/{id}/review")
def review(
    request: Request,
    id: PathId,
    asker: Writer,
    services: Wired,
    at: Short = "",
    months: Short = "",
    usual: Short = "",
) -> Response:
    """Say when a document is to be looked at again."""
    try:
        given = GivenReview()
        if not usual:
            every = number_in(months.strip())
            if months.strip() and every is None:
                raise InvalidInput("write the months as a number, as 6")
            if not at and every is None:
                raise InvalidInput("choose a day, a number of months, or both")
            given = GivenReview.model_validate({"at": at or None, "every_months": every})
        services.care.review(id, given.at, given.every_months, editor(asker), asker.standing)
    except MENDABLE as error:
        wrong, typed = mistakes.of(request, error), {"form": "review", "at": at, "months": months}
        return document_page(request, asker, services, id, caring=(wrong, typed))
    return RedirectResponse(f"/documents/{id}?said=reviewing#care", 303)
