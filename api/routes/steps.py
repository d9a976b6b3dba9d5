"""What to read before a document, and what to go on with."""

from __future__ import annotations

from fastapi import APIRouter

from api.auth import Reader, Writer
from api.deps import PathId, Wired
from api.routes import V1
from api.routes.currency import editor
from api.schemas.teaching import GivenSteps, StepsOut, steps_out

router = APIRouter(prefix=f"{V1}/documents", tags=["documents"])


@router.get("/{id}/steps")
def steps(id: PathId, asker: Reader, services: Wired) -> StepsOut:
    """What to read before a document, and what to go on with, as far as you may read it."""
    return steps_out(services.paths.of(id, editor(asker), asker.standing))


@router.put("/{id}/steps", responses={507: {"description": "The disk is full; nothing was kept"}})
def put_steps(id: PathId, given: GivenSteps, asker: Writer, services: Wired) -> StepsOut:
    """Say what to read before a document and after it, if you look after it."""
    put = services.paths.put
    told = put(id, given.before, given.after, editor(asker), asker.standing)
    return steps_out(told)
