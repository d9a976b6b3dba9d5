"""Replacing and merging documents, as pages. They work without scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Asker, Writer
from api.deps import PathId, Wired
from api.mistakes import MENDABLE, Mistake
from api.routes.currency import editor
from api.schemas.fields import number_in
from api.services import Services
from api.web.rendering import page
from knowledge.drafts import MAX_BODY
from knowledge.errors import InvalidInput, NotFound

router = APIRouter(prefix="/documents", include_in_schema=False)

Text = Annotated[str, Form(max_length=2000)]
Body = Annotated[str, Form(max_length=2 * MAX_BODY)]
Short = Annotated[str, Form(max_length=40)]


@router.get("/{id}/replace")
def ask(
    request: Request,
    id: PathId,
    asker: Writer,
    services: Wired,
    by: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """What replaces a document: which one, and then how."""
    try:
        return _page(request, asker, services, id, _number(by) if by else None)
    except InvalidInput as error:
        return _page(request, asker, services, id, None, mistakes.of(request, error))


@router.post("/{id}/replace")
def change(
    request: Request,
    id: PathId,
    asker: Writer,
    services: Wired,
    by: Text = "",
    how: Short = "",
    title: Text = "",
    body: Body = "",
) -> Response:
    """Say that another one replaced it, that it replaced the other one, or merge both."""
    other = None
    try:
        other = _number(by)
        if how == "merge":
            # Browsers send the ends of lines as two characters.
            text = body.replace("\r\n", "\n")
            made = services.succession.merge(other, id, title, text, editor(asker))
            return RedirectResponse(f"/documents/{made}", 303)
        if how not in ("old", "new"):
            raise InvalidInput("choose one of the buttons")
        old, new = (id, other) if how == "old" else (other, id)
        services.succession.supersede(old, new, editor(asker), asker.standing)
    except MENDABLE as error:
        typed = {"title": title, "body": body} if how == "merge" else None
        return _page(request, asker, services, id, other, mistakes.of(request, error), typed)
    return RedirectResponse(f"/documents/{new}?said=replaced#line", 303)


@router.post("/{id}/restore")
def restore(id: PathId, asker: Writer, services: Wired, merge: Short = "") -> Response:
    """Take back that something replaced it, or that it was made of two."""
    if merge:
        parts = services.succession.show(id, editor(asker), asker.standing).mergers
        gone = services.succession.unmerge(id, editor(asker))
        after = f"/documents/{parts[0]}" if gone and parts else "/" if gone else f"/documents/{id}"
        return RedirectResponse(after, 303)
    services.succession.restore(id, editor(asker), asker.standing)
    return RedirectResponse(f"/documents/{id}?said=restored#line", 303)


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    id: int,
    by: int | None,
    mistake: Mistake = mistakes.NONE,
    typed: dict[str, str] | None = None,
) -> Response:
    told = services.succession.show(id, editor(asker), asker.standing)
    pair, wrong = None, mistake
    document = services.editing.show(id, editor(asker)).document
    if by is not None:
        try:
            pair = services.succession.both(id, by, editor(asker))
        except (NotFound, InvalidInput) as error:
            said = InvalidInput("there is no other document of that address that you can read")
            wrong = mistake if mistake.said else mistakes.of(request, said)
            del error
    theirs = by is not None and pair is not None
    may_be_replaced = (
        theirs and services.succession.show(by or 0, editor(asker), asker.standing).may_replace
    )
    made = page(
        request,
        asker,
        "replace.html",
        document=document,
        may_replace=told.may_replace,
        may_be_replaced=may_be_replaced,
        pair=pair,
        mistake=wrong,
        typed=typed or ({"title": pair.new.title, "body": pair.new_body} if pair else {}),
    )
    made.status_code = wrong.status
    return made


def _number(told: str) -> int:
    """Which document an address or a number means."""
    path = told.strip().split("?")[0].split("#")[0].rstrip("/")
    key = number_in(path.rpartition("/documents/")[2] if "/" in path else path)
    if key is None:
        raise InvalidInput("give the address of the document here, as …/documents/12")
    return key
