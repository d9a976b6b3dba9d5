"""What every endpoint is given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from api.schemas.fields import MAX_ID
from api.services import Services


async def _services(request: Request) -> Services:  # async: it needs no thread
    made: Services = request.app.state.services
    return made


Wired = Annotated[Services, Depends(_services)]
PathId = Annotated[int, Path(ge=1, le=MAX_ID, alias="id", description="Its id.")]
