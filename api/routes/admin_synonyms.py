"""The company's jargon as a page: what a term is called elsewhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import mistakes
from api.auth import Administrator, Asker
from api.deps import PathId, Wired
from api.mistakes import MENDABLE, Mistake
from api.services import Services
from api.web.rendering import page

router = APIRouter(prefix="/admin/synonyms", include_in_schema=False)

Text = Annotated[str, Form(max_length=2000)]
_BLANK = {"term": "", "meaning": "", "both": ""}
_DONE = {
    "added": "It counts from the next search on.",
    "removed": "It is forgotten, from the next search on.",
}


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    *,
    told: dict[str, str] | None = None,
    said: str = "",
    mistake: Mistake = mistakes.NONE,
) -> Response:
    held = services.jargon.all_of_them()
    made = page(
        request,
        asker,
        "synonyms.html",
        synonyms=sorted(held, key=lambda one: (one.term.casefold(), one.id)),
        told=told or _BLANK,
        said=said,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made


@router.get("")
def show(
    request: Request,
    asker: Administrator,
    services: Wired,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Every synonym, and the form for another."""
    return _page(request, asker, services, said=_DONE.get(done, ""))


@router.post("")
def add(
    request: Request,
    asker: Administrator,
    services: Wired,
    term: Text = "",
    meaning: Text = "",
    both: Text = "",
) -> Response:
    """Say what a term means."""
    try:
        services.jargon.add(term, meaning, bool(both), by=asker.owner)
    except MENDABLE as error:
        told = {"term": term, "meaning": meaning, "both": both}
        return _page(request, asker, services, told=told, mistake=mistakes.of(request, error))
    return RedirectResponse("/admin/synonyms?done=added", 303)


@router.post("/{id}/remove")
def remove(id: PathId, asker: Administrator, services: Wired) -> Response:
    """Forget one."""
    services.jargon.remove(id, asker.owner)
    return RedirectResponse("/admin/synonyms?done=removed", 303)
