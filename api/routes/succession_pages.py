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
from api.services import Services
from api.web.rendering import page
from knowledge import pointing
from knowledge.differences import difference
from knowledge.drafts import MAX_BODY
from knowledge.errors import InvalidInput
from knowledge.revising import heading_lines

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
        return _page(request, asker, services, id, _other(services, asker, id, by) if by else None)
    except InvalidInput as error:
        return _page(request, asker, services, id, None, mistakes.of(request, error), {"by": by})


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
        other = _other(services, asker, id, by)
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
        typed = {"title": title, "body": body} if how == "merge" else {}
        if other is None:
            typed["by"] = by
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
    document = services.editing.show(id, editor(asker)).document
    pair, may_be_replaced = None, False
    if by is not None:
        pair = services.succession.both(id, by, editor(asker))
        theirs = services.succession.show(by, editor(asker), asker.standing)
        may_be_replaced = theirs.may_replace
    filled = {"by": "", "title": "", "body": ""}
    if pair:
        filled = {"by": f"/documents/{pair.new.id}", "title": pair.new.title, "body": pair.together}
    made = page(
        request,
        asker,
        "replace.html",
        document=document,
        may_replace=told.may_replace,
        may_be_replaced=may_be_replaced,
        pair=pair,
        differs=difference(pair.old_body, pair.new_body) if pair else None,
        headings=heading_lines(pair.old_body) | heading_lines(pair.new_body) if pair else (),
        mistake=mistake,
        typed=filled | (typed or {}),
    )
    made.status_code = mistake.status
    return made


def _other(services: Services, asker: Asker, id: int, typed: str) -> int:
    """The other document that is meant. Raises InvalidInput."""
    found = pointing.meant(services.database, typed, asker.principal, "by")
    if found == id:
        raise InvalidInput("choose two documents", "by")
    return found
