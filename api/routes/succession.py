"""What replaces what, and what is likely there twice."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api import cursors
from api.auth import Administrator, OwnReader, Reader, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.currency import editor
from api.schemas.fields import Cursor
from api.schemas.succession import (
    GivenDocuments,
    GivenSuccessor,
    Merged,
    PairList,
    StretchOut,
    SuccessorOut,
    line_out,
    pairs_out,
    stretch_out,
)

_Responses = dict[int | str, dict[str, Any]]
_FULL: _Responses = {507: {"description": "The disk is full; nothing was kept"}}
_GONE: _Responses = {404: {"description": "There is no such document that you can read"}}
_MERGED: _Responses = {409: {"description": "It was merged into a document that you can read"}}
_CHANGED: _Responses = {409: {"description": "One of the two changed or was merged meanwhile"}}

LIST = "duplicates"
"""Whose cursors they are."""

router = APIRouter(prefix=V1, tags=["documents"])


@router.get("/documents/{id}/successor")
def successor(id: PathId, asker: Reader, services: Wired) -> SuccessorOut:
    """What replaced a document, and what it replaced, of what you can read."""
    return line_out(services.succession.show(id, editor(asker), asker.standing))


@router.put("/documents/{id}/successor", responses=_FULL | _MERGED)
def supersede(id: PathId, given: GivenSuccessor, asker: Writer, services: Wired) -> SuccessorOut:
    """Say that another document replaced this one, which you look after. Whoever can read the newer
    one finds this one no more by searching, and still by its address."""
    services.succession.supersede(id, given.document_id, editor(asker), asker.standing)
    return line_out(services.succession.show(id, editor(asker), asker.standing))


@router.delete("/documents/{id}/successor", status_code=204, responses=_FULL | _MERGED)
def restore(id: PathId, asker: Writer, services: Wired) -> None:
    """Say that nothing replaced it."""
    services.succession.restore(id, editor(asker), asker.standing)


@router.post("/documents/merges", status_code=201, responses=_FULL | _GONE | _CHANGED)
def merge(given: GivenDocuments, asker: Writer, services: Wired) -> Merged:
    """Make one document of two that were written here and that you may change. Those who made
    either made it; who can read both can read it. Both stay as they are for everybody else."""
    made = services.succession.merge(
        given.first, given.second, given.title, given.body, editor(asker)
    )
    return Merged(id=made)


@router.delete("/documents/merges/{id}", status_code=204, responses=_FULL)
def unmerge(id: PathId, asker: Writer, services: Wired) -> None:
    """Take a merge back. What was made is deleted, if nobody changed it since."""
    services.succession.unmerge(id, editor(asker))


@router.get("/people/me/duplicates")
def own_duplicates(asker: OwnReader, services: Wired) -> PairList:
    """What of your own is likely there twice, among what you can read."""
    return pairs_out(services.duplicates.own(asker.principal))


@router.get("/duplicates")
def duplicates(
    asker: Administrator, services: Wired, cursor: Annotated[Cursor | None, Query()] = None
) -> StretchOut:
    """What is likely there twice, of what you can read. A page looks at some of the documents, so
    that it takes no longer than a few seconds; all pages together look at every one."""
    found = services.duplicates.stretch(asker.principal, cursors.decode(cursor, LIST))
    following = found.following
    return stretch_out(found, None if following is None else cursors.encode(following, LIST))
