"""The static files. Their addresses hold a digest of their content, so browsers keep them."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def _held() -> dict[str, tuple[str, bytes, str]]:
    """Digest, content and media type by name."""
    found = {}
    for path in sorted(_FOLDER.iterdir()):
        if path.suffix in _TYPES:
            content = path.read_bytes()
            if path.suffix == ".css":
                content = _smaller(content.decode()).encode()
            digest = hashlib.sha256(content).hexdigest()[:12]
            found[path.name] = (digest, content, _TYPES[path.suffix])
    return found


def _smaller(style: str) -> str:
    """A style sheet without the spaces that only its readers need."""
    style = re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", style))
    return re.sub(r":\s", ":", style).replace(";}", "}").strip()


def address(name: str) -> str:
    """Where a static file is served. Raises KeyError for one that is not there."""
    return f"/static/{_held()[name][0]}/{name}"


def whole(name: str) -> tuple[bytes, str, str]:
    """Content, media type and digest of a static file. Raises KeyError for one that is none."""
    digest, content, media_type = _held()[name]
    return content, media_type, digest


def content(digest: str, name: str) -> tuple[bytes, str, bool] | None:
    """Content, media type and whether ``digest`` is this content's; None for no such file."""
    held = _held().get(name)
    return held and (held[1], held[2], held[0] == digest)
