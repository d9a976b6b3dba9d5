"""The search for the pages of other sites: one file, the same for all."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.auth import anybody
from api.conditions import etag
from api.web import assets

router = APIRouter(include_in_schema=False)

# What any page may load, and check against a digest that it names; the address stays, so that
# a new version is everywhere within minutes.
_SHARED = {
    "Cache-Control": "public, max-age=300",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@router.api_route(
    "/widget/v1/widget.js",
    methods=["GET", "HEAD"],
    dependencies=[anybody("a script that is the same for all and stands in pages of other sites")],
)
async def widget(request: Request) -> Response:
    """The script with its styles."""
    content, media_type, digest = assets.whole("widget.js")
    headers = _SHARED | {"ETag": etag(digest)}
    held = request.headers.get("if-none-match", "")
    if held == "*" or etag(digest) in held:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
