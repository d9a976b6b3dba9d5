"""Being somebody else, in the demo only: to see that everyone finds only what they may read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import anybody
from api.auth.demo import COOKIE, DemoDoor
from api.auth.origin import local_path, refuse_foreign
from knowledge.errors import NotFound

router = APIRouter(include_in_schema=False)


def _door(request: Request) -> DemoDoor:
    door = request.app.state.door
    if not isinstance(door, DemoDoor):
        raise NotFound("only the demo lets you be somebody else")
    return door


@router.post("/demo/person", dependencies=[anybody("in the demo everybody may be anybody")])
def be(
    request: Request,
    door: Annotated[DemoDoor, Depends(_door)],
    person: Annotated[int, Form()],
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Go on as another of the sample company's people."""
    refuse_foreign(request)
    if person not in {known.id for known in door.people()}:
        raise NotFound("no such person")
    response = RedirectResponse(local_path(next), 303)
    response.set_cookie(COOKIE, str(person), httponly=True, samesite="strict")
    return response
