"""Whether the process lives and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Wired

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """A process that answers."""

    status: str


@router.get("/livez")
async def livez() -> Health:
    """The process lives. Touches nothing."""
    return Health(status="ok")


@router.get("/readyz")
def readyz(services: Wired) -> Health:
    """The database can be read and the indexes are open and current."""
    services.index.catch_up()
    return Health(status="ok")
