"""Whether the process lives and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.auth import anybody
from api.deps import Wired
from knowledge.errors import Busy

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """A process that answers."""

    status: str


_LIVES = [anybody("whoever starts processes asks whether they live; nothing is looked at")]
_READY = [anybody("whoever shares requests out asks whether this process takes some")]


@router.head("/livez", include_in_schema=False, dependencies=_LIVES)
@router.get("/livez", dependencies=_LIVES)
async def livez() -> Health:
    """The process lives. Touches nothing."""
    return Health(status="ok")


@router.head("/readyz", include_in_schema=False, dependencies=_READY)
@router.get("/readyz", dependencies=_READY)
def readyz(request: Request, services: Wired) -> Health:
    """The database can be read and the indexes are open and current; 503 otherwise."""
    if request.app.state.stopping.is_set():
        raise Busy("this process is about to end")
    services.index.catch_up()
    return Health(status="ok")
