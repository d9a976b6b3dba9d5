"""Who is who, as pages: pairs who may be one person, what a merge would do, and undoing it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors, mistakes
from api.auth import Administrator, Asker
from api.deps import Wired
from api.mistakes import MENDABLE, Mistake
from api.schemas.fields import MAX_ID, Cursor
from api.services import Services
from api.web.rendering import page
from knowledge.errors import InvalidInput
from knowledge.merging import By

router = APIRouter(prefix="/admin/people", include_in_schema=False)

Id = Annotated[int, Form(ge=1, le=MAX_ID)]
AskedId = Annotated[int, Query(ge=1, le=MAX_ID)]
_PAIRS, _MERGES = 20, 20
_DONE = {
    "merged": "They are one person from now on. Below you can undo it.",
    "two": "They are two people; nobody is asked about them again.",
    "undone": "They are two people again.",
}


def _by(asker: Asker) -> By:
    return By(asker.principal, asker.owner)


def _page(
    request: Request,
    asker: Asker,
    services: Services,
    *,
    cursor: str | None = None,
    said: str = "",
    mistake: Mistake = mistakes.NONE,
) -> Response:
    by = _by(asker)
    offset = cursors.decode(cursor, "merges page") or 0
    merges = services.merging.standing(by)[offset:]
    more = len(merges) > _MERGES
    made = page(
        request,
        asker,
        "people_review.html",
        pairs=services.merging.review(by, _PAIRS),
        merges=merges[:_MERGES],
        following=cursors.encode(offset + _MERGES, "merges page") if more else None,
        said=said,
        mistake=mistake,
    )
    made.status_code = mistake.status
    return made


@router.get("")
def review(
    request: Request,
    asker: Administrator,
    services: Wired,
    cursor: Cursor | None = None,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Pairs who may be one, and who was made one."""
    return _page(request, asker, services, cursor=cursor, said=_DONE.get(done, ""))


@router.get("/merge")
def preview(
    kept: AskedId, gone: AskedId, request: Request, asker: Administrator, services: Wired
) -> Response:
    """What merging two would do."""
    return _preview(kept, gone, request, asker, services)


def _preview(
    kept: int,
    gone: int,
    request: Request,
    asker: Asker,
    services: Services,
    mistake: Mistake = mistakes.NONE,
) -> Response:
    try:
        first, other = services.merging.both(kept, gone, _by(asker))
    except InvalidInput as error:
        mistake = mistakes.of(request, error)
        return _page(request, asker, services, mistake=mistake)
    made = page(request, asker, "people_merge.html", first=first, other=other, mistake=mistake)
    made.status_code = mistake.status
    return made


@router.post("/merge")
def merge(kept: Id, gone: Id, request: Request, asker: Administrator, services: Wired) -> Response:
    """Make them one."""
    try:
        services.merging.merge(kept, gone, _by(asker))
    except MENDABLE as error:
        mistake = mistakes.of(request, error)
        return _preview(kept, gone, request, asker, services, mistake)
    return RedirectResponse("/admin/people?done=merged", 303)


@router.post("/distinguish")
def distinguish(
    one: Id, other: Id, request: Request, asker: Administrator, services: Wired
) -> Response:
    """Say that they are two."""
    try:
        services.merging.distinguish(one, other, _by(asker))
    except MENDABLE as error:
        return _page(request, asker, services, mistake=mistakes.of(request, error))
    return RedirectResponse("/admin/people?done=two", 303)


@router.post("/unmerge")
def unmerge(merge: Id, request: Request, asker: Administrator, services: Wired) -> Response:
    """Make two of one again."""
    try:
        services.merging.unmerge(merge, _by(asker))
    except MENDABLE as error:
        return _page(request, asker, services, mistake=mistakes.of(request, error))
    return RedirectResponse("/admin/people?done=undone", 303)
