"""Pictures that people paste into what they write: known by how they begin, and not too large."""

from __future__ import annotations

import hashlib
from pathlib import PurePath

from knowledge.errors import InvalidInput
from knowledge.types import Attachment

MAX_BYTES = 5_000_000
# How files begin of which a browser shows the content without running anything.
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF87a": ".gif",
    b"GIF89a": ".gif",
}


def picture(name: str, data: bytes) -> Attachment:
    """A picture as a file of a document; the same one is always called the same.

    Raises InvalidInput for what is no picture, or too large.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"the picture is larger than {MAX_BYTES // 1_000_000} MB; make it smaller"
        )
    suffix = _suffix(data)
    digest = hashlib.sha256(data).hexdigest()
    stem = PurePath(name.replace("\\", "/")).stem.strip()[:100]
    called = f"{stem if stem and stem.isprintable() else 'picture'}{suffix}"
    return Attachment(f"picture-{digest[:16]}{suffix}", called, digest, len(data), data=data)


def _suffix(data: bytes) -> str:
    for beginning, suffix in _BEGINNINGS.items():
        if data.startswith(beginning):
            return suffix
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    raise InvalidInput("this is no picture that can be shown; take a PNG, JPEG, GIF or WebP file")
