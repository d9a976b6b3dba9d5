"""What would be lost if somebody left."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.auth import Reader
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.topics import is_admin
from api.schemas.topics import LeavingOut, leaving_out
from indexer.leaving import guide, leaving

_Responses = dict[int | str, dict[str, Any]]
_GONE: _Responses = {404: {"description": "There is nobody of this id whom you may see"}}

router = APIRouter(prefix=f"{V1}/people/{{id}}/leaving", tags=["topics"], responses=_GONE)


@router.get("")
def lost(id: PathId, asker: Reader, services: Wired) -> LeavingOut:
    """Topics of which they hold much, with and without them, their documents that nobody else made
    and those to verify. For administrators; stewards are told of their own topics. It rests on what
    you may read, and on what they agree to be found by."""
    return leaving_out(leaving(services.topics, id, asker.principal, admin=is_admin(asker)))


@router.get(
    "/guide",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}},
)
def questions(id: PathId, asker: Reader, services: Wired) -> Response:
    """What to ask them before, as Markdown."""
    found = leaving(services.topics, id, asker.principal, admin=is_admin(asker))
    headers = {"Content-Disposition": f'attachment; filename="interview-{found.person.id}.md"'}
    return Response(guide(found), media_type="text/markdown", headers=headers)
