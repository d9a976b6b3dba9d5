"""The interface's description as a page to try it on, from files of our own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

import api.web
from api.auth import anybody
from api.routes import V1
from knowledge.errors import NotFound

router = APIRouter(
    include_in_schema=False,
    dependencies=[anybody("what the interface is like is the same everywhere, and published")],
)

_PAGE = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>whoknows: the HTTP interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="swagger-ui" data-description="{V1}/openapi.json"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
"""


@cache
def _assets() -> dict[str, Path]:
    swagger = Path(str(files("fastapi_offline"))) / "static"
    return {
        "swagger-ui.css": swagger / "swagger-ui.css",
        "swagger-ui-bundle.js": swagger / "swagger-ui-bundle.js",
        "start.js": Path(api.web.__file__).parent / "static" / "docs.js",
    }


@router.api_route(f"{V1}/openapi.json", methods=["GET", "HEAD"])
async def description(request: Request) -> Response:
    """The description itself."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
async def docs() -> Response:
    """Swagger UI over the description."""
    return HTMLResponse(_PAGE)


@router.get("/docs/{name}")
def asset(name: str) -> Response:
    """One of the page's files."""
    if name not in _assets():
        raise NotFound("there is no such file")
    return FileResponse(_assets()[name], headers={"Cache-Control": "public, max-age=86400"})
