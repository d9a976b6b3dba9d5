"""Documents from which one learns how to write, as a page and over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.auth import Reader, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.currency import editor
from api.schemas.teaching import ExemplarList, GivenExemplar, exemplar_out
from api.web.answers import makers
from api.web.rendering import page

router = APIRouter()
_FULL: dict[int | str, dict[str, Any]] = {
    507: {"description": "The disk is full; nothing was kept"}
}


@router.get("/gallery", include_in_schema=False)
def show(request: Request, asker: Reader, services: Wired) -> Response:
    """All that the asker may read."""
    found = services.gallery.shown(asker.principal)
    shown = [(one, makers(one.document.contributions)) for one in found]
    return page(request, asker, "gallery.html", shown=shown)


@router.get(f"{V1}/gallery", tags=["documents"])
def gallery(asker: Reader, services: Wired) -> ExemplarList:
    """Documents to learn writing from, of those that you may read, the newest first."""
    found = services.gallery.shown(asker.principal)
    return ExemplarList(exemplars=[exemplar_out(one) for one in found])


@router.put(
    f"{V1}/documents/{{id}}/exemplar",
    tags=["documents"],
    status_code=204,
    responses={409: {"description": "Somebody who made it declined"}, **_FULL},
)
def choose(id: PathId, given: GivenExemplar, asker: Writer, services: Wired) -> None:
    """Choose a document as an example: administrators, curators of its source or of one of its
    tags, and the steward of its topic."""
    services.gallery.choose(id, given.why, editor(asker), asker.standing)


@router.delete(
    f"{V1}/documents/{{id}}/exemplar", tags=["documents"], status_code=204, responses=_FULL
)
def unchoose(id: PathId, asker: Writer, services: Wired) -> None:
    """Let a document be an example no more."""
    services.gallery.remove(id, editor(asker), asker.standing)
