"""Files of documents on their way to a browser: shown where that is harmless, else handed over."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote

from fastapi import Response

from api.routes import V1
from knowledge.types import KeptFile

# What a browser shows without running anything. SVG is a document that may hold scripts.
_SHOWN = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
}
# Directives that default-src does not stand in for are named.
_SANDBOX = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


def shown_as(name: str) -> str | None:
    """The type of a picture that a browser may show; None for what it must not."""
    return _SHOWN.get(PurePath(name).suffix.lower())


def files_address(document_id: int, number: int) -> str:
    """Where a document's file is."""
    return f"{V1}/documents/{document_id}/files/{number}"


def draft_files_address(draft_id: int, number: int) -> str:
    """Where a picture of a draft is, for its author."""
    return f"{V1}/drafts/{draft_id}/files/{number}"


def response(file: KeptFile, data: bytes) -> Response:
    """The file itself, in a sandbox should a browser ever take it for a page."""
    picture = shown_as(file.name)
    name = PurePath(file.name.replace("\\", "/")).name or "file"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    how = "inline" if picture else "attachment"
    return Response(
        data,
        media_type=picture or "application/octet-stream",
        headers={
            "Content-Disposition": f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": _SANDBOX,
            "Cache-Control": "private, no-cache",
        },
    )
