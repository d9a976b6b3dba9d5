"""What people search for and do not find, as a page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import cursors
from api.auth import Searcher, Writer
from api.deps import PathId, Wired
from api.routes.currency import editor
from api.schemas.gaps import by_of
from api.web import bars
from api.web.rendering import page
from knowledge.asked import GapState
from knowledge.errors import InvalidInput

router = APIRouter(prefix="/gaps", include_in_schema=False)

_SHOWN = 10
_DONE = {
    "dismissed": "It is dismissed. Reopen it if it is one after all.",
    "reopened": "It is open again, until enough people find it.",
}


@router.get("")
def gaps(
    request: Request,
    asker: Searcher,
    services: Wired,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Those in one state, what most people miss first."""
    state = _state(request.query_params.get("state"))
    about = ("gaps page", state.value)
    offset = cursors.decode(request.query_params.get("cursor") or None, *about) or 0
    found, more = services.gap_finder.page(editor(asker), asker.standing, state, offset, _SHOWN)
    return page(
        request,
        asker,
        "gaps.html",
        gaps=[
            (one, by_of(one), bars.weeks([(w.period, w.askers) for w in one.weeks]))
            if one.weeks
            else (one, by_of(one), None)
            for one in found
        ],
        state=state,
        kept_days=services.settings.serve.query_log_days,
        following=cursors.encode(offset + _SHOWN, *about) if more else None,
        said=_DONE.get(done, ""),
    )


@router.post("/{id}/dismiss")
def dismiss(id: PathId, asker: Writer, services: Wired) -> Response:
    """Say that it is none."""
    services.gaps.dismiss(id, editor(asker), asker.standing)
    return RedirectResponse("/gaps?done=dismissed", 303)


@router.post("/{id}/reopen")
def reopen(id: PathId, asker: Writer, services: Wired) -> Response:
    """Say that it is one after all."""
    services.gaps.reopen(id, editor(asker), asker.standing)
    return RedirectResponse("/gaps?done=reopened", 303)


def _state(told: str | None) -> GapState:
    try:
        return GapState(told or GapState.OPEN.value)
    except ValueError as error:
        one_of = ", ".join(GapState)
        raise InvalidInput(f"'state' in this address has to be one of {one_of}") from error
