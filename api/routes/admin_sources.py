"""Sources as a page: what of each one may read, who looks after it, and how it came in last."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.auth import Overseer
from api.deps import Wired
from api.web.rendering import page

router = APIRouter(prefix="/admin/sources", include_in_schema=False)


@router.get("")
def show(request: Request, asker: Overseer, services: Wired) -> Response:
    """Those that one looks after, and one's own."""
    found = services.sources.of(asker.principal, asker.standing, asker.owner)
    return page(request, asker, "sources.html", sources=found)
