"""What every endpoint is given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from api.services import Services


async def _services(request: Request) -> Services:  # async: it needs no thread
    made: Services = request.app.state.services
    return made


Wired = Annotated[Services, Depends(_services)]
