"""What people search for and do not find, for those who can do something about it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import cursors
from api.auth import Searcher, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.currency import editor
from api.schemas.gaps import GapList, GapQuestion, gap_out

_Responses = dict[int | str, dict[str, Any]]
_MOVED: _Responses = {404: {}, 507: {"description": "The disk is full; nothing was kept"}}

router = APIRouter(prefix=f"{V1}/gaps", tags=["gaps"])


@router.get("", responses={507: {"description": "The disk is full; nothing was kept"}})
def gaps(asked: Annotated[GapQuestion, Query()], asker: Searcher, services: Wired) -> GapList:
    """What several people searched for and did not find, for administrators and for curators of
    anything; empty for anybody else. Nothing is told that fewer than five people did in a week."""
    about = ("gaps", asked.state.value)
    offset = cursors.decode(asked.cursor, *about) or 0
    found, more = services.gap_finder.page(
        editor(asker), asker.standing, asked.state, offset, asked.limit
    )
    following = cursors.encode(offset + asked.limit, *about) if more else None
    return GapList(gaps=[gap_out(one) for one in found], next_cursor=following)


@router.post("/{id}/dismiss", status_code=204, responses=_MOVED)
def dismiss(id: PathId, asker: Writer, services: Wired) -> None:
    """Say that it is none: it is listed no more, whatever is searched for."""
    services.gaps.dismiss(id, editor(asker), asker.standing)


@router.post("/{id}/reopen", status_code=204, responses=_MOVED)
def reopen(id: PathId, asker: Writer, services: Wired) -> None:
    """Say that it is one after all: it closes again when enough people find it."""
    services.gaps.reopen(id, editor(asker), asker.standing)
