"""What those who look after a document say on its page beside whether it holds: what to read before
and after it, and that one can learn writing from it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import Writer
from api.deps import PathId, Wired
from api.mistakes import of
from api.routes.currency import editor
from api.routes.reading import document_page
from knowledge.errors import Conflict, InvalidInput
from knowledge.steps import MOST, Typed

router = APIRouter(prefix="/documents", include_in_schema=False)

Text = Annotated[str, Form(max_length=5000)]
Short = Annotated[str, Form(max_length=40)]
Title = Annotated[str, Form(max_length=2000)]
Titles = Annotated[list[Title], Form(max_length=3 * MOST)]


@router.post("/{id}/steps")
def steps(
    request: Request,
    id: PathId,
    asker: Writer,
    services: Wired,
    before: Titles = [],  # noqa: B006
    after: Titles = [],  # noqa: B006
) -> Response:
    """Say what to read before it, and what to go on with: a title, number or address in each
    field."""
    typed = Typed(*(tuple(one for one in side if one.strip()) for side in (before, after)))
    try:
        sides = services.paths.meant(typed, asker.principal)
        services.paths.put(id, *sides, editor(asker), asker.standing)
    except InvalidInput as error:
        wrong = of(request, error)
        return document_page(request, asker, services, id, leading=(wrong, typed), place="steps")
    return _back(id, "steps")


@router.post("/{id}/exemplar")
def exemplar(
    request: Request,
    id: PathId,
    asker: Writer,
    services: Wired,
    action: Short = "",
    why: Text = "",
) -> Response:
    """Choose it as an example, take that back, or decline it as one who made it."""
    gallery = services.gallery
    try:
        if action == "choose":
            gallery.choose(id, why, editor(asker), asker.standing)
            return _back(id, "chosen")
        if action == "remove":
            gallery.remove(id, editor(asker), asker.standing)
            return _back(id, "unchosen")
        if action not in ("decline", "allow"):
            raise InvalidInput("choose one of the buttons")
        gallery.decline(id, asker.principal, action == "decline")
    except (InvalidInput, Conflict) as error:
        return document_page(
            request, asker, services, id, of(request, error).said, why, place="exemplar"
        )
    return _back(id, "declined" if action == "decline" else "allowed")


def _back(key: int, said: str) -> Response:
    return RedirectResponse(f"/documents/{key}?said={said}#judging", 303)
